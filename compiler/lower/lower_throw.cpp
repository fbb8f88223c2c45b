// Errors: throw, try, catch; a typed error that meets an untyped `throws` becomes an `Error` with its text.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::AttrKey;

ValueId FunctionLowering::toError(HType type, ValueId made) {
    if (all.type(type) == all.errorType()) return made;
    ValueId held = owns(made) ? spill(made) : made;
    ValueId text = textOf(type, held, "");
    return b.emit(OpCode::Tuple, all.errorType(), {text});
}

void FunctionLowering::throwValue(HType type, ValueId made) {
    if (dead) return;
    ValueId error = all.type(type) == caught() ? made : toError(type, made);
    b.op(OpCode::Throw, {}, {error});
    terminate();
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Throw &n) {
    ValueId made = value(n.value);
    throwValue(typeOf(n.value), made);
    return {};
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::TryOptional &n) {
    HType inner = typeOf(n.operand);
    bool is_unit = all.isUnit(inner);
    PType type = ptypeOf(id);
    PType error = all.errorType();
    OpId op = b.op(OpCode::Try, type);
    catches.push_back(error);
    region(op, Role::Body, [&](pir::RegionId) {
        ValueId made = value(n.operand);
        if (dead) return;
        if (is_unit)
            yield(b.constBool(true));
        else if (typeOf(id) == inner)
            yield(made); // an optional stays what it is
        else
            yield(b.emit(OpCode::Case, type, {made}, {{AttrKey::Case, int64_t{1}}}));
    });
    catches.pop_back();
    region(op, Role::Catch, [&](pir::RegionId made) {
        discard(b.addParam(made, error));
        yield(is_unit ? b.constBool(false) : b.zero(type));
    });
    return fn().ops[op].result;
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::DoCatch &n) {
    PType type = ptypeOf(id);
    bool gives = types().kind(type) != pir::TypeKind::Unit;
    PType error = n.error_type.valid() ? all.type(concrete(n.error_type)) : all.errorType();
    OpId op = b.op(OpCode::Try, gives ? type : PType{});
    bool reached = false;
    auto end = [&](ValueId made) {
        reached = reached || !dead;
        if (gives)
            yield(made);
        else
            discard(made);
    };
    catches.push_back(error);
    region(op, Role::Body, [&](pir::RegionId) { end(block(n.body)); });
    catches.pop_back();
    region(op, Role::Catch, [&](pir::RegionId made) {
        ValueId param = b.addParam(made, error);
        if (n.error)
            declare(n.error, param);
        else
            discard(param);
        end(block(n.handler));
    });
    if (!reached) terminate();
    return fn().ops[op].result;
}

} // namespace parlane::lower
