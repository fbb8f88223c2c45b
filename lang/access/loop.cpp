// Loops of all kinds.
#include "lang/access/walk.h"

namespace parlane::access {

using namespace hir;

namespace {

const char *wordOf(const Loop &loop) {
    if (loop.execution == Execution::SimdPar) return "simd par for";
    return loop.kind == LoopKind::First ? "first par for" : "par for";
}

} // namespace

Value Walker::loop(ExprId id, const Loop &loop, LoopId loopId) {
    const PathId before = path;
    const bool parallel = loop.execution != Execution::Serial;
    std::vector<Known> outside;
    const size_t visible = scope.size();
    const std::vector<LocalId> in_scope = parallel ? scope : std::vector<LocalId>();
    if (parallel) outside = locals;
    // The first source is evaluated once, outside.
    std::vector<Parts> parts;
    if (!loop.clauses.empty()) parts.push_back(enter(loop.clauses[0].source));
    const Writes written = writesOf(id);
    for (const Accumulator &acc : loop.accumulators) place(acc.place);

    Region region;
    if (parallel) {
        region = begin(loopId, loop.header, wordOf(loop));
        region.loop = &loop;
        region.entry = std::move(outside);
        region.scope = in_scope;
        regions.push_back(&region);
    }
    const PathId entered = path;
    havoc(written);
    std::vector<Known> start = locals;
    for (size_t k = 0; k < loop.clauses.size(); ++k) {
        if (k > 0) parts.push_back(enter(loop.clauses[k].source));
        advance(parts[k], loop.clauses[k].pattern, parallel ? &region : nullptr);
    }
    if (loop.filter)
        if (CondId cond = value(loop.filter).truth) assume(cond);
    if (loop.body) block(loop.body);
    auto combine = [&](const FoldOp &op) {
        if (op.literal) value(op.literal);
        if (op.identity) value(op.identity);
        if (op.function.function) effect(analysis.effects[op.function.function.raw], op.span, op.function.function);
    };
    for (const FoldOp &op : loop.ops) combine(op);
    for (const Accumulator &acc : loop.accumulators) combine(acc.op);
    path = entered;
    if (parallel) {
        end(region);
        regions.pop_back();
    }
    scope.resize(visible);
    locals = std::move(start);
    havoc(written);
    // What is known before the first round of the extents stays known behind the loop; what a round found does not.
    path = before;
    Value out;
    if (loop.shaped)
        for (const Parts &part : parts) {
            if (part.extents.empty()) {
                out.shape.clear();
                break;
            }
            out.shape.insert(out.shape.end(), part.extents.begin(), part.extents.end());
        }
    // The extents were compared when the loop was entered.
    for (TermId extent : out.shape)
        if (auto symbol = terms.asSymbol(extent); symbol && terms[*symbol].kind == SymbolKind::Max)
            for (TermId arg : terms[*symbol].args)
                if (terms.fits(arg)) assume(terms.lessEqual(arg, extent));
    return out;
}

Region Walker::begin(RegionId id, source::Span header, const char *word) {
    Region region;
    region.id = id;
    region.word = word;
    region.header = header;
    region.mark = terms.now();
    region.declared = declarations;
    region.first = accesses.size();
    return region;
}

} // namespace parlane::access
