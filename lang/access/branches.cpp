// `invoke` and `pipeline`: what branches touch, and what belongs to which stage.
#include "lang/access/walk.h"

#include <algorithm>

namespace parlane::access {

using namespace hir;

void Walker::invoke(const Invoke &invoke, InvokeId id) {
    Region region = begin(id, invoke.keyword, "invoke");
    regions.push_back(&region);
    std::vector<std::pair<size_t, size_t>> ranges;
    std::vector<std::pair<uint32_t, uint32_t>> own; // declarations of each branch
    for (BlockId branch : invoke.branches) {
        const size_t first = accesses.size();
        const uint32_t declared = declarations;
        block(branch);
        ranges.emplace_back(first, accesses.size());
        own.emplace_back(declared, declarations);
    }
    std::vector<Groups> branches;
    for (size_t k = 0; k < ranges.size(); ++k) {
        Groups all = groups(ranges[k].first, ranges[k].second, region.declared);
        // What a sibling declares is not local.
        for (size_t n = ranges[k].first; n < ranges[k].second; ++n) {
            const LocalId root = accesses[n].place.root;
            if (!isLocal(root, region.declared)) continue;
            const uint32_t at = declared_at[root.raw];
            if (at <= own[k].first || at > own[k].second) all[root].push_back(&accesses[n]);
        }
        branches.push_back(std::move(all));
    }
    judgeBranches(region, branches);
    capture(region, groups(region.first, accesses.size(), region.declared));
    regions.pop_back();
    if (regions.empty()) reported.clear();
}

void Walker::judgeBranches(const Region &region, const std::vector<Groups> &branches) {
    for (size_t i = 0; i < branches.size(); ++i)
        for (const auto &[root, mine] : branches[i]) {
            if (root == kOut) continue;
            bool fine = true;
            if (isLocal(root, region.declared) && !alreadyReported(root)) {
                analysis.emitter
                    .report(diag::Code::BranchConflict, mine.front()->span, localText(root))
                    .label(body.locals[root].span, "bound in a sibling")
                    .why("branches run at the same time: what one binds is visible behind the `invoke` only")
                    .fix("bind it in front of the `invoke`, or use it behind");
                continue;
            }
            for (size_t j = i + 1; j < branches.size() && fine; ++j) {
                auto theirs = branches[j].find(root);
                if (theirs == branches[j].end()) continue;
                for (const Access *a : mine)
                    for (const Access *b : theirs->second) {
                        if (!fine || (!a->writes() && !b->writes())) continue;
                        if (a->kind == AccessKind::Atomic && b->kind == AccessKind::Atomic && a->op == b->op) continue;
                        const Finding finding = conflicts.check(*a, *b, Split{});
                        if (finding.verdict == Verdict::Apart) continue;
                        fine = false;
                        if (!alreadyReported(root)) explainBranches({*a, *b, finding}, i, j);
                    }
            }
            if (!fine) continue;
            for (const Access *access : mine)
                verdict(*access,
                        access->kind == AccessKind::Atomic ? Owner::Atomic
                        : access->writes()                 ? Owner::Region
                                                           : Owner::Read,
                        region.id);
        }
}

void Walker::pipeline(const Pipeline &pipeline, PipelineId id) {
    if (pipeline.limit) value(pipeline.limit);
    const PathId before = path;
    Parts parts = enter(pipeline.clause.source);
    Writes written;
    for (const Stage &stage : pipeline.stages) addWrites(body, stage.body, written, field_effects);
    visitParts(body, pipeline.clause.source,
               {[&](ExprId expr) { addWrites(body, expr, written, field_effects); },
                [&](BlockId b) { addWrites(body, b, written, field_effects); }});
    Region region = begin(id, pipeline.header, "pipeline");
    regions.push_back(&region);
    havoc(written);
    std::vector<Known> start = locals;
    // Number of the item, where the source has none.
    const size_t source_first = accesses.size();
    advance(parts, pipeline.clause.pattern, &region);
    if (region.iteration.empty())
        region.iteration.push_back(
            terms.symbol(terms.fresh(SymbolKind::Index, "item", {0, Wide(1) << 62}, pipeline.header)));
    std::vector<std::pair<size_t, size_t>> ranges = {{source_first, accesses.size()}};
    for (const Stage &stage : pipeline.stages) {
        const size_t first = accesses.size();
        block(stage.body);
        ranges.emplace_back(first, accesses.size());
    }
    std::vector<Groups> stages;
    for (auto [first, last] : ranges) stages.push_back(groups(first, last, region.declared));
    judgeStages(region, pipeline, stages);
    capture(region, groups(region.first, accesses.size(), region.declared));
    regions.pop_back();
    if (regions.empty()) reported.clear();
    locals = std::move(start);
    havoc(written);
    path = before;
}

/// Stage 0 is the source. A parallel stage is like the body of a parallel loop; different stages are at different items.
void Walker::judgeStages(const Region &region, const Pipeline &pipeline, const std::vector<Groups> &stages) {
    for (size_t i = 0; i < stages.size(); ++i) {
        const bool parallel = i > 0 && pipeline.stages[i - 1].kind == StageKind::Parallel;
        for (const auto &[root, mine] : stages[i]) {
            if (root == kOut) continue;
            bool fine = true;
            for (size_t j = i + 1; j < stages.size() && fine; ++j) {
                auto theirs = stages[j].find(root);
                if (theirs == stages[j].end()) continue;
                for (const Access *a : mine)
                    for (const Access *b : theirs->second) {
                        if (!fine || (!a->writes() && !b->writes())) continue;
                        if (a->kind == AccessKind::Atomic && b->kind == AccessKind::Atomic && a->op == b->op) continue;
                        const Finding finding = conflicts.check(*a, *b, {region.mark, region.iteration, false});
                        if (finding.verdict == Verdict::Apart) continue;
                        fine = false;
                        if (!alreadyReported(root)) explainStages(region, {*a, *b, finding});
                    }
            }
            if (fine && parallel) {
                judge(region, root, mine);
                continue;
            }
            for (const Access *access : mine)
                if (fine) verdict(*access, access->writes() ? Owner::Region : Owner::Read, region.id);
        }
    }
}

} // namespace parlane::access
