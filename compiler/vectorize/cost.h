// Estimates: what a step of L lanes costs beside L iterations one after the other.
#pragma once
#include "compiler/vectorize/analysis.h"

namespace parlane::vectorize {

struct Estimate {
    double scalar = 0, vector = 0; ///< cycles for L iterations
    bool pays() const { return vector < 0.8 * scalar; }
};

/// How many lanes suit the body: by the scalars that vary in it, twice as many where a loop's latency is to be hidden.
int64_t chooseLanes(const Analysis &analysis, pir::RegionId body);
Estimate estimate(const Analysis &analysis, pir::RegionId body, int64_t lanes);

} // namespace parlane::vectorize
