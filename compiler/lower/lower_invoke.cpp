// invoke: one region a branch; what a branch binds is in slots around it.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

ValueId FunctionLowering::lower(hir::ExprId, const hir::InvokeExpr &n) {
    const hir::Invoke &invoke = body.invokes[n.invoke];
    std::unordered_set<uint32_t> before = outer_slots;
    for (hir::BlockId branch_block : invoke.branches)
        for (hir::LocalId local : boundBy(body.blocks[branch_block])) declareOuter(local);
    OpId op = b.op(OpCode::ParInvoke, {});
    open_regions[access::RegionId{n.invoke}] = op;
    for (size_t k = 0; k < invoke.branches.size(); ++k)
        region(op, Role::Branch, static_cast<int64_t>(k), [&](pir::RegionId) { discard(block(invoke.branches[k])); });
    open_regions.erase(access::RegionId{n.invoke});
    outer_slots = std::move(before);
    return {};
}

} // namespace parlane::lower
