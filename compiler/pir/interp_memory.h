// Instructions on memory, and what they know statically.
#pragma once
#include "compiler/pir/interp_code.h"

#include <fmt/format.h>

namespace parlane::pir::interp {

struct ElemSite {
    int64_t size = 0; ///< of an element
    Bounds bounds = Bounds::Checked;
    LocId loc;
    std::vector<int64_t> extents; ///< fixed arrays
};
struct SliceSite {
    int64_t size = 0, rank = 0, dropped = 0;
    std::vector<int32_t> cells;
    LocId loc;
};
struct ArraySite {
    TypeId elem;
    int64_t size = 0;
    std::vector<int32_t> extents;
    int32_t fill = -1;
    bool fill_is_ref = false, zeroed = true;
    LocId loc;
};

Handler elemHandler(int64_t rank);
Handler elemFixedHandler();

int32_t address(const Insn *pc, char *frame, Machine &m);       ///< a = frame + b
int32_t addressOfPart(const Insn *pc, char *frame, Machine &m); ///< a = pointer in b, plus imm
int32_t zeroCell(const Insn *pc, char *frame, Machine &m);      ///< imm bytes at a
int32_t putPointer(const Insn *pc, char *frame, Machine &m);
int32_t putByte(const Insn *pc, char *frame, Machine &m);
int32_t take(const Insn *pc, char *frame, Machine &m);
int32_t swapPlaces(const Insn *pc, char *frame, Machine &m);
int32_t dropPlace(const Insn *pc, char *frame, Machine &m); ///< type in imm
int32_t dropCell(const Insn *pc, char *frame, Machine &m);
int32_t copyPlace(const Insn *pc, char *frame, Machine &m);
int32_t copyOfView(const Insn *pc, char *frame, Machine &m);
int32_t viewOfArray(const Insn *pc, char *frame, Machine &m);
int32_t viewOfFixed(const Insn *pc, char *frame, Machine &m);
int32_t viewOfStr(const Insn *pc, char *frame, Machine &m);
int32_t slice(const Insn *pc, char *frame, Machine &m);
int32_t contiguous(const Insn *pc, char *frame, Machine &m);
int32_t reshape(const Insn *pc, char *frame, Machine &m);
int32_t array(const Insn *pc, char *frame, Machine &m);
int32_t box(const Insn *pc, char *frame, Machine &m);
int32_t tagOfBox(const Insn *pc, char *frame, Machine &m);
int32_t boxed(const Insn *pc, char *frame, Machine &m);
int32_t atomicOp(const Insn *pc, char *frame, Machine &m);

} // namespace parlane::pir::interp
