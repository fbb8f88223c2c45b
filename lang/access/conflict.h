// Whether two accesses can touch the same element: of two iterations of a region, or within one run.
#pragma once
#include "lang/access/footprint.h"
#include "lang/access/solver.h"

#include <functional>
#include <map>

namespace parlane::access {

/// 64 bits tell two values apart whose difference is smaller than this.
inline constexpr Wide kModulus = Wide(1) << 64;

/// What a proof rests on besides the program: predicates that are to be tested before a region.
struct Needs {
    std::vector<TermId> sums;     ///< of 64 bits that must not wrap
    std::vector<SymbolId> narrow; ///< sums of fewer bits that must not have wrapped
    std::vector<CondId> conds;    ///< over what stays the same while the region runs
    void add(const Needs &other);
};

/// How much is believed, in the order in which it is tried.
enum class Trust : uint8_t {
    Machine, ///< nothing: what may have wrapped is some number
    Indices, ///< indices did not wrap
    Sums,    ///< nor did what conditions compare
    Narrow,  ///< nor did sums of fewer than 64 bits
};

/// What differs between the two runs that are compared.
struct Split {
    Birth mark = 0xffffffffu;        ///< symbols born later exist once in each run; by default nothing differs
    std::vector<TermId> iteration;   ///< index of the iteration; the two runs differ in it
    bool ordered = false;            ///< the first run is the earlier one (an empty `iteration` decides nothing)
    /// Whether needs can be tested before the region; without it there is none, and nothing beyond the machine is believed.
    const std::function<bool(const Needs &)> *can_guard = nullptr;
    std::vector<CondId> given = {}; ///< tested before the region
};

/// Values of terms in the two runs that collide.
class Model {
public:
    /// Value of a term in run 0 or 1; nothing if it depends on what the solver did not fix.
    std::optional<int64_t> value(const TermStore &terms, TermId term, int run) const;

private:
    friend class Conflicts;
    std::map<std::pair<SymbolId, int>, int64_t> values;
    Birth mark = 0;
};

enum class Verdict : uint8_t {
    Apart,    ///< proven: never the same element
    Collide,  ///< a model shows that they do, as far as conditions are understood
    Unproven, ///< neither: some term or condition is opaque, or the solver gave up
};

struct Finding {
    Verdict verdict = Verdict::Unproven;
    Model model;     ///< of Collide
    TermId opaque;   ///< of Unproven: a term that is not understood, if there is one
    bool wraps = false; ///< of Unproven: it would be proven if `opaque` were known not to wrap
    Needs needs;     ///< of Apart
};

class PathStore {
public:
    PathId add(PathId parent, CondId cond, bool exact) { return nodes.add({parent, cond, exact}); }
    const PathNode &operator[](PathId id) const { return nodes[id]; }

private:
    Store<PathId, PathNode> nodes;
};

class Conflicts {
public:
    Conflicts(TermStore &terms, const PathStore &paths, Solver &solver) : terms(terms), paths(paths), solver(solver) {}

    /// Can the two touch the same storage, `a` in the first run and `b` in the second one?
    Finding check(const Access &a, const Access &b, const Split &split);
    /// Do the places share storage at all, both evaluated in one run?
    Finding overlap(const Place &a, PathId pathA, const Place &b, PathId pathB);
    /// Is `cond` true whenever `path` is taken and `facts` hold? Cheap rungs first.
    bool implied(CondId cond, PathId path, const std::vector<CondId> &facts);
    /// By pattern alone, without the solver, and of the machine's numbers: nothing that assumes sums not to wrap is used.
    bool provenExactly(CondId cond, PathId path);
    /// Whether the sum does not wrap in 64 bits where it is used, by its interval or by what holds on the way.
    bool fits(TermId term, PathId path, const std::vector<CondId> &facts);
    /// Adds what `trust` takes for granted of an access.
    void addNeeds(const Access &access, Trust trust, Needs &out);
    /// How much `implied` believes.
    Trust trust = Trust::Sums;

private:
    bool plainlyImplied(CondId cond, const std::vector<TermId> &known);
    const std::vector<CondId> &holding(PathId path, const std::vector<CondId> &facts);
    bool fitsWith(TermId term, const std::vector<TermId> &known);
    bool apart(const Access &a, const Access &b, const Split &split);
    Access strict(const Access &access);
    Access informed(const Access &access, const Access &other, Birth mark);
    Access believed(const Access &access, Needs &needs);
    System fill(class SystemBuilder &builder, const Access &a, const Access &b, const Split &split,
                const struct Meeting &meeting, const std::vector<std::pair<Dim, Dim>> &digits);
    Finding witness(const Access &a, const Access &b, const Split &split);

    TermStore &terms;
    const PathStore &paths;
    Solver &solver;
    std::map<std::tuple<Trust, PathId, std::vector<CondId>>, std::vector<CondId>> held;
    std::vector<CondId> given; ///< of the question that is being answered
};

/// Whether `cut` divides `view` in the same way in both runs, so that the number of a part tells where it lies.
bool sameCut(const TermStore &terms, const Step &view, const Step &cut, Birth mark);

/// Whether the iteration is determined by the values of `dims`: each component of `iteration` can be computed from them.
/// Without `exact`, of dimensions that may wrap in 64 bits only those count that do so injectively.
bool determines(const TermStore &terms, const std::vector<TermId> &dims, const std::vector<TermId> &iteration,
                Birth mark, bool exact);

} // namespace parlane::access
