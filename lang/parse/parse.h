// Text to Ast.
#pragma once
#include "lang/ast/ast.h"
#include "lang/diag/emitter.h"

namespace parlane::parse {

/// Parses a file. Always returns a tree: what could not be parsed is an Error node, and everything wrong is reported.
/// Nesting beyond `kMaxDepth` is an error, so that later stages may recurse over the tree.
ast::Ast parse(const source::SourceMap &sources, source::FileId file, Interner &names, diag::Emitter &emitter);

inline constexpr uint32_t kMaxDepth = 256;

} // namespace parlane::parse
