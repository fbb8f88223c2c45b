// Does a `match` cover every value, and is every arm of use?
#pragma once
#include "lang/hir/hir.h"

namespace parlane::check {

struct ExhaustiveResult {
    std::string missing;             ///< a pattern that no arm fits; empty if there is none
    std::vector<size_t> unreachable; ///< arms that never fit first
    bool too_hard = false;           ///< the patterns multiply beyond what is tried
};

/// The usefulness algorithm: rows of patterns, split by the constructors of the first column.
ExhaustiveResult checkArms(types::TypeStore &types, const hir::Body &body, const Interner &names,
    const hir::Match &match,
                           types::TypeId type);

} // namespace parlane::check
