// The parts of Hir nodes in order of evaluation, for walks that treat most nodes alike.
#pragma once
#include "lang/hir/hir.h"

#include <functional>
#include <map>
#include <optional>
#include <set>

namespace parlane::access {

/// What a walk does with the parts it meets. Blocks of closures are met where the closure is written.
struct Visitor {
    std::function<void(hir::ExprId)> expr;
    std::function<void(hir::BlockId)> block;
};

/// Direct parts of an expression, a statement, a source.
void visitParts(const hir::Body &body, hir::ExprId id, const Visitor &visitor);
void visitParts(const hir::Body &body, hir::StmtId id, const Visitor &visitor);
void visitParts(const hir::Body &body, hir::SourceId id, const Visitor &visitor);

/// The local that a place expression is rooted in; invalid for a temporary.
hir::LocalId rootOf(const hir::Body &body, hir::ExprId place);

using LocalSet = std::set<hir::LocalId>;

struct Writes {
    LocalSet written;  ///< assigned, changed through `inout` or moved, whole or in part
    LocalSet replaced; ///< as a whole: an array may have other extents afterwards
    LocalSet whole;    ///< in a way that is not known to stay inside `fields`
    std::map<hir::LocalId, std::set<uint32_t>> fields;
};

/// The fields of its parameter that a function writes into; nothing if it may write others, or all of it.
using FieldEffects = std::function<std::optional<std::set<uint32_t>>(hir::FunctionId, size_t param)>;

/// Locals that evaluating a block (an expression) may write, closures included.
void addWrites(const hir::Body &body, hir::BlockId block, Writes &out, const FieldEffects &effects = {});
void addWrites(const hir::Body &body, hir::ExprId expr, Writes &out, const FieldEffects &effects = {});

/// Locals bound by a pattern, from left to right.
void addBindings(const hir::Body &body, hir::PatternId pattern, std::vector<hir::LocalId> &out);

} // namespace parlane::access
