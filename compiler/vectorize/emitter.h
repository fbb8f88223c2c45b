// Writes the body of a loop a second time, for L lanes at once.
#pragma once
#include "compiler/pir/builder.h"
#include "compiler/pir/layout.h"
#include "compiler/vectorize/analysis.h"

#include <functional>

namespace parlane::vectorize {

/// What a scalar value of the body became.
struct LaneValue {
    Kind kind = Kind::Uniform;
    pir::ValueId value;           ///< the scalar, the base, or a vector (mask, if it is a bool)
    int64_t stride = 0;           ///< Linear
    std::vector<LaneValue> parts; ///< of a struct or tuple that varies: its fields, and no value
};

class Emitter {
public:
    Emitter(pir::Module &module, pir::FunctionId id, const Analysis &analysis, int64_t lanes);

    /// Adds region `role` to the loop: its indices, for the tail a mask, a ref to a vector for each accumulator. It yields: a bool, if a
    /// lane may fail; of a fold a mask of the lanes that contribute, if some may not; the scalars of what the body yields, one vector each.
    void run(pir::OpId loop, pir::RegionId body, pir::Role role);

private:
    using Op = pir::Op;
    using OpCode = pir::OpCode;
    using OpId = pir::OpId;
    using RegionId = pir::RegionId;
    using TypeId = pir::TypeId;
    using ValueId = pir::ValueId;

    /// Lanes that are on. No value: all of them.
    struct Mask {
        ValueId value;
        bool some = true; ///< is at least one on, for certain?
        bool isFull() const { return !value.valid(); }
    };
    /// A place in memory that a ref of the body names.
    struct Place {
        ValueId view;
        std::vector<LaneValue> indices;
        int64_t part = 0;
        TypeId type;
        const Op *elem = nullptr; ///< bears the verdict
    };
    /// A block or loop around the current op, or an iteration of a loop (`again`).
    struct Frame {
        OpId op;
        bool again = false;
        ValueId live;   ///< slot of the lanes that have not left; none if they leave together
        OpId emitted;   ///< where a jump of all lanes goes
        std::vector<ValueId> results; ///< slots
    };
    using Results = std::vector<ValueId>;
    /// Where what a region yields goes.
    using Sink = std::function<void(std::span<const ValueId>)>;

    const pir::Function &f() const { return module.functions[id]; }
    pir::Types &types() { return module.types; }
    TypeId typeOf(ValueId v) const { return f().type(v); }
    pir::TypeKind kindOf(ValueId v) const { return module.types.kind(f().type(v)); }

    // --- values (emit_values.cpp) ---
    const LaneValue &get(ValueId source);
    void set(ValueId source, LaneValue value) { values[source.raw] = std::move(value); }
    TypeId wide(TypeId scalar);
    /// As a vector (a bool: as a mask) of the scalar type.
    ValueId spread(const LaneValue &value, TypeId scalar);
    LaneValue varying(ValueId vector) { return {Kind::Varying, vector, 0, {}}; }
    LaneValue uniform(ValueId scalar) { return {Kind::Uniform, scalar, 0, {}}; }
    ValueId scalarCopy(const Op &op);
    bool pure(const Op &op);
    void linearOp(const Op &op);
    LaneValue wideOp(const Op &op);
    LaneValue boolOp(const Op &op);
    LaneValue convertOp(const Op &op);
    LaneValue convertIndex(const LaneValue &index, TypeId to);
    LaneValue select(ValueId mask, const LaneValue &yes, const LaneValue &no, TypeId type);
    LaneValue partsOf(const LaneValue &value, TypeId type);
    void aggregate(const Op &op);

    // --- memory (emit_memory.cpp) ---
    bool memory(const Op &op);
    void elem(const Op &op);
    void load(const Op &op);
    void store(const Op &op, OpId id);
    LaneValue loadPlace(const Place &place, TypeId type, int64_t part);
    void storePlace(const Place &place, const LaneValue &value, TypeId type, int64_t part);
    std::vector<pir::Attr> accessAttrs(const Place &place, TypeId type, int64_t part);
    bool isContiguous(const Place &place) const;
    void access(const Place &place, bool lanes, std::vector<ValueId> &operands);
    void checkIndex(const LaneValue &index, ValueId extent);
    /// The step is given up if a lane that is on fails the condition.
    void failUnless(const LaneValue &good);
    void giveUp();

    // --- control (emit_control.cpp) ---
    void ops(RegionId region, size_t from, const Sink &sink);
    void one(OpId id, const Sink &sink);
    bool control(const Op &op, OpId id, const Sink &sink);
    void ifOp(const Op &op, OpId id);
    void switchOp(const Op &op, OpId id);
    void uniformBranch(const Op &op, OpId id);
    void failHere();
    void arms(const Op &op, OpId id, const std::vector<std::pair<RegionId, ValueId>> &ways);
    void blockOp(const Op &op, OpId id);
    void scopeOp(const Op &op);
    void loopOp(const Op &op, OpId id);
    LaneValue indexOf(const std::vector<LaneValue> &bounds, ValueId round, TypeId type);
    void rounds(const Op &op, OpId id, size_t mine);
    void loopBody(const Op &op, OpId id, size_t mine);
    void exit(const Op &op, OpId id);
    void restore(const Mask &before, OpId id);
    bool needsGuard(RegionId region) const;
    bool isUnsafe(const Op &op) const;
    pir::TypeKind pointeeKind(ValueId ref) const;
    ValueId current();
    void content(OpId loop, RegionId body);
    bool hasAgain(OpId loop, RegionId body) const;
    ValueId both(const Mask &mask, ValueId condition);
    void addResultSlots(TypeId type, Results &slots);
    Results resultSlots(ValueId result);
    void storeParts(const Results &slots, size_t &at, TypeId type, const LaneValue &value, bool keep);
    void storeResult(const Results &slots, ValueId result, const LaneValue &value, bool keep);
    LaneValue loadParts(const Results &slots, size_t &at, TypeId type);
    void useResult(const Results &slots, ValueId result);
    bool endsInExit(RegionId region) const;
    size_t pushLive(OpId op, bool again, OpId emitted);

    pir::Module &module;
    pir::FunctionId id;
    const Analysis &analysis;
    int64_t lanes;
    pir::Builder b;
    pir::Layouts layouts;
    std::map<uint32_t, LaneValue> values;
    std::map<uint32_t, Place> places;
    std::map<uint32_t, ValueId> slots;
    std::vector<Frame> frames;
    Mask mask;
    size_t mask_frame = ~size_t{0}; ///< frame whose live lanes are exactly `mask`
    OpId test_after;                ///< behind it a loop asks whether any lane is left
    size_t test_frame = 0;          ///< of that loop
    bool tested = false;            ///< whether it has
    RegionId scratch;               ///< the body that is emitted
    OpId step;                      ///< block that ends with false when a lane fails
    TypeId mask_type;
    ValueId counted;                ///< slot: lanes that contribute to a fold; none: all
    std::vector<Results> yielded;   ///< slots of what the body of a fold yields
};

} // namespace parlane::vectorize
