// The text of a cell, its types, and the places of messages about it.
#include "compiler/repl/cell.h"
#include "lang/diag/render.h"

#include <algorithm>
#include <fmt/ranges.h>

namespace parlane::repl {

namespace {

bool holds(const std::vector<Variable> &vars, bool is_mutable) {
    return std::ranges::any_of(vars, [&](const Variable &v) { return v.is_mutable == is_mutable; });
}

} // namespace

// --- the text ---

void Engine::composeVariables(Composition &out) const {
    for (bool is_mutable : {true, false}) {
        if (!holds(vars, is_mutable)) continue;
        out.write(fmt::format("struct {}Type {{ {}", is_mutable ? kMutable : kFixed, kPadding));
        for (const Variable &v : vars)
            if (v.is_mutable == is_mutable) out.write(fmt::format(", {}: {}", v.name, v.type));
        out.write(" }\n");
    }
}

/// `values`: with what the cell binds as its result; else only to learn the types.
void Engine::compose(Cell &cell, bool values) const {
    Composition out;
    for (bool imports : {true, false})
        for (const Definition &definition : cell.all)
            if (definition.is_import == imports) {
                out.quote(definition.quote);
                out.write("\n");
            }
    composeVariables(out);
    bool returns = values && !cell.bound.empty();
    if (returns) {
        out.write("struct __Values { ");
        for (const Bound &b : cell.bound) out.write(fmt::format("{}: {}, ", b.binding.name, b.type));
        out.write(fmt::format("{} }}\n", kPadding));
    }
    std::vector<std::string> params;
    if (holds(vars, true)) params.push_back(fmt::format("inout {0}: {0}Type", kMutable));
    if (holds(vars, false)) params.push_back(fmt::format("{0}: {0}Type", kFixed));
    out.write(fmt::format("export fn {}({}) throws{} {{\n", kCell, fmt::join(params, ", "), returns ? " -> __Values" : ""));
    for (const Quote &statement : cell.parts.statements) {
        out.quote(statement);
        out.write("\n");
    }
    if (cell.parts.value.cell) {
        if (cell.shows_value) out.write(fmt::format("let {} = (", kValue));
        out.quote(cell.parts.value);
        if (cell.shows_value) out.write(cell.copies_value ? ").copy()" : ")");
        out.write("\n");
    }
    if (returns) {
        out.write("return __Values(");
        for (const Bound &b : cell.bound) out.write(fmt::format("{0}: {0}, ", b.binding.name));
        out.write("__a: 0, __b: 0, __c: 0)\n");
    }
    out.write("}\n");
    cell.composition = std::move(out);
}

// --- messages ---

namespace {

/// Variables of earlier cells are fields of parameters; nobody who reads a message knows that.
void inWordsOfTheUser(diag::Diagnostic &diagnostic) {
    if (diagnostic.headline.find(fmt::format("`{}` cannot be", kFixed)) != std::string::npos) {
        diagnostic.headline = "what an earlier cell bound with `let` cannot be changed";
        diagnostic.fixes = {{"bind it again with `var`", {}}};
    }
    auto clean = [](std::string &text) {
        for (std::string_view prefix : {kMutable, kFixed})
            for (size_t at; (at = text.find(std::string(prefix) + ".")) != std::string::npos;) text.erase(at, prefix.size() + 1);
    };
    clean(diagnostic.headline);
    clean(diagnostic.why);
    for (diag::Label &label : diagnostic.labels) clean(label.text);
    for (diag::Fix &fix : diagnostic.fixes) clean(fix.text);
}

} // namespace

/// Diagnostics with the places of cells; what lies in the engine's own text loses its place.
std::string Engine::render(session::Session &session, const Composition &composition) const {
    source::SourceMap shown;
    std::vector<std::pair<const CellText *, source::FileId>> known;
    std::vector<std::pair<source::FileId, source::FileId>> others;
    auto ofCell = [&](const CellText *cell) {
        for (auto [text, file] : known)
            if (text == cell) return file;
        known.push_back({cell, shown.add(cellName(*cell), cell->text)});
        return known.back().second;
    };
    auto ofFile = [&](source::FileId file) {
        for (auto [from, to] : others)
            if (from == file) return to;
        others.push_back({file, shown.add(session.sources.file(file).path, session.sources.file(file).text)});
        return others.back().second;
    };
    auto moved = [&](source::Span span) -> source::Span {
        if (!span.valid()) return {};
        source::FileId file = session.sources.fileOf(span.begin);
        const source::File &text = session.sources.file(file);
        uint32_t begin = span.begin.offset - text.base, end = span.end.offset - text.base;
        if (file != session.roots().front()) return {shown.loc(ofFile(file), begin), shown.loc(ofFile(file), end)};
        CellPlace place = composition.place(begin);
        if (!place.cell) return {};
        uint32_t size = std::min<uint32_t>(end - begin, static_cast<uint32_t>(place.cell->text.size()) - place.offset);
        source::Loc at = shown.loc(ofCell(place.cell), place.offset);
        return {at, {at.offset + size}};
    };
    std::vector<diag::Diagnostic> found = session.emitter.sorted();
    for (diag::Diagnostic &diagnostic : found) {
        inWordsOfTheUser(diagnostic);
        for (diag::Label &label : diagnostic.labels) label.span = moved(label.span);
        std::erase_if(diagnostic.labels, [](const diag::Label &label) { return !label.span.valid(); });
        for (diag::Fix &fix : diagnostic.fixes) {
            for (diag::Edit &edit : fix.edits) edit.span = moved(edit.span);
            if (std::ranges::any_of(fix.edits, [](const diag::Edit &e) { return !e.span.valid(); })) fix.edits.clear();
        }
    }
    return diag::render(found, shown, {});
}

/// A failure names lines of the text that was compiled.
std::string Engine::inCells(std::string text, const Composition &composition) const {
    const std::string mark = std::string(kComposed) + ":";
    for (size_t at = 0; (at = text.find(mark, at)) != std::string::npos; ++at) {
        size_t line = 0, column = 0, end = at + mark.size();
        auto number = [&](size_t &value) {
            while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])))
                value = value * 10 + static_cast<size_t>(text[end++] - '0');
        };
        number(line);
        ++end;
        number(column);
        const std::string &whole = composition.text();
        size_t offset = 0;
        for (size_t k = 1; k < line && offset < whole.size(); ++k) offset = whole.find('\n', offset) + 1;
        CellPlace place = composition.place(static_cast<uint32_t>(offset + column - 1));
        if (!place.cell) continue;
        std::string_view before = std::string_view(place.cell->text).substr(0, place.offset);
        size_t newlines = static_cast<size_t>(std::ranges::count(before, '\n')), last = before.rfind('\n');
        size_t in_line = last == std::string_view::npos ? before.size() : before.size() - last - 1;
        text.replace(at, end - at, fmt::format("{}:{}:{}", cellName(*place.cell), newlines + 1, in_line + 1));
    }
    return text;
}

// --- compiling ---

/// Notes the types of what the function of the cell binds at its top.
void Engine::learn(Cell &cell, session::Session &session, hir::Program &program, const hir::Body &body) const {
    uint32_t base = session.sources.file(session.roots().front()).base;
    auto bind = [&](const Binding &binding, const hir::Local &local) {
        cell.bound.push_back({binding, program.types.text(local.type, session.names), program.types.owns(local.type)});
        return program.types.isCopy(local.type);
    };
    for (const Binding &binding : cell.parts.bindings)
        for (const hir::Local &local : body.locals) {
            CellPlace place = local.span.valid() ? cell.composition.place(local.span.begin.offset - base) : CellPlace{};
            if (place.cell == cell.text && place.offset == binding.offset) bind(binding, local);
        }
    if (!cell.shows_value) return;
    for (const hir::Local &local : body.locals) {
        if (session.names.text(local.name) != kValue || !local.span.valid() || local.type == program.types.unit) continue;
        if (cell.composition.place(local.span.begin.offset - base).cell) continue; // the user's own
        bool copies = bind({std::string(kValue), 0, false}, local);
        cell.copies_value = cell.parts.value_is_place && !copies;
    }
}

/// Learns what the cell binds. The expression at the end has a value if it can be bound.
bool Engine::checkTypes(Cell &cell, Reply &reply) {
    bool has_value = cell.parts.value.cell != nullptr;
    std::string first_problems;
    for (bool binds_value : {true, false}) {
        if (binds_value && !has_value) continue;
        cell.shows_value = binds_value;
        compose(cell, false);
        auto session = std::make_unique<session::Session>();
        session->checking.ambient = {session->names.intern(kMutable), session->names.intern(kFixed)};
        session->add(std::string(kComposed), cell.composition.text());
        hir::Program *program = session->check();
        if (!program) {
            if (first_problems.empty()) first_problems = render(*session, cell.composition);
            continue;
        }
        cell.bound.clear();
        NameId wanted = session->names.intern(kCell);
        for (const hir::Function &function : program->functions) {
            if (function.name != wanted || !function.body) continue;
            learn(cell, *session, *program, *function.body);
        }
        bool is_unit = binds_value && (cell.bound.empty() || cell.bound.back().binding.name != kValue);
        if (is_unit) continue;
        return true;
    }
    reply.problems = first_problems;
    return first_problems.empty();
}

} // namespace parlane::repl
