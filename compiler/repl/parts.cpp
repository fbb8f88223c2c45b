#include "compiler/repl/parts.h"

#include "lang/base/match.h"
#include "lang/diag/render.h"
#include "lang/lex/lex.h"
#include "lang/parse/parse.h"

#include <fmt/format.h>

namespace parlane::repl {

namespace {

class Taker {
public:
    explicit Taker(const CellText &cell) : cell(cell), file(sources.add(cellName(cell), cell.text)) {}

    Parts run() {
        ast::Ast parsed = parse::parse(sources, file, names, emitter);
        if (emitter.hasErrors()) {
            parts.problems = diag::render(emitter.sorted(), sources, {});
            return std::move(parts);
        }
        tree = &parsed;
        for (size_t i = 0; i < parsed.top.size(); ++i) item(parsed[parsed.top[i]], i + 1 == parsed.top.size());
        return std::move(parts);
    }

private:
    uint32_t offset(source::Loc loc) const { return loc.offset - sources.file(file).base; }
    Quote quote(source::Span span) const { return {&cell, offset(span.begin), offset(span.end)}; }
    std::string text(const ast::Name &name) const { return std::string(names.text(name.id)); }
    std::string written(ast::TypeExprId id) const { return std::string(sources.text((*tree)[id].span)); }

    void define(std::string key, std::string name, const ast::Item &item, bool is_type = false, bool is_import = false) {
        parts.definitions.push_back({std::move(key), std::move(name), is_import, is_type, quote(item.span)});
    }

    void item(const ast::Item &item, bool is_last) {
        match(item.node,
              [&](const ast::ImportItem &) { imported(item); },
              [&](const ast::ImportCItem &) { imported(item); },
              [&](const ast::FunctionItem &n) {
                  std::string key = "fn " + text(n.name) + "(";
                  for (const ast::Param &param : n.params) key += written(param.type) + ",";
                  define(key, text(n.name), item);
              },
              [&](const ast::StructItem &n) { define("type " + text(n.name), text(n.name), item, true); },
              [&](const ast::EnumItem &n) { define("type " + text(n.name), text(n.name), item, true); },
              [&](const ast::ConstItem &n) { define("const " + text(n.name), text(n.name), item); },
              [&](const ast::TestItem &n) { define("test " + n.name, n.name, item); },
              [&](const ast::ScriptItem &n) { statement((*tree)[n.statement], is_last); },
              [&](const ast::ErrorItem &) {});
    }

    void imported(const ast::Item &item) {
        std::string line(sources.text(item.span));
        define(line, line, item, false, true);
    }

    void statement(const ast::Stmt &stmt, bool is_last) {
        if (const auto *value = std::get_if<ast::ExprStmt>(&stmt.node); value && is_last) {
            parts.value = quote((*tree)[value->value].span);
            parts.value_is_place = isPlace(value->value);
            return;
        }
        parts.statements.push_back(quote(stmt.span));
        if (const auto *let = std::get_if<ast::LetStmt>(&stmt.node); let && let->pattern.valid())
            bind(let->pattern, let->binder == ast::Binder::Var);
    }

    void bind(ast::PatternId id, bool is_mutable) {
        const ast::Pattern &pattern = (*tree)[id];
        if (const auto *name = std::get_if<ast::BindPattern>(&pattern.node))
            parts.bindings.push_back({text(name->name), offset(name->name.span.begin), is_mutable});
        else if (const auto *tuple = std::get_if<ast::TuplePattern>(&pattern.node))
            for (ast::PatternId part : tuple->parts) bind(part, is_mutable);
    }

    bool isPlace(ast::ExprId id) const {
        const ast::ExprNode &node = (*tree)[tree->stripParens(id)].node;
        if (std::holds_alternative<ast::NameExpr>(node)) return true;
        if (const auto *member = std::get_if<ast::MemberExpr>(&node)) return isPlace(member->base);
        if (const auto *index = std::get_if<ast::IndexExpr>(&node)) return isPlace(index->base);
        return false;
    }

    const CellText &cell;
    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
    source::FileId file;
    const ast::Ast *tree = nullptr;
    Parts parts;
};

} // namespace

Parts takeApart(const CellText &cell) { return Taker(cell).run(); }

std::string cellName(const CellText &cell) { return fmt::format("cell {}", cell.number); }

bool isOpen(std::string_view text) {
    source::SourceMap sources;
    diag::Emitter emitter;
    source::FileId file = sources.add("", std::string(text));
    lex::Tokens tokens = lex::lex(sources, file, emitter);
    int64_t depth = 0;
    for (const lex::Token &token : tokens.tokens) {
        using enum lex::TokenKind;
        if (token.kind == LParen || token.kind == LBracket || token.kind == LBrace) ++depth;
        if (token.kind == RParen || token.kind == RBracket || token.kind == RBrace) --depth;
    }
    return depth > 0;
}

} // namespace parlane::repl
