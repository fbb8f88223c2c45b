// Vector accesses to memory, and what they know statically.
#pragma once
#include "compiler/pir/interp_decode.h"

namespace parlane::pir::interp {

/// vload, vload.strided, gather, vstore, scatter.
struct LaneSite {
    struct Index {
        int32_t cell;
        bool lanes; ///< one index a lane
    };
    int32_t view = 0, mask = -1, stride = -1; ///< cells; -1: none
    std::vector<Index> indices;
    std::vector<int64_t> extents; ///< of a fixed array; empty: a view of `rank`
    int64_t rank = 1;
    int64_t size = 0, part = 0, width = 0; ///< of an element; where in it the scalar lies, its bytes
    int64_t lanes = 0;
    bool contiguous = false;
    LocId loc;
};

struct TreeSite {
    TypeId type;
    FoldOp op = FoldOp::Add;
    int64_t lanes = 0;
};

} // namespace parlane::pir::interp
