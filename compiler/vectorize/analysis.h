// What is known about the body of one loop before it is put on lanes: which values differ between lanes, where control diverges, which stores
// must keep the old value of lanes that are off, and what stands in the way.
#pragma once
#include "compiler/pir/pir.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace parlane::vectorize {

enum class Kind : uint8_t {
    Uniform, ///< the same in all lanes that are on
    Linear,  ///< an integer: base + lane * stride
    Varying
};

struct Shape {
    Kind kind = Kind::Uniform;
    int64_t stride = 0;
    friend bool operator==(const Shape &, const Shape &) = default;
};

/// The first thing in the way, in words that follow "cannot run on vector lanes: ".
struct Obstacle {
    std::string what;
    pir::LocId loc;
};

class Analysis {
public:
    /// `body` is a region of `loop` whose parameter `axis` runs over the lanes. Calls are expanded already.
    Analysis(const pir::Module &module, const pir::Function &f, pir::OpId loop, pir::RegionId body, pir::ValueId axis);

    std::optional<Obstacle> run();

    /// Of a value; of a ref to memory how its place depends on the lane. Values from outside of the body are uniform.
    Shape shape(pir::ValueId value) const;
    bool isVarying(pir::ValueId value) const { return shape(value).kind == Kind::Varying; }
    /// Does the slot hold one value a lane?
    bool isVaryingSlot(pir::ValueId slot) const { return varying_slots.contains(slot.raw); }
    /// Does the condition of an `if` or `switch`, or the number of rounds of a `for`, differ between lanes?
    bool diverges(pir::OpId op) const { return divergent.contains(op.raw); }
    /// Do lanes leave a block or loop (end an iteration of it) while others go on?
    bool isLeft(pir::OpId target) const { return left.contains(target.raw); }
    /// Do some lanes leave a loop for what follows it (and not only for further out)?
    bool isLeftByItself(pir::OpId target) const { return own_exits.contains(target.raw) || diverges(target); }
    bool isSkipped(pir::OpId target) const { return skipped.contains(target.raw); }
    /// Is a `leave` or `again` taken by some of the lanes that are on in its target?
    bool isPartial(pir::OpId exit) const { return partial.contains(exit.raw); }
    /// May lanes be off behind the op that were on before it?
    bool escapes(pir::OpId op) const { return escaping.contains(op.raw); }
    /// Must a store to a slot keep what lanes hold that are off now?
    bool needsBlend(pir::ValueId slot, pir::OpId store) const;
    /// Can some op of the body fail?
    bool canFail() const { return can_fail; }
    /// A slot declared in the body, or an accumulator of the loop.
    bool isLocalSlot(pir::ValueId ref) const;
    bool isAccumulator(pir::ValueId ref) const { return accumulators.contains(ref.raw); }
    bool isInBody(pir::ValueId value) const;
    /// Does the region end in a failure whatever happens, so that nothing else in it matters?
    bool isFailure(pir::RegionId region) const;

    const pir::Module &module;
    const pir::Function &f;

private:
    using Op = pir::Op;
    void walk(pir::RegionId region);
    void one(pir::OpId id);
    Shape join(std::span<const pir::ValueId> operands) const;
    Shape arithmetic(const Op &op) const;
    void resultShape(const Op &op, pir::OpId id);
    void exit(const Op &op, pir::OpId id);
    bool divergesBetween(pir::RegionId from, pir::OpId target, bool again) const;
    void set(pir::ValueId value, Shape shape);
    void mark(std::set<uint32_t> &set, pir::OpId op) { changed = set.insert(op.raw).second || changed; }
    std::optional<int64_t> constant(pir::ValueId value) const;

    // liveness.cpp
    void numberOps(pir::RegionId region);
    bool reads(pir::ValueId slot, pir::OpId op) const;
    bool liveFrom(pir::ValueId slot, pir::RegionId region, size_t from, std::set<uint32_t> &escaped, bool &killed) const;
    bool liveAfter(pir::ValueId slot, pir::OpId op) const;
    bool liveAtStart(pir::ValueId slot, pir::RegionId region) const;
    void exitsOf(pir::OpId op, std::set<uint32_t> &targets) const;

    // obstacles.cpp
    std::optional<Obstacle> obstacle(pir::RegionId region);
    std::optional<Obstacle> obstacleOf(const Op &op);
    std::optional<Obstacle> storeObstacle(const Op &op);
    std::optional<Obstacle> typeObstacle(const Op &op, pir::ValueId value) const;
    std::optional<Obstacle> replayObstacle() const;
    bool mayFail(const Op &op) const;
    pir::ValueId rootOf(pir::ValueId ref) const;

    pir::OpId loop;
    pir::RegionId body;
    pir::ValueId axis;
    std::map<uint32_t, Shape> shapes;
    std::set<uint32_t> varying_slots, divergent, left, skipped, partial, escaping, own_exits, accumulators;
    std::map<uint32_t, std::pair<uint32_t, uint32_t>> order; ///< op -> first and behind the last number in it
    std::map<uint32_t, std::vector<uint32_t>> loads;         ///< slot -> numbers of its loads
    uint32_t next_number = 0;
    bool changed = false, can_fail = false;
};

} // namespace parlane::vectorize
