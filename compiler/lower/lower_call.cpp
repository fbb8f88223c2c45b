// Calls: arguments from left to right, exclusive accesses last, errors as the surroundings want them.
#include "compiler/lower/function_lowering.h"
#include "lang/access/children.h"

namespace parlane::lower {

using pir::AttrKey;
using pir::TypeKind;
using types::Mode;

std::vector<HType> FunctionLowering::typeArgs(const hir::Callee &callee) {
    std::vector<HType> out;
    for (HType arg : callee.type_args) out.push_back(concrete(arg));
    return out;
}

std::vector<types::FnParam> FunctionLowering::paramsOf(const hir::Function &function, std::span<const HType> args) {
    std::vector<types::FnParam> out;
    for (const hir::Param &param : function.params) out.push_back({all.substitute(param.type, args), param.mode});
    return out;
}

HType FunctionLowering::thrownBy(const hir::Function &function, std::span<const HType> args) {
    if (!function.throws) return {};
    return function.error_type.valid() ? all.substitute(function.error_type, args) : all.errorHType();
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Call &n) {
    return n.callee.function ? callFunction(n.callee, n.args) : callClosure(n.callee.closure, n.args);
}

// ---- arguments --------------------------------------------------------------------------------------------------

std::vector<FunctionLowering::Argument> FunctionLowering::arguments(const std::vector<hir::Arg> &args,
                                                                    const std::vector<types::FnParam> &params,
                                                                    bool spill_all) {
    std::vector<Argument> out;
    bool exclusive = false;
    for (const types::FnParam &param : params) exclusive = exclusive || param.mode == Mode::Inout;
    for (size_t i = 0; i < args.size(); ++i) {
        out.push_back({args[i].value, params[i].type, params[i].mode, {}, false, false, {}});
        evaluate(out.back(), spill_all || exclusive || i + 1 < args.size(), args);
    }
    return out;
}

void FunctionLowering::evaluate(Argument &argument, bool spill_owned, const std::vector<hir::Arg> &args) {
    if (all.types.is<types::FnType>(argument.type)) {
        LocalBinding closure = bindingOf(argument.expr, argument.type);
        argument.binding = closure.closure;
        argument.values = std::move(closure.captured);
        return;
    }
    switch (argument.mode) {
    case Mode::Inout:
        prepare(argument.expr);
        argument.late = true;
        return;
    case Mode::Sink: {
        ValueId made = value(argument.expr);
        argument.spilled = spill_owned && owns(made);
        argument.values = {argument.spilled ? spill(made) : made};
        return;
    }
    case Mode::Read: break;
    }
    bool by_ref = all.owns(argument.type) && !all.types.is<types::ViewType>(argument.type);
    if (by_ref && isPlace(argument.expr) && all.types.isCopy(argument.type) && mayAliasInout(argument.expr, args))
        argument.values = {spill(b.copy(refTo(argument.expr)))};
    else
        argument.values = {read(argument.expr)};
}

/// Whether the call changes (through another argument) the variable that `read` looks into.
bool FunctionLowering::mayAliasInout(hir::ExprId read, const std::vector<hir::Arg> &args) {
    hir::LocalId root = rootOf(read);
    access::Writes writes;
    for (const hir::Arg &arg : args) {
        if (arg.mode == Mode::Inout && rootOf(arg.value) == root) return true;
        access::addWrites(body, arg.value, writes);
    }
    return writes.written.contains(root);
}

std::vector<ValueId> FunctionLowering::passedValues(std::vector<Argument> &arguments, bool *bears) {
    for (Argument &argument : arguments) {
        if (!argument.late) continue;
        bool view = all.types.is<types::ViewType>(argument.type);
        argument.values = {view ? viewOf(argument.expr) : refTo(argument.expr)};
        if (claimArgument(argument.values[0]) && bears) *bears = true;
    }
    std::vector<ValueId> out;
    for (Argument &argument : arguments)
        for (ValueId value : argument.values) out.push_back(argument.spilled ? b.take(value) : value);
    return out;
}

/// An exclusive argument from outside of a parallel loop: `access` has seen through the call and proved what it
/// touches, so the part that is passed carries that verdict. True if it is a whole variable: then the call has to.
bool FunctionLowering::claimArgument(ValueId passed) {
    if (open_bodies.empty()) return false;
    for (ValueId at = passed;;) {
        OpId op = fn().values[at].op;
        pir::RegionId from = op.valid() ? fn().ops[op].parent : fn().values[at].region;
        if (op.valid() && fn().ops[op].has(AttrKey::Own)) return false;
        bool part = op.valid() && (fn().ops[op].code == OpCode::Field || fn().ops[op].code == OpCode::View ||
                                   fn().ops[op].code == OpCode::Slice || fn().ops[op].code == OpCode::Reshape ||
                                   fn().ops[op].code == OpCode::Payload);
        if (!part) {
            if (pir::isInside(fn(), from, open_bodies.back().second)) return false;
            break;
        }
        at = fn().ops[op].operands[0];
    }
    OpId made = fn().values[passed].op;
    if (!made.valid() || fn().ops[made].code == OpCode::Slot) return true;
    markOwn(passed, {pir::Own::Loop, pir::Bounds::Checked, open_bodies.back().first});
    return false;
}

// ---- callees ----------------------------------------------------------------------------------------------------

ValueId FunctionLowering::callFunction(const hir::Callee &callee, const std::vector<hir::Arg> &args) {
    const hir::Function &function = all.program.functions[callee.function];
    if (function.builtin == "core.assert") return lowerAssert(args), ValueId{};
    std::vector<HType> type_args_of = typeArgs(callee);
    std::vector<types::FnParam> params = paramsOf(function, type_args_of);
    HType thrown = thrownBy(function, type_args_of);
    bool converts = thrown.valid() && all.type(thrown) != caught();
    std::vector<Argument> given = arguments(args, params, converts);
    PType result = all.type(all.substitute(function.result, type_args_of));
    return throwing(thrown, result, [&] {
        bool bears = false;
        std::vector<ValueId> values = passedValues(given, &bears);
        if (function.kind == hir::FunctionKind::Builtin) return callBuiltin(function, type_args_of, std::move(values));
        if (function.kind == hir::FunctionKind::C) return callC(function, values);
        InstanceKey key{Owner{callee.function, {}}, type_args_of, {}};
        for (const Argument &argument : given)
            if (argument.binding.valid()) key.closures.push_back(argument.binding);
        ValueId made = b.call(all.instance(key), std::move(values));
        if (bears) {
            pir::Op &call = fn().ops[OpId(static_cast<uint32_t>(fn().ops.size() - 1))];
            call.set(AttrKey::Own, static_cast<int64_t>(pir::Own::Loop));
            call.set(AttrKey::Region, int64_t{open_bodies.back().first.raw});
        }
        return made;
    });
}

ValueId FunctionLowering::callCallee(const hir::Callee &callee, std::vector<ValueId> values) {
    if (!callee.function) return callBinding(locals[callee.closure.raw], std::move(values));
    const hir::Function &function = all.program.functions[callee.function];
    std::vector<HType> type_args_of = typeArgs(callee);
    if (function.kind == hir::FunctionKind::Builtin) return callBuiltin(function, type_args_of, std::move(values));
    return b.call(all.instance({Owner{callee.function, {}}, type_args_of, {}}), std::move(values));
}

ValueId FunctionLowering::callClosure(hir::LocalId local, const std::vector<hir::Arg> &args) {
    const LocalBinding &closure = locals[local.raw];
    PAR_CHECK(closure.kind == LocalBinding::Kind::Closure, "`{}` is no closure", nameOf(local));
    const types::FnType of = *all.types.as<types::FnType>(concrete(body.locals[local].type));
    HType thrown = of.throws ? all.errorHType() : HType{};
    bool converts = thrown.valid() && all.type(thrown) != caught();
    std::vector<Argument> given = arguments(args, of.params, converts);
    return throwing(thrown, all.type(of.result), [&] { return callBinding(locals[local.raw], passedValues(given)); });
}

ValueId FunctionLowering::callBinding(const LocalBinding &closure, std::vector<ValueId> values) {
    std::vector<ValueId> passed = closure.captured;
    passed.insert(passed.end(), values.begin(), values.end());
    if (all.binding(closure.closure).kind != ClosureBinding::Kind::Pair)
        return b.call(all.closureInstance(closure.closure), std::move(passed));
    PType result = types()[fn().type(passed[0])].elem;
    return b.emit(OpCode::CallClosure, result, std::move(passed));
}

ValueId FunctionLowering::callC(const hir::Function &callee, const std::vector<ValueId> &values) {
    std::vector<pir::Attr> attrs = {{AttrKey::Name, std::string(all.names.text(callee.name))}};
    if (callee.pure) attrs.push_back({AttrKey::IsPure, int64_t{1}});
    return b.emit(OpCode::CallC, all.type(callee.result), values, std::move(attrs));
}

ValueId FunctionLowering::throwing(HType thrown, PType result, const Arm &call) {
    if (!thrown.valid() || all.type(thrown) == caught() || dead) return call();
    bool gives = types().kind(result) != TypeKind::Unit;
    OpId op = b.op(OpCode::Try, gives ? result : PType{});
    catches.push_back(all.type(thrown));
    region(op, Role::Body, [&](pir::RegionId) {
        ValueId made = call();
        if (gives) yield(made);
    });
    catches.pop_back();
    region(op, Role::Catch, [&](pir::RegionId made) {
        ValueId error = b.addParam(made, all.type(thrown));
        throwValue(thrown, error);
    });
    return fn().ops[op].result;
}

} // namespace parlane::lower
