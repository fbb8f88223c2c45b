// Appends ops to a function.
#pragma once
#include "compiler/pir/pir.h"

namespace parlane::pir {

/// Inserts at the end of a current region (or before an op). Does no checking beyond types it must compute; the verifier does.
class Builder {
public:
    Builder(Module &module, FunctionId function) : module(module), function_id(function) {
        if (fn().body.valid()) at(fn().body);
    }

    Module &module;
    FunctionId function_id;
    LocId loc; ///< of the ops to come

    Function &fn() { return module.functions[function_id]; }
    Types &types() { return module.types; }
    void at(RegionId region) { current = region, position = kEnd; }
    /// The ops to come stand in front of `op`.
    void before(OpId op);
    RegionId region() const { return current; }
    /// Does the current region end with a terminator?
    bool terminated();

    /// Sets loc.
    void locate(source::Span span, LocId caller = {}) { loc = module.location({span, caller}); }

    /// An op with everything given; result value made if `type` is valid and not unit.
    OpId op(OpCode code, TypeId type, std::vector<ValueId> operands = {}, std::vector<Attr> attrs = {}, std::string_view name = {});
    /// As `op`, gives the result (none if it has none).
    ValueId emit(OpCode code, TypeId type, std::vector<ValueId> operands = {}, std::vector<Attr> attrs = {}, std::string_view name = {});
    /// A new region of an op; enter it with `at`.
    RegionId addRegion(OpId op, Role role, int64_t index = 0);
    ValueId addParam(RegionId region, TypeId type, std::string_view name = {});
    /// Runs `body` with a new region of `op` as the current one, then comes back.
    template <class F> RegionId in(OpId op, Role role, int64_t index, F &&body) {
        RegionId made = addRegion(op, role, index), old = current;
        size_t old_position = position;
        at(made);
        body(made);
        current = old, position = old_position;
        return made;
    }
    template <class F> RegionId in(OpId op, Role role, F &&body) { return in(op, role, 0, std::forward<F>(body)); }

    ValueId constInt(TypeId type, int64_t value) { return emit(OpCode::Const, type, {}, {{AttrKey::Value, value}}); }
    ValueId constInt(int64_t value) { return constInt(types().i64(), value); }
    ValueId constBool(bool value) { return constInt(types().boolean(), value); }
    ValueId constFloat(TypeId type, double value) { return emit(OpCode::Const, type, {}, {{AttrKey::Value, value}}); }
    ValueId constStr(std::string value) { return emit(OpCode::Const, types().str(), {}, {{AttrKey::Value, std::move(value)}}); }
    ValueId zero(TypeId type) { return emit(OpCode::Zero, type); }

    /// One operand and result type.
    ValueId unary(OpCode code, ValueId a) { return emit(code, fn().type(a), {a}); }
    ValueId binary(OpCode code, ValueId a, ValueId b) { return emit(code, fn().type(a), {a, b}); }
    /// eq ne lt le: bool, or a mask for vectors.
    ValueId compare(OpCode code, ValueId a, ValueId b);
    ValueId convert(ValueId a, TypeId type) { return emit(OpCode::Convert, type, {a}); }

    ValueId slot(TypeId type, std::string_view name = {}) { return emit(OpCode::Slot, types().ref(type), {}, {}, name); }
    ValueId load(ValueId ref) { return emit(OpCode::Load, types()[fn().type(ref)].elem, {ref}); }
    void store(ValueId ref, ValueId value) { op(OpCode::Store, {}, {ref, value}); }
    ValueId take(ValueId ref) { return emit(OpCode::Take, types()[fn().type(ref)].elem, {ref}); }
    void drop(ValueId ref_or_value) { op(OpCode::Drop, {}, {ref_or_value}); }
    ValueId copy(ValueId ref_or_view);
    ValueId view(ValueId ref);
    /// ref of a part: field of struct or tuple.
    ValueId field(ValueId ref, int64_t number);
    /// ref to what a ref to a box holds.
    ValueId boxed(ValueId ref) { return emit(OpCode::Field, types().ref(types()[types()[fn().type(ref)].elem].elem), {ref}); }
    /// Part of a struct or tuple value.
    ValueId get(ValueId aggregate, int64_t number);
    ValueId tag(ValueId value_or_ref) { return emit(OpCode::Tag, types().u8(), {value_or_ref}); }
    /// Payload of a value, or ref to the payload of a ref.
    ValueId payload(ValueId value_or_ref, int64_t number);
    ValueId extent(ValueId view, int64_t dim) { return emit(OpCode::Extent, types().i64(), {view}, {{AttrKey::Dim, dim}}); }
    /// `region` names the par.* op if own is Loop.
    ValueId elem(ValueId view, std::vector<ValueId> indices, Bounds bounds, Own own, OpId region = {});
    void check(ValueId condition, Trap kind, std::vector<ValueId> values = {}, std::string_view text = {});
    ValueId call(FunctionId callee, std::vector<ValueId> arguments);
    ValueId callRt(std::string_view name, TypeId result, std::vector<ValueId> arguments);
    void leave(OpId target) { op(OpCode::Leave, {}, {}, {{AttrKey::Target, int64_t{target.raw}}}); }
    void leave(OpId target, ValueId value) { op(OpCode::Leave, {}, {value}, {{AttrKey::Target, int64_t{target.raw}}}); }
    void again(OpId target) { op(OpCode::Again, {}, {}, {{AttrKey::Target, int64_t{target.raw}}}); }
    void yield(std::vector<ValueId> values = {}) { op(OpCode::Yield, {}, std::move(values)); }
    void ret() { op(OpCode::Return, {}); }
    void ret(ValueId value) { op(OpCode::Return, {}, {value}); }

private:
    static constexpr size_t kEnd = ~size_t{0};
    RegionId current;
    size_t position = kEnd;
};

/// A new function with an empty body region; parameters follow by `addParameter`.
FunctionId addFunction(Module &module, std::string name, TypeId result, TypeId throws = {});
ValueId addParameter(Module &module, FunctionId function, TypeId type, PassMode mode, std::string_view name = {});

} // namespace parlane::pir
