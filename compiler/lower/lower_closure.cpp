// Functions and closures as arguments: specialised by what is passed; as a pair where that would not end.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::AttrKey;
using pir::TypeKind;

ValueId FunctionLowering::lower(hir::ExprId id, const hir::FunctionRef &) {
    PAR_UNREACHABLE("a function as a value at {}", body.exprs[id].span.begin.offset);
}
ValueId FunctionLowering::lower(hir::ExprId id, const hir::ClosureRef &) {
    PAR_UNREACHABLE("a closure as a value at {}", body.exprs[id].span.begin.offset);
}

LocalBinding FunctionLowering::bindingOf(hir::ExprId id, HType type) {
    const hir::ExprNode &node = body.exprs[id].node;
    if (auto *local = std::get_if<hir::LocalRef>(&node)) return locals[local->local.raw];
    if (auto *closure = std::get_if<hir::ClosureRef>(&node)) return literalBinding(closure->closure, type);
    if (auto *function = std::get_if<hir::FunctionRef>(&node)) {
        if (!function->callee.function) return locals[function->callee.closure.raw];
        ClosureBinding made{ClosureBinding::Kind::Function,
                            Owner{function->callee.function, {}},
                            typeArgs(function->callee),
                            {},
                            {},
                            type};
        return {LocalBinding::Kind::Closure, {}, all.bind(std::move(made)), {}};
    }
    PAR_UNREACHABLE("an argument that is no function");
}

LocalBinding FunctionLowering::literalBinding(hir::ClosureId id, HType type) {
    ClosureBinding made{ClosureBinding::Kind::Literal, owner, type_args, id, {}, type};
    std::vector<ValueId> captured;
    for (const hir::Capture &capture : body.closures[id].captures) {
        const hir::Local &local = body.locals[capture.local];
        if (all.types.is<types::FnType>(local.type)) {
            LocalBinding inner = locals[capture.local.raw];
            made.captured.push_back(inner.closure);
            captured.insert(captured.end(), inner.captured.begin(), inner.captured.end());
            continue;
        }
        PassedParam want = all.captureParam(local, capture.writes, type_args);
        Place from = localPlace(capture.local, local.span);
        if (types().kind(want.type) == TypeKind::View)
            captured.push_back(viewOf(from));
        else if (types().kind(want.type) == TypeKind::Ref)
            captured.push_back(refTo(from));
        else
            captured.push_back(load(from));
    }
    LocalBinding out{LocalBinding::Kind::Closure, {}, all.bind(std::move(made)), std::move(captured)};
    return all.depth(out.closure) > kClosureDepth ? asPair(out, type) : out;
}

LocalBinding FunctionLowering::asPair(const LocalBinding &closure, HType type) {
    if (all.binding(closure.closure).kind == ClosureBinding::Kind::Pair) return closure;
    pir::FunctionId code = all.closureInstance(closure.closure);
    ValueId pair =
        b.emit(OpCode::Closure, all.pairType(type), closure.captured, {{AttrKey::Callee, int64_t{code.raw}}});
    ClosureBinding made{ClosureBinding::Kind::Pair, {}, {}, {}, {}, type};
    return {LocalBinding::Kind::Closure, {}, all.bind(std::move(made)), {pair}};
}

pir::FunctionId functionValue(Lowering &all, const ClosureBinding &binding) {
    const hir::Function &from = all.program.functions[binding.owner.function];
    if (from.kind == hir::FunctionKind::Normal) return all.instance({binding.owner, binding.type_args, {}});
    // Builtins and C functions have no function of their own.
    const types::FnType of = *all.types.as<types::FnType>(binding.type);
    pir::FunctionId made =
        pir::addFunction(all.module, all.uniqueName(std::string(all.names.text(from.name)) + ".value"),
                         all.type(of.result), of.throws ? all.errorType() : PType{});
    all.module.functions[made].loc = all.module.location({from.name_span, {}});
    std::vector<ValueId> values;
    for (const types::FnParam &param : of.params) {
        PassedParam passed = all.passed(param.type, param.mode);
        values.push_back(pir::addParameter(all.module, made, passed.type, passed.mode));
    }
    FunctionLowering lowering(all, binding.owner, binding.type_args, made);
    hir::Callee callee;
    callee.function = binding.owner.function;
    callee.type_args = binding.type_args;
    ValueId result = from.kind == hir::FunctionKind::C ? lowering.callC(from, values)
                                                       : lowering.callCallee(callee, std::move(values));
    if (result.valid())
        lowering.b.ret(result);
    else
        lowering.b.ret();
    return made;
}

} // namespace parlane::lower
