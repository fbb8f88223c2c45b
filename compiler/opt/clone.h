// Copies ops from one function to another (or to another place of the same).
#pragma once
#include "compiler/pir/builder.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace parlane::opt {

/// Values and ops of the source by what they became. A value that is not in `values` stays itself if both functions are one.
class Cloner {
public:
    Cloner(pir::Builder &into, pir::FunctionId from) : into(into), from_id(from) {}

    /// Appends the ops of a region at the builder's place, a `yield` at its end left out. Gives the yielded values as they are now; none if
    /// the region ends otherwise or yields nothing.
    std::vector<pir::ValueId> body(pir::RegionId region);
    /// One op with its regions. Its result is known afterwards.
    pir::OpId op(pir::OpId source);
    /// What a value became. Constants are made again at the builder's place.
    pir::ValueId value(pir::ValueId source);

    std::unordered_map<uint32_t, pir::ValueId> values;
    std::unordered_map<uint32_t, pir::OpId> ops; ///< targets of leave and again
    std::optional<pir::OpId> outlined;           ///< the par.* op whose bodies are copied out: verdicts that name it become local
    /// `again` of `outlined` becomes `return` of this value (false), if set; else `again` of what `ops` says.
    bool again_returns_false = false;

private:
    const pir::Function &from() const { return into.module.functions[from_id]; }
    void attributes(const pir::Op &source, std::vector<pir::Attr> &attrs);

    pir::Builder &into;
    pir::FunctionId from_id;
};

} // namespace parlane::opt
