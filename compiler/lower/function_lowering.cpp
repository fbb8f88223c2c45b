#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::PassMode;
using pir::TypeKind;
using types::Mode;

bool isSmallPlain(const pir::Types &types, PType type) {
    const pir::Type &t = types[type];
    switch (t.kind) {
    case TypeKind::Tuple:
    case TypeKind::Struct:
    case TypeKind::Enum:
    case TypeKind::Optional: break;
    default: return pir::isScalar(t.kind) || t.kind == TypeKind::Unit || t.kind == TypeKind::View;
    }
    constexpr int64_t kMost = 8;
    if (types.scalars(type) > kMost) return false;
    if (t.kind == TypeKind::Optional) return isSmallPlain(types, t.elem);
    for (PType part : t.parts)
        if (!isSmallPlain(types, part)) return false;
    return true;
}

FunctionLowering::FunctionLowering(Lowering &all, Owner owner, std::vector<HType> args, pir::FunctionId id)
    : all(all), owner(owner), type_args(std::move(args)), body(all.body(owner)), proofs(all.proofsOf(owner)),
      b(all.module, id) {
    fn_throws = fn().throws;
    locals.resize(body.locals.size());
    frames.emplace_back();
    b.loc = fn().loc;
}

ValueId FunctionLowering::unsupported(source::Span span, std::string what, PType type) {
    all.unsupported(span, std::move(what));
    if (!type.valid() || types().kind(type) == TypeKind::Unit) return {};
    if (types().kind(type) == TypeKind::Ref) return b.slot(types()[type].elem);
    return b.zero(type);
}

void FunctionLowering::lowerInstance(const InstanceKey &key) {
    const hir::Function &from = all.program.functions[key.owner.function];
    size_t next = 0, closure = 0;
    for (const hir::Param &param : from.params) {
        bool is_closure = all.types.is<types::FnType>(param.type);
        bindParam(param, next, is_closure ? &key.closures[closure++] : nullptr);
    }
    finish(body.root, concrete(from.result));
}

void FunctionLowering::bindParam(const hir::Param &param, size_t &next, const BindingId *binding) {
    if (binding) {
        LocalBinding closure = passedClosure(*binding, next);
        if (param.local) locals[param.local.raw] = std::move(closure);
        return;
    }
    ValueId value = fn().params()[next++];
    if (param.local)
        bindParamValue(param.local, concrete(param.type), param.mode, value);
    else if (param.mode == Mode::Sink && owns(value))
        discard(value);
}

LocalBinding FunctionLowering::passedClosure(BindingId id, size_t &next) {
    std::vector<PassedParam> captures;
    all.addCaptures(id, captures);
    LocalBinding out{LocalBinding::Kind::Closure, {}, id, {}};
    for (size_t i = 0; i < captures.size(); ++i) out.captured.push_back(fn().params()[next++]);
    return out;
}

void FunctionLowering::bindParamValue(hir::LocalId local, HType type, Mode mode, ValueId value) {
    LocalBinding &binding = locals[local.raw];
    const hir::Local &about = body.locals[local];
    if (all.types.is<types::ViewType>(type)) {
        binding = {LocalBinding::Kind::View, value, {}, {}};
        return;
    }
    if (mode == Mode::Inout || (mode == Mode::Read && all.owns(type))) {
        binding = {LocalBinding::Kind::Ref, value, {}, {}};
        return;
    }
    if (about.is_mutable || !isSmallPlain(types(), all.type(type)))
        declare(local, value);
    else
        binding = {LocalBinding::Kind::Value, value, {}, {}};
}

void FunctionLowering::lowerClosureBody(const ClosureBinding &binding) {
    const hir::Closure &closure = body.closures[binding.closure];
    const types::FnType of = *all.types.as<types::FnType>(binding.type);
    size_t next = 0, nested = 0;
    for (const hir::Capture &capture : closure.captures) {
        const hir::Local &local = body.locals[capture.local];
        if (all.types.is<types::FnType>(local.type)) {
            locals[capture.local.raw] = passedClosure(binding.captured[nested++], next);
            continue;
        }
        ValueId value = fn().params()[next++];
        auto kind = kindOf(value) == TypeKind::Ref    ? LocalBinding::Kind::Ref
                    : kindOf(value) == TypeKind::View ? LocalBinding::Kind::View
                                                      : LocalBinding::Kind::Value;
        locals[capture.local.raw] = {kind, value, {}, {}};
    }
    for (size_t i = 0; i < of.params.size(); ++i) {
        ValueId value = fn().params()[next++];
        if (i < closure.params.size() && closure.params[i])
            bindParamValue(closure.params[i], of.params[i].type, of.params[i].mode, value);
    }
    finish(closure.body, of.result);
}

void FunctionLowering::lowerConstant(const hir::Constant &constant) { finish(body.root, constant.type); }

void FunctionLowering::finish(hir::BlockId root, HType result) {
    ValueId value = block(root);
    if (dead) return;
    if (all.isUnit(result)) {
        discard(value);
        b.ret();
    } else if (value.valid()) {
        b.ret(value);
    } else {
        // Every way through the body has left already, by loops without end and the like.
        b.op(OpCode::Trap, {}, {}, {{pir::AttrKey::Trap, static_cast<int64_t>(pir::Trap::Other)}});
    }
}

} // namespace parlane::lower
