// Builds the lists of print.h; its functions are spread over two files.
#pragma once
#include "lang/ast/ast.h"
#include "lang/ast/sexp.h"
#include "lang/base/match.h"

#include <string>

namespace parlane::ast {

class Printer {
public:
    Printer(const Ast &ast, const Interner &names) : ast(ast), names(names) {}

    // print_items.cpp
    Sexp item(ItemId id) const;
    Sexp stmt(StmtId id) const;
    Sexp block(BlockId id) const;

    // print.cpp
    Sexp expr(ExprId id) const;
    Sexp type(TypeExprId id) const;
    Sexp pattern(PatternId id) const;

private:
    Sexp name(Name name) const { return Sexp::atom(name.valid() ? std::string(names.text(name.id)) : "_"); }
    Sexp path(const std::vector<Name> &path) const;
    /// `(head part)` if there is a part.
    void optional(Sexp &out, std::string head, ExprId id) const;
    Sexp condition(const Condition &condition) const;
    Sexp string(const StringLiteral &literal) const;
    Sexp range(std::string head, ExprId lo, ExprId hi, ExprId step) const;
    Sexp loop(const Loop &loop) const;
    Sexp source(const LoopSource &source) const;
    Sexp fold(const FoldOp &fold) const;
    Sexp pipeline(const PipelineStmt &pipeline) const;
    Sexp typeParams(const std::vector<TypeParam> &params) const;
    Sexp function(const FunctionItem &function) const;
    Sexp structure(const StructItem &structure) const;
    Sexp enumeration(const EnumItem &enumeration) const;

    const Ast &ast;
    const Interner &names;
};

std::string_view modeWord(Mode mode);
std::string_view visibilityWord(Visibility visibility);

} // namespace parlane::ast
