// What the passes decided about each parallel construct: the single source of `parc report`, hints and V diagnostics.
#pragma once
#include "compiler/pir/pir.h"

#include <string>
#include <vector>

namespace parlane::opt {

struct Verdict {
    pir::FunctionId function;
    pir::OpId op;
    pir::LocId loc;          ///< of the construct
    pir::OpCode construct = pir::OpCode::ParFor;
    bool simd = false;       ///< `simd par for`: anything but lanes is an error
    pir::Mode mode = pir::Mode::Scalar;
    int64_t lanes = 1, cost = 0;
    int64_t checks = 0;      ///< that are left in the body
    std::string reason;      ///< why not on lanes; empty if it is
    pir::LocId reason_loc;   ///< the first check that is left, if any
};

/// Of a module that has been planned (or later, before `outline`), in order of functions and places.
std::vector<Verdict> verdicts(const pir::Module &module);

} // namespace parlane::opt
