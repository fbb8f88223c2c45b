// Effects of functions, over all calls.
#include "lang/access/analysis.h"
#include "lang/access/children.h"

#include <string_view>

namespace parlane::access {

using namespace hir;

namespace {

struct Listed {
    std::string_view name;
    bool Effects::*effect;
};

constexpr Listed kListed[] = {
#define PARLANE_EFFECT(name, effect) {name, &Effects::effect},
#include "lang/access/effects.def"
#undef PARLANE_EFFECT
};

Effects own(const Function &function) {
    Effects out;
    if (function.kind == FunctionKind::C && !function.pure) out.writes_world = true;
    std::string_view name = function.builtin;
    for (const Listed &listed : kListed) {
        // The part of the prelude in which a function is declared is no part of what it does.
        const std::string_view wanted = listed.name;
        const bool same_name = name.substr(name.rfind('.') + 1) == wanted.substr(wanted.rfind('.') + 1);
        const bool prelude = name.starts_with("core.") && wanted.starts_with("core.");
        if (name == wanted || (prelude && same_name)) out.*listed.effect = true;
    }
    return out;
}

/// Functions that a body may call, closures and function arguments included.
struct Calls {
    const Body &body;
    std::vector<FunctionId> &out;

    void add(const Callee &callee) {
        if (callee.function) out.push_back(callee.function);
    }
    void expr(ExprId id) {
        const ExprNode &node = body.exprs[id].node;
        if (auto *call = std::get_if<Call>(&node)) add(call->callee);
        if (auto *ref = std::get_if<FunctionRef>(&node)) add(ref->callee);
        if (auto *loop = std::get_if<LoopExpr>(&node)) {
            for (const FoldOp &op : body.loops[loop->loop].ops) add(op.function);
            for (const Accumulator &acc : body.loops[loop->loop].accumulators) add(acc.op.function);
        }
        visitParts(body, id, visitor());
    }
    void block(BlockId id) {
        for (StmtId stmt : body.blocks[id].stmts) {
            if (auto *op = std::get_if<OpAssign>(&body.stmts[stmt].node); op && op->function) add(*op->function);
            visitParts(body, stmt, visitor());
        }
        if (body.blocks[id].value) expr(body.blocks[id].value);
    }
    Visitor visitor() {
        return {[this](ExprId id) { expr(id); }, [this](BlockId id) { block(id); }};
    }
};

bool merge(Effects &into, const Effects &from) {
    const Effects before = into;
    into.reads_world |= from.reads_world;
    into.writes_world |= from.writes_world;
    into.prints |= from.prints;
    return before.reads_world != into.reads_world || before.writes_world != into.writes_world ||
           before.prints != into.prints;
}

} // namespace

void inferEffects(Analysis &analysis) {
    const auto &functions = analysis.program.functions;
    std::vector<std::vector<FunctionId>> callers(functions.size());
    std::vector<FunctionId> work;
    for (uint32_t k = 0; k < functions.size(); ++k) {
        const Function &function = functions[FunctionId(k)];
        analysis.effects[k] = own(function);
        work.push_back(FunctionId(k));
        if (!function.body) continue;
        std::vector<FunctionId> called;
        Calls{*function.body, called}.block(function.body->root);
        for (FunctionId callee : called) callers[callee.raw].push_back(FunctionId(k));
    }
    while (!work.empty()) {
        const FunctionId id = work.back();
        work.pop_back();
        for (FunctionId caller : callers[id.raw])
            if (merge(analysis.effects[caller.raw], analysis.effects[id.raw])) work.push_back(caller);
    }
}

} // namespace parlane::access
