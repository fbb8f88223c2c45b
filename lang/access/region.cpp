// Parallel loops: for different iterations nothing that one writes is touched by the other.
#include "lang/access/radix.h"
#include "lang/access/walk.h"

#include <algorithm>

namespace parlane::access {

using namespace hir;

bool Walker::isLocal(LocalId root, uint32_t declared) const {
    return isVariable(root) && declared_at[root.raw] > declared;
}

Walker::Groups Walker::groups(size_t first, size_t last, uint32_t declared) const {
    Groups out;
    for (size_t k = first; k < last; ++k)
        if (!isLocal(accesses[k].place.root, declared)) out[accesses[k].place.root].push_back(&accesses[k]);
    return out;
}

void Walker::verdict(const Access &access, Owner owner, RegionId region) {
    // The innermost region decides, and it ends first.
    for (ExprId id = access.expr; id;) {
        const ExprNode &node = body.exprs[id].node;
        // Of an argument, what the callee does through it.
        if (std::holds_alternative<Index>(node) || (id == access.expr && access.by)) {
            IndexVerdict &v = proofs.indices[id.raw];
            if (v.owner == Owner::Local) {
                v.owner = owner;
                v.region = region;
            } else if (v.region == region && v.owner == Owner::Read) {
                v.owner = owner;
            }
        }
        if (auto *n = std::get_if<Index>(&node)) id = n->base;
        else if (auto *n = std::get_if<Field>(&node)) id = n->base;
        else if (auto *n = std::get_if<Reshape>(&node)) id = n->base;
        else if (auto *n = std::get_if<ToView>(&node)) id = n->base;
        else if (auto *n = std::get_if<ListView>(&node)) id = n->base;
        else if (auto *n = std::get_if<Unwrap>(&node)) id = n->base;
        else if (auto *n = std::get_if<BoxValue>(&node)) id = n->base;
        else if (auto *n = std::get_if<Consume>(&node)) id = n->place;
        else return;
    }
}

void Walker::end(const Region &region) {
    const Groups all = groups(region.first, accesses.size(), region.declared);
    for (const auto &[root, group] : all) judge(region, root, group);
    capture(region, all);
    if (regions.size() <= 1) reported.clear();
}

void Walker::judge(const Region &region, LocalId root, Group group) {
    if (judgeEffects(region, root, group) || judgeClosure(region, root, group)) return;
    auto writes = [&] { return std::any_of(group.begin(), group.end(), [](auto *a) { return a->writes(); }); };
    if (!writes()) {
        for (const Access *access : group) verdict(*access, Owner::Read, region.id);
        return;
    }
    if (region.loop && region.loop->kind == LoopKind::First) {
        const Access *write = *std::find_if(group.begin(), group.end(), [](auto *a) { return a->writes(); });
        if (!alreadyReported(root))
            analysis.emitter.report(diag::Code::FirstWrites, write->span, localText(root))
                .context(region.header)
                .why("iterations behind the one that is found may run or not, so source, condition and body of `first` "
                     "write their own locals only")
                .fix("find first, then write: `if let i = first par for … { … }`");
        return;
    }
    judgeAccumulators(region, group);
    if (!writes()) {
        for (const Access *access : group) verdict(*access, Owner::Read, region.id);
        return;
    }
    if (!judgeAtomic(region, group) || !judgeDisjoint(region, group)) return;
    if (!writes()) {
        for (const Access *access : group) verdict(*access, Owner::Read, region.id);
        return;
    }
    const bool fine = owned(region, group) || judgePairs(region, group);
    if (!fine) return;
    for (const Access *access : group) verdict(*access, access->writes() ? Owner::Region : Owner::Read, region.id);
}

/// `world` and `out`; true if `root` is one of them.
bool Walker::judgeEffects(const Region &region, LocalId root, const Group &group) {
    const bool first = region.loop && region.loop->kind == LoopKind::First;
    if (root == kOut) {
        const bool lanes = region.loop && region.loop->execution == Execution::SimdPar;
        if ((first || lanes) && !alreadyReported(root))
            analysis.emitter
                .report(first ? diag::Code::FirstWrites : diag::Code::PrintsOnLanes, group.front()->span,
                        first ? "the output" : region.word)
                .context(region.header)
                .why(first ? "iterations behind the one that is found may run or not"
                           : "lanes run in lock-step, but output comes in the order of the iterations")
                .fix("collect what is to be printed, and print it behind the loop");
        return true;
    }
    if (root != kWorld) return false;
    auto write = std::find_if(group.begin(), group.end(), [](const Access *a) { return a->writes(); });
    if (write == group.end() || alreadyReported(root)) return true;
    const Access *other = nullptr;
    for (const Access *access : group)
        if (access != *write && !other) other = access;
    auto report = analysis.emitter.report(first ? diag::Code::FirstWrites : diag::Code::WorldConflict, (*write)->span,
                                          first ? "files or the process" : "several iterations",
                                          region.word);
    if (other) report.label(other->span, "this depends on it");
    report.context(region.header)
        .why("the order of what happens to files, and to the process, would depend on the run")
        .fix("collect the results, and write them behind the loop, or in a serial stage of a `pipeline`");
    return true;
}

/// A closure that writes what it captures is passed `inout f`; calling it is a write to `f`.
bool Walker::judgeClosure(const Region &region, LocalId root, const Group &group) {
    if (!isVariable(root) || !types.is<types::FnType>(body.locals[root].type)) return false;
    for (const Access *access : group)
        if (access->writes() && !alreadyReported(root)) {
            analysis.emitter
                .report(diag::Code::ClosureInParallel, access->span, "may write what it captures")
                .label(body.locals[root].span, "passed as `inout`, so it may write")
                .context(region.header)
                .why("each call is a write to the closure, and iterations run in any order")
                .fix("take the closure without `inout`: then it may only read what it captures");
            break;
        }
    return true;
}

// ---- accumulators, atomic, disjoint ----------------------------------------------------------------------------

namespace {

OperatorClass classOf(const FoldOp &op) {
    if (!op.builtin) return OperatorClass::Function;
    switch (*op.builtin) {
    case FoldBuiltin::Add: return OperatorClass::Add;
    case FoldBuiltin::Mul: return OperatorClass::Mul;
    case FoldBuiltin::Min: return OperatorClass::Min;
    case FoldBuiltin::Max: return OperatorClass::Max;
    case FoldBuiltin::BitAnd:
    case FoldBuiltin::And: return OperatorClass::And;
    case FoldBuiltin::BitOr:
    case FoldBuiltin::Or: return OperatorClass::Or;
    case FoldBuiltin::BitXor: return OperatorClass::Xor;
    }
    return OperatorClass::Other;
}

const char *nameOf(const FoldOp &op) {
    if (!op.builtin) return "its function";
    constexpr const char *names[] = {"+=", "*=", "min=", "max=", "&=", "|=", "^=", "&=", "|="};
    return names[static_cast<size_t>(*op.builtin)];
}

/// Whether the fields at the start of `place` are those of `prefix`; 0 no, 1 a part of it, 2 it contains it.
int fieldsAgree(const Place &place, const Place &prefix) {
    for (size_t k = 0; k < prefix.steps.size(); ++k) {
        if (k >= place.steps.size()) return 2;
        if (place.steps[k].kind != prefix.steps[k].kind || place.steps[k].index != prefix.steps[k].index) return 0;
    }
    return 1;
}

bool isShape(const Access &access) {
    return !access.writes() && !access.place.steps.empty() && access.place.steps.back().kind == StepKind::Inside &&
           access.place.steps.back().index == uint32_t(Content::Shape);
}

} // namespace

/// Removes from the group what is done to accumulators, after judging it.
void Walker::judgeAccumulators(const Region &region, Group &group) {
    if (!region.loop || group.empty()) return;
    for (const Accumulator &acc : region.loop->accumulators) {
        const size_t before = accesses.size();
        const Place place = this->place(acc.place);
        accesses.resize(before);
        if (place.root != group.front()->place.root) continue;
        Group rest;
        for (const Access *access : group) {
            const int part = fieldsAgree(access->place, place);
            if (part == 0) {
                rest.push_back(access);
                continue;
            }
            const OperatorClass wanted = classOf(acc.op);
            bool allowed = part == 1 && access->kind == AccessKind::Write && access->op == wanted;
            if (wanted == OperatorClass::Function)
                allowed = part == 1 && ((access->inout && access->unused) ||
                                        (access->op == OperatorClass::Function && access->by == acc.op.function.function));
            if (allowed || isShape(*access)) {
                verdict(*access, Owner::Accumulator, region.id);
                continue;
            }
            if (alreadyReported(place.root)) continue;
            auto report = analysis.emitter.report(diag::Code::AccumulatorTouched, access->span,
                                                  localText(place.root), region.word);
            report.at(access->writes() ? "changed in another way" : "read here")
                .label(acc.span, "the accumulator")
                .why("while the loop runs, each part of it has an accumulator of its own; only the operator may change it")
                .fix(acc.op.builtin ? fmt::format("change it by `{}` only, and read it behind the loop", nameOf(acc.op))
                                    : "pass it `inout` to functions only, and read it behind the loop");
        }
        group = std::move(rest);
        if (group.empty()) return;
    }
}

namespace {

/// Different fields of one variable: nothing else than the names has to be looked at.
bool fieldsApart(const Place &a, const Place &b) {
    for (size_t k = 0; k < std::min(a.steps.size(), b.steps.size()); ++k) {
        if (a.steps[k].kind != StepKind::Field || b.steps[k].kind != StepKind::Field) return false;
        if (a.steps[k].index != b.steps[k].index) return true;
    }
    return false;
}

/// Whether `place` is reached through the very index of `claim`: they agree up to the last index of the claim.
bool sameIndex(const Place &place, const Place &claim) {
    size_t behind = 0;
    for (size_t k = 0; k < claim.steps.size(); ++k)
        if (claim.steps[k].kind == StepKind::Elements) behind = k + 1;
    return place.steps.size() >= behind && std::equal(claim.steps.begin(), claim.steps.begin() + static_cast<ptrdiff_t>(behind),
                                                      place.steps.begin());
}

} // namespace

/// Removes from the group what is done by `atomic`, after judging it; false if something else touches the same.
bool Walker::judgeAtomic(const Region &region, Group &group) {
    for (;;) {
        auto found = std::find_if(group.begin(), group.end(), [](auto *a) { return a->kind == AccessKind::Atomic; });
        if (found == group.end()) return true;
        const Access &atomic = **found;
        Group members, rest;
        for (const Access *access : group)
            (access->kind == AccessKind::Atomic && access->op == atomic.op && !fieldsApart(access->place, atomic.place)
                 ? members
                 : rest)
                .push_back(access);
        for (const Access *access : rest) {
            const bool apart = isShape(*access) || std::all_of(members.begin(), members.end(), [&](const Access *member) {
                                   return fieldsApart(access->place, member->place);
                               });
            if (apart) continue;
            if (alreadyReported(atomic.place.root)) return false;
            analysis.emitter.report(diag::Code::AtomicMixed, access->span, localText(atomic.place.root), region.word)
                .at(access->writes() ? "written in another way" : "read here")
                .label(atomic.span, "changed by `atomic` here")
                .why("what this sees would depend on the order in which iterations run")
                .fix("use one operator for all of them, and read the result behind the loop");
            return false;
        }
        for (const Access *access : members) verdict(*access, Owner::Atomic, region.id);
        group = std::move(rest);
    }
}

/// Removes from the group what is claimed to be disjoint, after judging it; false if something else touches the same.
bool Walker::judgeDisjoint(const Region &region, Group &group) {
    for (;;) {
        auto found = std::find_if(group.begin(), group.end(), [](auto *a) { return a->kind == AccessKind::Disjoint; });
        if (found == group.end()) return true;
        const Access &claim = **found;
        Group rest;
        for (const Access *access : group) {
            if (sameIndex(access->place, claim.place) || isShape(*access)) {
                verdict(*access, Owner::Asserted, region.id);
                continue;
            }
            if (fieldsApart(access->place, claim.place)) {
                rest.push_back(access);
                continue;
            }
            if (alreadyReported(claim.place.root)) return false;
            analysis.emitter.report(diag::Code::DisjointMixed, access->span, localText(claim.place.root), region.word)
                .at(access->writes() ? "written through another index" : "read through another index")
                .label(claim.span, "claimed to be disjoint here")
                .why("the claim is about one index: it says nothing about elements that are reached in another way")
                .fix("use the same index everywhere, or another array");
            return false;
        }
        group = std::move(rest);
    }
}

// ---- elements ---------------------------------------------------------------------------------------------------

/// The high digits that all accesses have in common in dimension `d` of step `k`, in any base that fits.
void Walker::addDigits(const Region &region, const Group &group, size_t k, size_t d, std::vector<TermId> &kept) {
    Radix radix(terms, conflicts, region.mark);
    const Dim &sample = group.front()->place.steps[k].dims[d];
    for (TermId stride : radix.strides(sample.lo, region.iteration)) {
        std::optional<TermId> common;
        bool all = true;
        std::set<std::tuple<TermId, TermId, PathId, std::vector<CondId>>> seen;
        for (const Access *access : group) {
            const Dim &dim = access->place.steps[k].dims[d];
            if (!seen.insert({dim.lo, dim.count, access->path, access->place.facts}).second) continue;
            const bool exact = conflicts.trust != Trust::Machine ||
                               conflicts.fits(dim.isRange() ? terms.add(dim.lo, dim.count) : dim.lo, access->path,
                                              access->place.facts);
            const auto high = exact ? radix.high({dim, access}, stride) : std::nullopt;
            all = high && (!common || *common == *high);
            if (!all) break;
            common = high;
        }
        if (all && common) kept.push_back(*common);
    }
}

/// One injective index, or the same high digits of one, in all accesses.
bool Walker::owned(const Region &region, const Group &group) {
    if (region.iteration.empty()) return false;
    const Trust before = conflicts.trust;
    bool proven = ownedAs(region, group, Trust::Machine);
    for (Trust trust : {Trust::Indices, Trust::Sums}) {
        if (proven) break;
        Needs needs;
        for (const Access *access : group) conflicts.addNeeds(*access, trust, needs);
        if (needs.sums.empty() || !canGuard(region, needs) || !ownedAs(region, group, trust)) continue;
        region.needs.add(needs);
        proven = true;
    }
    conflicts.trust = before;
    return proven;
}

bool Walker::ownedAs(const Region &region, const Group &group, Trust trust) {
    conflicts.trust = trust;
    const bool exact = trust != Trust::Machine;
    auto enough = [&](const std::vector<TermId> &kept) {
        return determines(terms, kept, region.iteration, region.mark, exact);
    };
    const Place &sample = group.front()->place;
    std::vector<TermId> kept;
    for (size_t k = 0; k < sample.steps.size(); ++k) {
        const Step &step = sample.steps[k];
        // Parts that are cut from the same view are told apart by their numbers.
        const bool cut = step.isView() && k + 1 < sample.steps.size() && sample.steps[k + 1].kind == StepKind::Part &&
                         sameCut(terms, step, sample.steps[k + 1], region.mark);
        bool stop = step.offset.valid() || (step.isView() && !cut);
        std::vector<bool> same(step.dims.size(), true);
        for (const Access *access : group) {
            if (k >= access->place.steps.size()) return enough(kept);
            const Step &other = access->place.steps[k];
            if (other.kind != step.kind || other.index != step.index || other.dims.size() != step.dims.size() ||
                other.offset || (step.kind == StepKind::Part && other.shape != step.shape))
                return enough(kept);
            stop |= cut ? other.dims != step.dims : other.isView();
            for (size_t d = 0; d < step.dims.size(); ++d)
                same[d] = same[d] && !step.dims[d].isRange() && step.dims[d] == other.dims[d];
        }
        for (size_t d = 0; d < step.dims.size(); ++d)
            if (same[d]) kept.push_back(step.dims[d].lo);
        if (enough(kept)) return true;
        if (step.kind == StepKind::Elements && !step.offset)
            for (size_t d = 0; d < step.dims.size(); ++d) addDigits(region, group, k, d, kept);
        if (stop) break;
    }
    return enough(kept);
}

namespace {

/// Questions to the solver about one variable of one region. A count, so that verdicts do not depend on the machine.
constexpr uint32_t kMostQuestions = 2000;

} // namespace

bool Walker::judgePairs(const Region &region, const Group &group) {
    // Accesses in the same way on the same path are one.
    Group distinct;
    for (const Access *access : group) {
        const bool known = std::any_of(distinct.begin(), distinct.end(), [&](const Access *other) {
            return other->writes() == access->writes() && other->path == access->path &&
                   other->place.steps == access->place.steps && other->place.facts == access->place.facts;
        });
        if (!known) distinct.push_back(access);
    }
    const uint32_t asked = analysis.solver.queries();
    const std::function<bool(const Needs &)> can_guard = [&](const Needs &needs) { return canGuard(region, needs); };
    for (size_t i = 0; i < distinct.size(); ++i) {
        for (size_t j = i; j < distinct.size(); ++j) {
            const Access *a = distinct[i], *b = distinct[j];
            if (!a->writes() && !b->writes()) continue;
            if (!a->writes()) std::swap(a, b);
            const Split split{region.mark, region.iteration, a == b, &can_guard, {}};
            Finding finding; // not proved, when there are too many questions
            if (analysis.solver.queries() - asked < kMostQuestions) finding = conflicts.check(*a, *b, split);
            if (finding.verdict == Verdict::Apart) {
                region.needs.add(finding.needs);
                continue;
            }
            if (guarded(region, *a, *b, split)) continue;
            if (!alreadyReported(a->place.root)) explain(region, {*a, *b, finding});
            return false;
        }
    }
    return true;
}

// ---- captures ---------------------------------------------------------------------------------------------------

void Walker::capture(const Region &region, const Groups &all) {
    RegionFacts facts;
    facts.region = region.id;
    std::map<std::pair<LocalId, std::vector<uint32_t>>, CaptureMode> modes;
    auto modeOf = [](const Access &access) {
        switch (access.kind) {
        case AccessKind::Read: return CaptureMode::Read;
        case AccessKind::Atomic: return CaptureMode::Atomic;
        case AccessKind::Disjoint: return CaptureMode::Asserted;
        default: return CaptureMode::Write;
        }
    };
    for (const auto &[root, group] : all) {
        if (!isVariable(root)) continue;
        for (const Access *access : group) {
            std::vector<uint32_t> fields;
            for (const Step &step : access->place.steps) {
                if (step.kind != StepKind::Field) break;
                fields.push_back(step.index);
            }
            auto [it, inserted] = modes.try_emplace({root, fields}, modeOf(*access));
            if (!inserted && it->second == CaptureMode::Read) it->second = modeOf(*access);
        }
    }
    if (region.loop)
        for (const Accumulator &acc : region.loop->accumulators) {
            const LocalId root = rootOf(body, acc.place);
            for (auto &[key, mode] : modes)
                if (key.first == root && mode == CaptureMode::Write) mode = CaptureMode::Accumulate;
        }
    for (const auto &[key, mode] : modes) facts.captures.push_back({key.first, key.second, mode});
    if (auto guards = GuardBuilder(terms, quantitiesOf(region)).build(region.needs)) facts.guards = std::move(*guards);
    proofs.regions.push_back(std::move(facts));
}

} // namespace parlane::access
