// Proofs as text, for `--emit=access`.
#pragma once
#include "lang/access/proofs.h"
#include "lang/base/interner.h"
#include "lang/source/source_map.h"

#include <string>

namespace parlane::access {

/// Functions of the program's own modules (not of `std`), in order; in each its effects, its parallel constructs with what
/// they capture, and each index with its verdicts. Deterministic.
std::string print(const Proofs &proofs, const hir::Program &program, const Interner &names,
                  const source::SourceMap &sources);

} // namespace parlane::access
