// Hir and Proofs to Pir of level 0: monomorphic, closures bound, order of evaluation spelt out, ownership in slots,
// every verdict copied.
#pragma once
#include "compiler/pir/pir.h"
#include "lang/access/proofs.h"
#include "lang/base/interner.h"
#include "lang/diag/emitter.h"
#include "lang/hir/hir.h"

#include <string>
#include <vector>

namespace parlane::lower {

/// A `test` or `bench` block.
struct Block {
    pir::FunctionId function;
    std::string name;
    bool is_bench = false;
};

struct Lowered {
    pir::Module module;   ///< level 0
    pir::FunctionId main; ///< `main` or the script; none if the program has none
    std::vector<Block> blocks;
};

/// Lowers everything that `main`, the tests and the exports reach, and nothing else. The program has no errors and its
/// proofs are proven. Reports only what cannot be lowered yet (I9001); then the result is not to be used.
Lowered lower(const hir::Program &program, const access::Proofs &proofs, const Interner &names, diag::Emitter &emitter);

} // namespace parlane::lower
