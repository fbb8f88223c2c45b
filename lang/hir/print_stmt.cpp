// Statements and patterns.
#include "lang/base/match.h"
#include "lang/hir/printer.h"

namespace parlane::hir {

std::string Printer::local(LocalId id) const {
    if (!id.valid()) return "_";
    return fmt::format("{}.{}", name(body->locals[id].name), id.raw);
}

std::string Printer::declared(LocalId id) const {
    const Local &l = body->locals[id];
    const char *storage = l.storage == Storage::Alias ? "alias " : l.storage == Storage::Exclusive ? "&" : "";
    return fmt::format("{}{}: {}{}", storage, local(id), program.types.is<types::ViewType>(l.type) ? "view " : "",
                       type(l.type));
}

std::string Printer::pattern(PatternId id) const {
    if (!id.valid()) return "_";
    const Pattern &p = body->patterns[id];
    auto list = [&](const std::vector<PatternId> &ids) {
        std::string text;
        for (PatternId one : ids) text += (text.empty() ? "" : ", ") + pattern(one);
        return text;
    };
    // Patterns contain constants only, whose text needs no state that changes.
    auto value = [&](ExprId e) { return e.valid() ? const_cast<Printer *>(this)->expr(e) : std::string(); };
    return match(
        p.node, [&](const WildPattern &) -> std::string { return "_"; },
        [&](const BindPattern &n) { return declared(n.local); },
        [&](const LiteralPattern &n) { return value(n.value); },
        [&](const RangePattern &n) { return value(n.lo) + (n.inclusive ? "..=" : "..") + value(n.hi); },
        [&](const TuplePattern &n) { return "(" + list(n.elems) + ")"; },
        [&](const CasePattern &n) {
            const auto *e = program.types.as<types::EnumType>(p.type);
            std::string text = e ? name(program.types.info(e->decl).cases[n.case_index].name) : "?";
            return n.payload.empty() ? text : text + "(" + list(n.payload) + ")";
        },
        [&](const SomePattern &n) { return "some(" + pattern(n.value) + ")"; },
        [&](const NonePattern &) -> std::string { return "none"; });
}

void Printer::block(BlockId id) {
    const Block &b = body->blocks[id];
    ++depth;
    for (StmtId stmt : b.stmts) statement(body->stmts[stmt]);
    if (b.value.valid()) line("=> " + expr(b.value));
    --depth;
}

namespace {

std::string_view word(Claim claim) {
    switch (claim) {
    case Claim::Atomic: return "atomic ";
    case Claim::Disjoint: return "disjoint ";
    case Claim::None: break;
    }
    return "";
}

std::string_view word(AssignOp op) {
    static constexpr std::string_view kWords[] = {"+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "min", "max",
        "&&", "||"};
    return kWords[static_cast<size_t>(op)];
}

} // namespace

void Printer::statement(const Stmt &stmt) {
    match(
        stmt.node,
        [&](const Let &s) {
            std::string text = fmt::format("let {} = {}", pattern(s.pattern), expr(s.init));
            if (s.otherwise.valid()) text += " else " + nested(s.otherwise);
            line(text);
        },
        [&](const Declare &s) { line("var " + declared(s.local)); },
        [&](const Assign &s) { line(fmt::format("{}{} = {}", word(s.claim), expr(s.target), expr(s.value))); },
        [&](const AssignTuple &s) { line(fmt::format("({}) = {}", exprs(s.targets), expr(s.value))); },
        [&](const OpAssign &s) {
            std::string text = fmt::format("{}{} {}= {}", word(s.claim), expr(s.target), word(s.op), expr(s.value));
            if (s.function) text += " by " + callee(*s.function);
            line(text);
        },
        [&](const CopyElements &s) {
            line(fmt::format("{}elements {} = {}", word(s.claim), expr(s.target), expr(s.value)));
        },
        [&](const FillElements &s) { line(fmt::format("fill {} = {}", expr(s.target), expr(s.value))); },
        [&](const ExprStmt &s) { line((s.discarded ? "_ = " : "") + expr(s.value)); });
}

} // namespace parlane::hir
