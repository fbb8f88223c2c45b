// Pass `vectorize`: level 3. Iterations of parallel loops become lanes.
//
// A loop that is taken gets two regions more: `lanes` (%i0 .., base of the innermost index) does L iterations at once, `tail` (.., %k: mask<L>)
// those whose lane is on. Both yield a bool if a lane may fail: false says that a failure lies ahead; then nothing that the body reads has been
// changed, and the `checked` body replays the step, to fail at the right iteration after the right prefix.
#pragma once
#include "compiler/opt/verdicts.h"

namespace parlane::vectorize {

struct Options {
    int64_t lanes = 0;    ///< forced for every loop that can run on lanes; 0: chosen by cost
    bool enabled = true;  ///< false: everything stays scalar, contracts included (for measurements and tests)
};

/// What became of each parallel construct, with the first obstacle of those that stayed scalar.
std::vector<opt::Verdict> vectorize(pir::Module &module, const Options &options = {});

/// A `simd par for` none of whose copies is on lanes.
struct Miss {
    pir::LocId loop, at; ///< the construct; the first obstacle
    std::string what;
};
std::vector<Miss> missedContracts(const pir::Module &module, const std::vector<opt::Verdict> &verdicts);

} // namespace parlane::vectorize
