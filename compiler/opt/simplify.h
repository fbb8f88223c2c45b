// Inside of pass `simplify`.
#pragma once
#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"
#include "compiler/pir/scalar_ops.h"
#include "lang/base/match.h"

#include <unordered_map>

namespace parlane::opt {

/// One sweep over a function; `run` says whether something changed.
class Simplifier {
public:
    Simplifier(pir::Module &module, pir::FunctionId id) : module(module), f(module.functions[id]) {}
    bool run();

private:
    // Keys of what is known beside the values of plain slots.
    static constexpr uint32_t kView = 0x80000000u;  ///< ref of an array: the view that was taken of it
    static constexpr uint32_t kArray = 0x40000000u; ///< ref of an array: the op `array` whose result it holds
    static constexpr uint32_t kIds = 0x3fffffffu;
    using Known = std::unordered_map<uint32_t, pir::ValueId>;  ///< slot -> value it holds
    using Shared = std::unordered_map<std::string, pir::ValueId>; ///< op and operands -> value

    void findPlainSlots();
    void forgetStored(pir::RegionId id, Known &known);
    pir::ValueId rootOf(pir::ValueId ref) const;
    void forgetOwners(const pir::Op &op, Known &known);
    bool forwardView(pir::OpId id, Known &known);
    void region(pir::RegionId id, Known &known, Shared &shared);
    void nested(pir::OpId id, Known &known, Shared &shared);
    bool isDefinedIn(pir::ValueId value, pir::RegionId id) const;
    void one(pir::OpId id, Known &known, Shared &shared);
    std::optional<uint64_t> constant(pir::ValueId value) const;
    void branch(pir::OpId id, Known &known, Shared &shared);
    void replace(pir::OpId id, pir::ValueId by);
    void drop(pir::OpId id);
    bool fold(pir::OpId id);
    bool identity(pir::OpId id, pir::TypeKind kind);
    bool decided(pir::OpId id, bool value);
    bool foldGet(pir::OpId id);
    void share(pir::OpId id, Shared &shared);
    void climb(pir::RegionId id);
    bool climbs(pir::OpId candidate, pir::OpId loop);
    void removeDead();

    pir::Module &module;
    pir::Function &f;
    std::vector<bool> plain; ///< by value: a slot that does not escape
    std::unordered_map<uint32_t, pir::OpId> arrays; ///< view -> the op that made what it looks at
    Replacements replacements;
    bool changed = false;
};

} // namespace parlane::opt
