// if, blocks, jumps, return.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

ValueId FunctionLowering::lower(hir::ExprId id, const hir::BlockExpr &n) {
    const hir::Block &of = body.blocks[n.block];
    if (of.stmts.empty()) return block(n.block);
    // A scope of its own: what it owns is dropped at its end.
    PType type = ptypeOf(id);
    bool gives = types().kind(type) != pir::TypeKind::Unit;
    OpId op = b.op(OpCode::Scope, gives ? type : PType{});
    bool ended = false;
    region(op, Role::Body, [&](pir::RegionId) {
        ValueId made = block(n.block);
        ended = dead;
        if (gives)
            yield(made);
        else
            discard(made);
    });
    ValueId result = fn().ops[op].result;
    if (ended) terminate();
    return result;
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::If &n) {
    ValueId condition = value(n.condition);
    if (dead) return {};
    PType type = ptypeOf(id);
    if (!n.else_block) {
        when(condition, [&] { discard(block(n.then_block)); });
        return {};
    }
    return branch(
        condition, type, [&] { return block(n.then_block); }, [&] { return block(n.else_block); });
}

ValueId FunctionLowering::lower(hir::ExprId id, const hir::IfLet &n) {
    Subject of = subject(n.value);
    if (dead) return {};
    PType type = ptypeOf(id);
    ValueId fits = test(n.pattern, of);
    auto then = [&] {
        bind(n.pattern, of);
        return block(n.then_block);
    };
    if (!n.else_block) {
        when(fits, [&] { discard(then()); });
        return {};
    }
    return branch(fits, type, then, [&] { return block(n.else_block); });
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Return &n) {
    ValueId made = n.value ? value(n.value) : ValueId{};
    if (dead) return {};
    if (made.valid() && types().kind(fn().result) != pir::TypeKind::Unit)
        b.ret(made);
    else {
        discard(made);
        b.ret();
    }
    terminate();
    return {};
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Break &n) {
    const LoopTarget &target = loop_targets.at(n.loop.raw);
    leave(target.leave, target.broken);
    return {};
}

ValueId FunctionLowering::lower(hir::ExprId, const hir::Continue &n) {
    if (n.pipeline) return again(pipeline_targets.at(n.pipeline.raw)), ValueId{};
    const LoopTarget &target = loop_targets.at(n.loop.raw);
    if (target.skip.valid())
        leave(target.skip, target.skipped);
    else
        again(target.again);
    return {};
}

} // namespace parlane::lower
