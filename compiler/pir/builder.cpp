#include "compiler/pir/builder.h"

#include <algorithm>

namespace parlane::pir {

void Builder::before(OpId op) {
    current = fn().ops[op].parent;
    const auto &ops = fn().regions[current].ops;
    position = static_cast<size_t>(std::find(ops.begin(), ops.end(), op) - ops.begin());
}

bool Builder::terminated() {
    const auto &ops = fn().regions[current].ops;
    return !ops.empty() && isTerminator(fn().ops[ops.back()].code);
}

OpId Builder::op(OpCode code, TypeId type, std::vector<ValueId> operands, std::vector<Attr> attrs, std::string_view name) {
    Function &f = fn();
    Op made;
    made.code = code;
    made.loc = loc;
    made.parent = current;
    made.operands = std::move(operands);
    std::sort(attrs.begin(), attrs.end(), [](const Attr &a, const Attr &b) { return a.key < b.key; });
    made.attrs = std::move(attrs);
    OpId id = f.ops.next();
    if (type.valid() && types().kind(type) != TypeKind::Unit) {
        NameId name_id = name.empty() ? NameId{} : module.names.intern(name);
        made.result = f.values.add({type, name_id, id, {}});
    }
    f.ops.add(std::move(made));
    auto &ops = f.regions[current].ops;
    if (position == kEnd) ops.push_back(id);
    else ops.insert(ops.begin() + static_cast<ptrdiff_t>(position++), id);
    return id;
}

ValueId Builder::emit(OpCode code, TypeId type, std::vector<ValueId> operands, std::vector<Attr> attrs, std::string_view name) {
    return fn().ops[op(code, type, std::move(operands), std::move(attrs), name)].result;
}

RegionId Builder::addRegion(OpId op, Role role, int64_t index) {
    RegionId id = fn().regions.add({op, role, index, {}, {}});
    fn().ops[op].regions.push_back(id);
    return id;
}

ValueId Builder::addParam(RegionId region, TypeId type, std::string_view name) {
    NameId name_id = name.empty() ? NameId{} : module.names.intern(name);
    ValueId id = fn().values.add({type, name_id, {}, region});
    fn().regions[region].params.push_back(id);
    return id;
}

ValueId Builder::compare(OpCode code, ValueId a, ValueId b) {
    const Type &type = types()[fn().type(a)];
    bool vector = type.kind == TypeKind::Vec || type.kind == TypeKind::Mask;
    return emit(code, vector ? types().mask(type.dims[0]) : types().boolean(), {a, b});
}

ValueId Builder::copy(ValueId ref_or_view) {
    const Type &type = types()[fn().type(ref_or_view)];
    return emit(OpCode::Copy, type.kind == TypeKind::View ? types().array(type.elem, type.dims[0]) : type.elem, {ref_or_view});
}

ValueId Builder::view(ValueId ref) {
    const Type &type = types()[types()[fn().type(ref)].elem];
    TypeId result;
    if (type.kind == TypeKind::Str) result = types().view(types().u8(), 1);
    else if (type.kind == TypeKind::Fixed) result = types().view(type.elem, static_cast<int64_t>(type.dims.size()));
    else result = types().view(type.elem, type.dims[0]);
    return emit(OpCode::View, result, {ref});
}

ValueId Builder::field(ValueId ref, int64_t number) {
    const Type &type = types()[types()[fn().type(ref)].elem];
    return emit(OpCode::Field, types().ref(type.parts[static_cast<size_t>(number)]), {ref}, {{AttrKey::Field, number}});
}

ValueId Builder::get(ValueId aggregate, int64_t number) {
    const Type &type = types()[fn().type(aggregate)];
    return emit(OpCode::Get, type.parts[static_cast<size_t>(number)], {aggregate}, {{AttrKey::Field, number}});
}

ValueId Builder::payload(ValueId value_or_ref, int64_t number) {
    const Type &operand = types()[fn().type(value_or_ref)];
    bool ref = operand.kind == TypeKind::Ref;
    const Type &type = ref ? types()[operand.elem] : operand;
    TypeId part = type.kind == TypeKind::Optional ? type.elem : type.parts[static_cast<size_t>(number)];
    return emit(OpCode::Payload, ref ? types().ref(part) : part, {value_or_ref}, {{AttrKey::Case, number}});
}

ValueId Builder::elem(ValueId view, std::vector<ValueId> indices, Bounds bounds, Own own, OpId region) {
    const Type *type = &types()[fn().type(view)];
    if (type->kind == TypeKind::Ref) type = &types()[type->elem];
    TypeId result = types().ref(type->elem);
    indices.insert(indices.begin(), view);
    std::vector<Attr> attrs = {{AttrKey::Bounds, static_cast<int64_t>(bounds)}, {AttrKey::Own, static_cast<int64_t>(own)}};
    if (region.valid()) attrs.push_back({AttrKey::Region, int64_t{region.raw}});
    return emit(OpCode::Elem, result, std::move(indices), std::move(attrs));
}

void Builder::check(ValueId condition, Trap kind, std::vector<ValueId> values, std::string_view text) {
    values.insert(values.begin(), condition);
    std::vector<Attr> attrs = {{AttrKey::Trap, static_cast<int64_t>(kind)}};
    if (!text.empty()) attrs.push_back({AttrKey::Text, std::string(text)});
    op(OpCode::Check, {}, std::move(values), std::move(attrs));
}

ValueId Builder::call(FunctionId callee, std::vector<ValueId> arguments) {
    return emit(OpCode::Call, module.functions[callee].result, std::move(arguments), {{AttrKey::Callee, int64_t{callee.raw}}});
}

ValueId Builder::callRt(std::string_view name, TypeId result, std::vector<ValueId> arguments) {
    return emit(OpCode::CallRt, result, std::move(arguments), {{AttrKey::Name, std::string(name)}});
}

FunctionId addFunction(Module &module, std::string name, TypeId result, TypeId throws) {
    FunctionId id = module.functions.add({});
    Function &made = module.functions[id];
    made.name = std::move(name);
    made.result = result;
    made.throws = throws;
    made.body = made.regions.add({});
    return id;
}

ValueId addParameter(Module &module, FunctionId function, TypeId type, PassMode mode, std::string_view name) {
    Function &f = module.functions[function];
    NameId name_id = name.empty() ? NameId{} : module.names.intern(name);
    ValueId id = f.values.add({type, name_id, {}, f.body});
    f.regions[f.body].params.push_back(id);
    f.modes.push_back(mode);
    return id;
}

} // namespace parlane::pir
