// Text to Ast.
#pragma once
#include "lang/ast/ast.h"
#include "lang/diag/emitter.h"
#include "lang/lex/token.h"

namespace parlane::parse {

/// Parses a file. Always returns a tree: what could not be parsed is an Error node, and everything wrong is reported.
/// Nesting beyond `kMaxDepth` is an error, so that later stages may recurse over the tree.
ast::Ast parse(const source::SourceMap &sources, source::FileId file, Interner &names, diag::Emitter &emitter);

/// What a token is to its neighbours, where its kind alone does not say it. For the formatter.
enum class Role : uint8_t {
    None,
    Prefix,    ///< binds to what follows: `-x`, `&x`
    Postfix,   ///< binds to what stands in front: `x!`, `T?`
    Angle,     ///< bracket of type arguments
    Glued,     ///< second half of an operator: `>>`, `min=`
    Separator, ///< comma between entries that may stand on lines of their own
    Stage,     ///< first word of `stage parallel:`
    Word,      ///< a name used as a keyword: `by`
    Symbol,    ///< an operator used as a name: `fn +`
    SymbolEnd, ///< its second half: `fn >>`
};

/// A parsed file with its tokens; `roles` has one entry a token.
struct Marked {
    lex::Tokens tokens;
    std::vector<Role> roles;
    ast::Ast ast;
};
Marked parseMarked(const source::SourceMap &sources, source::FileId file, Interner &names, diag::Emitter &emitter);

inline constexpr uint32_t kMaxDepth = 256;

} // namespace parlane::parse
