// Turns a function into instructions.
#pragma once
#include "compiler/pir/interp_control.h"
#include "compiler/pir/interp_memory.h"

namespace parlane::pir::interp {

class Decoder {
public:
    Decoder(Machine &machine, FunctionId id);
    std::unique_ptr<Code> run();

private:
    using Label = int32_t;
    /// A region that is being decoded, innermost last.
    struct Context {
        RegionId region;
        OpId op;         ///< whose region it is
        Label pad;       ///< where failures inside go
        std::vector<std::pair<int32_t, TypeId>> owned; ///< owning slots that stand in it
        Label yielded = -1;   ///< where `yield` goes
        std::vector<int32_t> results; ///< cells that take what is yielded
    };
    struct Targets {
        Label end = -1, again = -1;
        int32_t result = -1;
    };
    struct Pad {
        Label label, next;
        std::vector<std::pair<int32_t, TypeId>> owned;
        std::vector<Insn> insns; ///< behind the drops
        std::vector<std::pair<size_t, Label>> jumps;
    };
    struct Fixup {
        size_t insn;
        int32_t *table; ///< a switch target; null: field d of the instruction
        Label label;
    };

    // --- frame and instructions (interp_decode.cpp) ---
    int32_t room(int64_t size, int64_t align = 8);
    int32_t cell(ValueId value);
    int64_t sizeOf(TypeId type) const { return m.layouts.size(type); }
    TypeId typeOf(ValueId value) const { return f.type(value); }
    TypeKind kindOf(ValueId value) const { return types.kind(f.type(value)); }
    const Type &pointee(ValueId ref) const { return types[types[f.type(ref)].elem]; }
    Insn &emit(Handler run, int32_t a = 0, int32_t b = 0, int32_t c = 0, int32_t d = 0, int32_t e = 0);
    /// An instruction that can fail goes to the pad of the innermost context.
    Insn &emitFailing(Handler run, int32_t a = 0, int32_t b = 0, int32_t c = 0, int32_t d = 0, int32_t e = 0);
    void emitJump(Label label);
    void branch(Handler run, int32_t a, Label label);
    Label newLabel();
    void place(Label label);
    void to(Label label) { fixups.push_back({code->insns.size() - 1, nullptr, label}); }
    void emitMove(int32_t into, int32_t from, int64_t size);
    int64_t directOf(ValueId ref) const { return direct[ref.raw]; }
    void scanUses();
    void addConstants();
    void emitPads();
    void resolve();

    // --- regions and control (interp_control_decode.cpp) ---
    /// Decodes the ops of a region; falls out of it at the end, slots dropped.
    void region(Context context);
    void enterRegion(Context &context);
    void dropOwned(const Context &context);
    /// Drops of all contexts inside of (not: including) depth `keep`.
    void unwind(size_t keep);
    size_t contextOf(OpId op) const;
    void control(const Op &op, OpId id);
    void ifOp(const Op &op, OpId id);
    void switchOp(const Op &op, OpId id);
    void loopOp(const Op &op, OpId id);
    void forOp(const Op &op, OpId id);
    void tryOp(const Op &op, OpId id);
    void leaveOp(const Op &op);
    void yieldOp(const Op &op);
    void returnOp(const Op &op);

    // --- plain ops (interp_value_decode.cpp) ---
    void one(const Op &op, OpId id, OpId next);
    void scalarOp(const Op &op, OpId next);
    bool fuseCompare(const Op &op, OpId next);
    void aggregateOp(const Op &op);
    void tagOp(const Op &op);
    void payloadOp(const Op &op);
    void memoryOp(const Op &op, OpId next);
    void slotOp(const Op &op, OpId next);
    void loadOp(const Op &op);
    void elemOp(const Op &op, OpId next);
    void viewOp(const Op &op);
    void arrayOp(const Op &op);
    void callOp(const Op &op);
    void foreignOp(const Op &op);
    void trapOp(const Op &op);

    // --- ops on vectors (interp_vector.cpp) ---
    /// False if the op has nothing to do with vectors, or is one that moves any value.
    bool vectorOp(const Op &op);
    void laneAccess(const Op &op);
    static int64_t indexCount(const Type &held, const Type &base);

    // --- parallel ops (interp_par_decode.cpp) ---
    void parallel(const Op &op, OpId id);
    void loopNest(const Op &op, OpId id);
    void nest(const Op &op, OpId id, ParSite &site, RegionId body, size_t dim, bool counting, int32_t total, bool stateful);
    void addIterations(Context &context);
    void parBody(const Op &op, OpId id, ParSite &site, RegionId body, bool stateful);
    void planSite(const Op &op, ParSite &site);
    void subroutine(RegionId region, ParSite::Sub &sub);
    int32_t extentOf(const Op &op, OpId id, size_t dim, const std::vector<int32_t> &indices);
    void invokeOp(const Op &op, OpId id);
    void pipelineOp(const Op &op, OpId id);

    Machine &m;
    const Module &module;
    const Function &f;
    const Types &types;
    std::unique_ptr<Code> code;
    std::vector<int32_t> cells;    ///< by value; -1 none yet
    std::vector<int64_t> direct;   ///< by value: offset in the frame of the place a ref names; -1 unknown
    std::vector<uint8_t> needs_cell; ///< by value: a direct ref that is also used as a pointer
    std::vector<uint32_t> uses;
    std::vector<const Op *> fused; ///< by value: compare or elem whose work the next op does
    std::vector<int64_t> labels;   ///< instruction; -1 not yet placed
    std::vector<Fixup> fixups;
    std::vector<std::pair<size_t, Label>> pads_of; ///< instruction -> pad
    std::vector<Pad> pads;
    std::vector<Context> contexts;
    std::unordered_map<uint32_t, Targets> targets; ///< by op
    std::unordered_map<uint32_t, int32_t> reached; ///< by `iteration` that is not the first of its region: IterationSite::reached
    int64_t frame_size = sizeof(FrameHeader);
};

} // namespace parlane::pir::interp
