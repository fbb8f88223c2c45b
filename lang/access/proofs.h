// Proofs: why each use of memory in a checked program is safe. A side table of Hir; `lower` copies the verdicts onto Pir.
//
// A program gets here without a diagnostic only if every verdict in it is proven: what is not proved inside parallel code
// has been rejected. Generic functions are proved once, at their definition, for all instances.
#pragma once
#include "lang/hir/hir.h"

#include <variant>
#include <vector>

namespace parlane::diag {
class Emitter;
}

namespace parlane::access {

/// What a `Consume` node does. Only a whole local of storage `Owned` is ever moved.
enum class Use : uint8_t {
    Copy, ///< the place keeps its value; its type is `Copy` (in generic code: constrained so)
    Move, ///< the last use of a local: the slot is zero afterwards
};

/// Why an element (or a slice, for the whole of it) may be touched where it is.
enum class Owner : uint8_t {
    Local,       ///< not in parallel code, or of a variable that belongs to the iteration, branch or item
    Read,        ///< nobody writes it while the region runs
    Region,      ///< only this iteration, branch or item touches it: `own=loop(R)`
    Accumulator, ///< part of an accumulator of the region, through its operator
    Atomic,      ///< `atomic place op= e`
    Asserted,    ///< `disjoint place = e`: the user says so, `--verify` checks
};

/// Whether the indices of an `Index` are known to be in range whenever it is evaluated.
enum class Bounds : uint8_t { Checked, Proved };

/// A parallel construct of a body: an `Invoke`, a `Pipeline`, or a `Loop` whose execution is not serial.
using RegionId = std::variant<hir::LoopId, hir::InvokeId, hir::PipelineId>;

/// Verdict on one `Index` (element or slice; read or written).
struct IndexVerdict {
    Owner owner = Owner::Local;
    Bounds bounds = Bounds::Checked;
    RegionId region; ///< innermost region that captures the root; meaningless for `Owner::Local`
};

enum class CaptureMode : uint8_t { Read, Write, Accumulate, Atomic, Asserted };

/// A place outside a region that is used inside: a local of an enclosing body and the fields on the way to the array or
/// scalar (`p.xs` is a capture of its own, so that loops keep `noalias`).
struct Capture {
    hir::LocalId local;
    std::vector<uint32_t> path; ///< fields of structs or tuples, outermost first
    CaptureMode mode = CaptureMode::Read;
};

/// An integer that stays fixed while a region runs: a local or a field of one, or an extent of the array there.
struct Quantity {
    hir::LocalId local;
    std::vector<uint32_t> path; ///< fields, outermost first
    int extent = kValue;        ///< dimension of the array, from 0
    static constexpr int kValue = -1;
    friend bool operator==(const Quantity &, const Quantity &) = default;
};

struct Product {
    int64_t factor = 1;
    std::vector<Quantity> quantities;
};

/// A run-time predicate in front of a region. If one fails the region runs serially, which is counted and reported.
struct Guard {
    enum class Kind : uint8_t {
        NotNegative, ///< the sum plus `constant` is at least 0; a sum that 62 bits may not hold counts as one that is not
        Small,       ///< the absolute values of all products, and `constant`, add up to at most `limit`
    };
    Kind kind = Kind::NotNegative;
    std::vector<Product> sum;
    int64_t constant = 0;
    int64_t limit = 0;
};

struct RegionFacts {
    RegionId region;
    std::vector<Capture> captures; ///< sorted by local and path; one for each place with its strongest mode
    std::vector<Guard> guards;     ///< all must hold; empty for nearly every region
};

/// What a call of a function touches besides its read parameters.
struct Effects {
    bool reads_world = false;  ///< clock, environment, whole files
    bool writes_world = false; ///< files and process state without a handle, C functions that are not pure
    bool prints = false;       ///< `out`
    bool writesNothing() const { return !writes_world && !prints; }
};

struct FunctionProofs {
    std::vector<Use> uses;             ///< by ExprId: of `Consume` nodes
    std::vector<IndexVerdict> indices; ///< by ExprId: of `Index` nodes
    std::vector<RegionFacts> regions;  ///< in order of their places in the source
    Effects effects;

    Use use(hir::ExprId id) const { return id.raw < uses.size() ? uses[id.raw] : Use::Copy; }
    IndexVerdict index(hir::ExprId id) const { return id.raw < indices.size() ? indices[id.raw] : IndexVerdict{}; }
    /// Null for what is not a parallel construct.
    const RegionFacts *region(RegionId id) const {
        for (const RegionFacts &facts : regions)
            if (facts.region == id) return &facts;
        return nullptr;
    }
};

struct Proofs {
    std::vector<FunctionProofs> functions; ///< by FunctionId
    std::vector<FunctionProofs> constants; ///< by ConstId
    const FunctionProofs &operator[](hir::FunctionId id) const { return functions[id.raw]; }
    const FunctionProofs &operator[](hir::ConstId id) const { return constants[id.raw]; }
};

/// Proves a program without errors, or reports why not (R codes). On errors the proofs are complete in form, but mean
/// nothing.
Proofs access(hir::Program &program, const Interner &names, diag::Emitter &emitter);

} // namespace parlane::access
