// Ast as an S-expression: deterministic, without places, so that equal trees print equally.
#pragma once
#include "lang/ast/ast.h"

#include <string>

namespace parlane::ast {

/// The whole file, one list an item, for `--emit=ast`. Parentheses and documentation comments are shown.
std::string print(const Ast &ast, const Interner &names);
/// One expression, pattern or type.
std::string print(const Ast &ast, const Interner &names, ExprId id);
std::string print(const Ast &ast, const Interner &names, TypeExprId id);

} // namespace parlane::ast
