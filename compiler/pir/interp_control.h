// Instructions of control: jumps, failure, calls; and of the parallel constructs.
#pragma once
#include "compiler/pir/interp_code.h"

namespace parlane::pir::interp {

int32_t jump(const Insn *pc, char *frame, Machine &m);
/// A jump back (loop): counts a step.
int32_t jumpBack(const Insn *pc, char *frame, Machine &m);
int32_t branchFalse(const Insn *pc, char *frame, Machine &m);     ///< bool a, to d
int32_t branchNotPositive(const Insn *pc, char *frame, Machine &m); ///< i64 a <= 0, to d
int32_t branchZero(const Insn *pc, char *frame, Machine &m);      ///< i64 a == 0, to d
int32_t switchTo(const Insn *pc, char *frame, Machine &m);        ///< cell a, size b, signed c
int32_t check(const Insn *pc, char *frame, Machine &m);
int32_t trapNow(const Insn *pc, char *frame, Machine &m);
int32_t throwNow(const Insn *pc, char *frame, Machine &m);  ///< value b, type imm, loc a
int32_t tryCatch(const Insn *pc, char *frame, Machine &m);  ///< pad: to d with the error in cell a, type imm
int32_t failReturn(const Insn *pc, char *frame, Machine &m);
int32_t ret(const Insn *pc, char *frame, Machine &m); ///< value b, size imm
int32_t call(const Insn *pc, char *frame, Machine &m);
int32_t makeClosure(const Insn *pc, char *frame, Machine &m);
int32_t callClosure(const Insn *pc, char *frame, Machine &m); ///< closure b
int32_t callForeign(const Insn *pc, char *frame, Machine &m);
int32_t subReturn(const Insn *pc, char *frame, Machine &m);
int32_t subFail(const Insn *pc, char *frame, Machine &m);

int32_t countItem(const Insn *pc, char *frame, Machine &m); ///< i64: ++a
int32_t countUp(const Insn *pc, char *frame, Machine &m);   ///< i64: ++a < b, to d
int32_t addPositive(const Insn *pc, char *frame, Machine &m); ///< i64: a += max(b, 0)
int32_t faultIndex(const Insn *pc, char *frame, Machine &m);  ///< pad
int32_t parBegin(const Insn *pc, char *frame, Machine &m);    ///< total iterations a
int32_t parAbort(const Insn *pc, char *frame, Machine &m);    ///< pad
int32_t rowBegin(const Insn *pc, char *frame, Machine &m);    ///< length a
int32_t rowEnd(const Insn *pc, char *frame, Machine &m);
int32_t bindPartials(const Insn *pc, char *frame, Machine &m);
int32_t advance(const Insn *pc, char *frame, Machine &m);
int32_t foldStep(const Insn *pc, char *frame, Machine &m);
int32_t foldEnd(const Insn *pc, char *frame, Machine &m);
int32_t accumulatorsEnd(const Insn *pc, char *frame, Machine &m);
int32_t scanStep(const Insn *pc, char *frame, Machine &m);
int32_t filterPush(const Insn *pc, char *frame, Machine &m);
int32_t filterEnd(const Insn *pc, char *frame, Machine &m);
int32_t parEnd(const Insn *pc, char *frame, Machine &m); ///< nothing but the end of the state

} // namespace parlane::pir::interp
