// Names of the nodes of one file's Ast.
#pragma once
#include "lang/base/interner.h"
#include "lang/source/source_map.h"

namespace parlane::ast {

using source::FileId;
using source::Loc;
using source::Span;

using ExprId = Id<struct ExprTag>;
using StmtId = Id<struct StmtTag>;
using BlockId = Id<struct BlockTag>;
using PatternId = Id<struct PatternTag>;
using TypeExprId = Id<struct TypeExprTag>;
using ItemId = Id<struct ItemTag>;

/// A name where it is written. Invalid: none was written.
struct Name {
    NameId id;
    Span span;
    bool valid() const { return id.valid(); }
};

} // namespace parlane::ast
