#include "compiler/vectorize/vectorize.h"

#include "compiler/opt/expand_call.h"
#include "compiler/opt/simplify.h"
#include "compiler/vectorize/cost.h"
#include "compiler/vectorize/emitter.h"

#include <fmt/format.h>

namespace parlane::vectorize {

using namespace pir;

namespace {

constexpr size_t kMostOps = 3000; ///< of a body with its calls expanded

class Vectorizer {
public:
    Vectorizer(Module &module, const Options &options) : module(module), options(options) {}

    void function(FunctionId id) {
        const Function &f = module.functions[id];
        if (!f.body.valid()) return;
        std::vector<OpId> loops;
        opt::forEachOp(f, f.body, [&](OpId op) {
            if (isParallel(f.ops[op].code)) loops.push_back(op);
        });
        for (OpId loop : loops) {
            auto obstacle = one(id, loop);
            if (obstacle) obstacles[{id.raw, loop.raw}] = *obstacle;
        }
    }

    std::map<std::pair<uint32_t, uint32_t>, Obstacle> obstacles;

private:
    std::optional<Obstacle> one(FunctionId id, OpId loop_id) {
        const Function &f = module.functions[id];
        const Op loop = f.ops[loop_id];
        auto no = [&](std::string what) { return std::optional(Obstacle{std::move(what), loop.loc}); };
        bool fold = loop.code == OpCode::ParFold;
        if (loop.string(AttrKey::Space) == "serial") return no("the copy for a guard that fails runs iteration by iteration");
        if (loop.code != OpCode::ParFor && !fold)
            return no(fmt::format("not supported yet: lanes for this construct ({})", info(loop.code).text));
        if (!fold && !hasScalarAccumulators(f, loop)) return no("not supported yet: lanes for `reduce` into arrays, structs, tuples and by functions");
        if (fold && !isFlatFold(f, loop)) return no("a fold by a function runs from left to right");
        if (isSlowCopy(f, loop_id)) return no("the copy with checks is scalar");
        bool strict = loop.has(AttrKey::Strict);
        if (!strict && !options.enabled) return no("lanes are switched off");
        RegionId scratch = copyBody(id, loop_id);
        auto found = expandCalls(id, scratch);
        if (!found) {
            prune(id);
            ValueId axis = f.regions[scratch].params[static_cast<size_t>(loop.integer(AttrKey::Rank)) - 1];
            Analysis analysis(module, f, loop_id, scratch, axis);
            found = analysis.run();
            if (!found) found = emit(id, loop_id, scratch, analysis, strict);
        }
        dropScratch(id, loop_id, scratch);
        return found;
    }

    std::optional<Obstacle> emit(FunctionId id, OpId loop, RegionId scratch, const Analysis &analysis, bool strict) {
        int64_t lanes = options.lanes ? options.lanes : chooseLanes(analysis, scratch);
        const Function &f = module.functions[id];
        bool clause = !parShape(f.ops[loop]).accumulators.empty() && f.ops[loop].code == OpCode::ParFor;
        if (clause || f.ops[loop].code == OpCode::ParFold) {
            // Cheap bodies take all partials at once, which then stay in registers.
            int64_t partials = 64;
            if (!clause) partials = partialsOf(module.types, f.type(f.ops[loop].result));
            for (ValueId place : clause ? parShape(f.ops[loop]).accumulators : std::span<const ValueId>{})
                partials = std::min(partials, partialsOf(module.types, module.types[f.type(place)].elem));
            bool cheap = module.functions[id].regions[scratch].ops.size() <= 40;
            lanes = options.lanes ? std::min(options.lanes, partials) : cheap ? partials : std::min(lanes, partials);
        }
        Estimate cost = estimate(analysis, scratch, lanes);
        if (!strict && !options.lanes && !cost.pays())
            return Obstacle{fmt::format("lanes would not pay: about {:.0f} cycles for {} iterations on lanes, {:.0f} without", cost.vector,
                                        lanes, cost.scalar),
                            module.functions[id].ops[loop].loc};
        Emitter(module, id, analysis, lanes).run(loop, scratch, Role::Lanes);
        Emitter(module, id, analysis, lanes).run(loop, scratch, Role::Tail);
        Op &op = module.functions[id].ops[loop];
        op.set(AttrKey::Mode, static_cast<int64_t>(Mode::Lanes));
        op.set(AttrKey::Lanes, lanes);
        op.set(AttrKey::Unit, int64_t{64});
        return std::nullopt;
    }

    /// Scalars and tuples of them, by built-in operators.
    bool isFlatFold(const Function &f, const Op &loop) const {
        for (int64_t how : loop.list(AttrKey::Ops))
            if (static_cast<FoldOp>(how) == FoldOp::Fn) return false;
        return isFlat(f.type(loop.result));
    }
    bool hasScalarAccumulators(const Function &f, const Op &loop) const {
        for (int64_t how : loop.list(AttrKey::Ops))
            if (static_cast<FoldOp>(how) == FoldOp::Fn) return false;
        return std::ranges::all_of(parShape(loop).accumulators, [&](ValueId place) {
            const Type &type = module.types[f.type(place)];
            return type.kind == TypeKind::Ref && isScalar(module.types.kind(type.elem));
        });
    }
    bool isFlat(TypeId type) const {
        if (module.types.kind(type) == TypeKind::Tuple)
            return std::ranges::all_of(module.types[type].parts, [&](TypeId part) { return isFlat(part); });
        return isScalar(module.types.kind(type));
    }

    /// Partials of a fold: 64 where no scalar has more than 4 bytes, else 32.
    static int64_t partialsOf(const Types &types, TypeId type) {
        if (types.kind(type) != TypeKind::Tuple) return scalarBytes(types.kind(type)) <= 4 ? 64 : 32;
        int64_t fewest = 64;
        for (TypeId part : types[type].parts) fewest = std::min(fewest, partialsOf(types, part));
        return fewest;
    }

    /// Of a loop that was versioned the copy that runs when its guard does not hold.
    static bool isSlowCopy(const Function &f, OpId loop_id) {
        const Region &home = f.regions[f.ops[loop_id].parent];
        if (home.role != Role::Else || !home.op.valid()) return false;
        RegionId other = f.region(home.op, Role::Then);
        if (!other.valid()) return false;
        return std::ranges::any_of(f.regions[other].ops, [&](OpId op) {
            return f.ops[op].code == f.ops[loop_id].code && f.ops[op].loc == f.ops[loop_id].loc;
        });
    }

    /// The body once more, to expand its calls in.
    RegionId copyBody(FunctionId id, OpId loop) {
        Function &f = module.functions[id];
        RegionId source = f.region(f.ops[loop], Role::Fast);
        if (!source.valid()) source = f.region(f.ops[loop], Role::Checked);
        opt::RegionCopy copy(module, id, id);
        RegionId made = copy.region(source, loop);
        f.regions[made].role = Role::Lanes;
        return made;
    }

    /// Unlinks the copy; its ops are dead.
    void dropScratch(FunctionId id, OpId loop, RegionId scratch) {
        Function &f = module.functions[id];
        std::vector<RegionId> pending = {scratch};
        while (!pending.empty()) {
            RegionId region = pending.back();
            pending.pop_back();
            for (OpId op : f.regions[region].ops) {
                f.ops[op].parent = {};
                pending.insert(pending.end(), f.ops[op].regions.begin(), f.ops[op].regions.end());
            }
            f.regions[region].ops.clear();
        }
        std::erase(f.ops[loop].regions, scratch);
    }

    std::optional<Obstacle> expandCalls(FunctionId id, RegionId scratch) {
        Function &f = module.functions[id];
        for (;;) {
            std::vector<OpId> calls;
            size_t size = 0;
            opt::forEachOp(f, scratch, [&](OpId op) {
                ++size;
                if (f.ops[op].code == OpCode::Call) calls.push_back(op);
            });
            if (calls.empty()) return std::nullopt;
            opt::Replacements replacements;
            for (OpId call : calls) {
                FunctionId callee = f.ops[call].function();
                const std::string &name = module.functions[callee].name;
                if (callee == id || reaches(callee, callee)) return Obstacle{fmt::format("`{}` calls itself", name), f.ops[call].loc};
                size += sizeOf(callee);
                if (size > kMostOps) return Obstacle{fmt::format("the body is too large with `{}` in it", name), f.ops[call].loc};
                opt::expandCall(module, id, call, replacements);
            }
            replacements.apply(f);
        }
    }

    size_t sizeOf(FunctionId callee) const {
        size_t size = 0;
        const Function &f = module.functions[callee];
        opt::forEachOp(f, f.body, [&](OpId) { ++size; });
        return size;
    }

    bool reaches(FunctionId from, FunctionId goal) const {
        std::set<uint32_t> seen;
        std::vector<FunctionId> pending = {from};
        while (!pending.empty()) {
            const Function &f = module.functions[pending.back()];
            pending.pop_back();
            bool found = false;
            opt::forEachOp(f, f.body, [&](OpId op) {
                if (f.ops[op].code != OpCode::Call) return;
                FunctionId callee = f.ops[op].function();
                found = found || callee == goal;
                if (seen.insert(callee.raw).second) pending.push_back(callee);
            });
            if (found) return true;
        }
        return false;
    }

    void prune(FunctionId id) {
        opt::splitSlotsOf(module, id);
        opt::simplifyFunction(module, id);
    }

    Module &module;
    const Options &options;
};

} // namespace

std::vector<opt::Verdict> vectorize(Module &module, const Options &options) {
    Vectorizer work(module, options);
    uint32_t count = module.functions.size();
    for (uint32_t k = 0; k < count; ++k) work.function(FunctionId(k));
    for (Function &f : module.functions) f.level = std::max<uint8_t>(f.level, 3);
    std::vector<opt::Verdict> verdicts = opt::verdicts(module);
    for (opt::Verdict &verdict : verdicts) {
        auto found = work.obstacles.find({verdict.function.raw, verdict.op.raw});
        if (found == work.obstacles.end()) {
            verdict.reason.clear();
            continue;
        }
        verdict.reason = found->second.what;
        verdict.reason_loc = found->second.loc;
    }
    return verdicts;
}

std::vector<Miss> missedContracts(const Module &module, const std::vector<opt::Verdict> &verdicts) {
    // Copies of one loop (of instances, of a loop with and without checks) stand at one place.
    std::vector<Miss> misses;
    for (const opt::Verdict &verdict : verdicts) {
        // Scans, filters and searches have no lanes yet: their contract is not judged.
        if (!verdict.simd || (verdict.construct != OpCode::ParFor && verdict.construct != OpCode::ParFold)) continue;
        bool kept = std::ranges::any_of(verdicts, [&](const opt::Verdict &other) {
            return other.function == verdict.function && other.loc == verdict.loc && other.mode == Mode::Lanes;
        });
        source::Span span = module.locations[verdict.loc].span;
        bool known = std::ranges::any_of(misses, [&](const Miss &miss) { return module.locations[miss.loop].span == span; });
        if (!kept && !known) misses.push_back({verdict.loc, verdict.reason_loc, verdict.reason});
    }
    return misses;
}

} // namespace parlane::vectorize
