// Why something is rejected, in the user's words.
#include "lang/access/walk.h"

#include <fmt/format.h>

namespace parlane::access {

using namespace hir;

/// `img[1, 0].x`, with indices as `show` prints them.
std::string Walker::placeText(const Place &place, const std::function<std::string(TermId)> &show) {
    std::string out = localText(place.root);
    TypeId type = isVariable(place.root) ? body.locals[place.root].type : TypeId();
    for (const Step &step : place.steps) {
        switch (step.kind) {
        case StepKind::Field:
            if (type && types.is<types::StructType>(type) &&
                types.as<types::StructType>(type)->decl == program.list_struct) {
                // The items of a list are written as its own.
                out += step.index == 0 ? "" : ".len";
            } else if (type && types.is<types::StructType>(type)) {
                const auto &decl = types.info(types.as<types::StructType>(type)->decl);
                out += "." + std::string(analysis.names.text(decl.fields[step.index].name));
            } else {
                out += fmt::format(".{}", step.index);
            }
            if (type && (types.is<types::StructType>(type) || types.is<types::TupleType>(type)))
                type = types.fieldType(type, step.index);
            else
                type = {};
            break;
        case StepKind::Elements: {
            std::string inside;
            for (const Dim &dim : step.dims) {
                if (!inside.empty()) inside += ", ";
                inside += show(dim.lo);
                if (dim.isRange()) inside += ".." + show(terms.add(dim.lo, dim.count));
            }
            out += "[" + inside + "]";
            type = type ? types.elemOf(type) : TypeId();
            break;
        }
        case StepKind::Part: out += fmt::format("'s part {}", show(step.dims[0].lo)); return out;
        case StepKind::Inside: type = {}; break;
        }
    }
    return out;
}

std::string Walker::iterationText(const Region &region, const Model &model, int run) {
    std::string out;
    for (const auto &[name, index] : region.shown) {
        const auto value = model.value(terms, index, run);
        if (name == kNumber && region.shown.size() == 1 && value) return fmt::format("iteration {}", *value);
        out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value ? fmt::format("{}", *value) : "…");
    }
    return out.empty() ? (run == 0 ? "one iteration" : "another iteration") : "iteration " + out;
}

std::string Walker::accessText(const Access &access, const Model &model, int run) {
    return fmt::format("{} {}", access.writes() ? "writes" : "reads", placeText(access.place, [&](TermId term) {
                           const auto value = model.value(terms, term, run);
                           return value ? fmt::format("{}", *value) : terms.text(term);
                       }));
}

/// A place without indices, or one that does not depend on the iteration.
void Walker::explain(const Region &region, const Conflict &conflict) {
    const Access &a = conflict.a, &b = conflict.b;
    if (conflict.finding.verdict == Verdict::Unproven) return explainUnproven(region, conflict);
    bool varies = false;
    for (const Place *place : {&a.place, &b.place})
        for (const Step &step : place->steps)
            for (const Dim &dim : step.dims) varies |= terms[dim.lo].birth > region.mark;
    if (varies) return explainCollision(region, conflict);
    const std::string name = placeText(a.place, [&](TermId term) { return terms.text(term); });
    const Model &model = conflict.finding.model;
    auto report = analysis.emitter.report(b.writes() ? diag::Code::SharedWrite : diag::Code::SharedReadWrite, a.span,
                                          name, region.word);
    report.at(fmt::format("{} writes it", iterationText(region, model, 0)));
    if (&a != &b && !(a.span == b.span))
        report.label(b.span, fmt::format("{} {} it", iterationText(region, model, 1), b.writes() ? "writes" : "reads"));
    else
        report.note("also", fmt::format("{} writes the same", iterationText(region, model, 1)));
    if (a.by) report.note("call", fmt::format("the access is in `{}`", analysis.names.text(program.functions[a.by].name)));
    report.context(region.header).why("iterations may run in any order, and at the same time");
    suggest(report, region, a);
}

/// Values of what stays the same: `s = 0`. Only of what an index is made of.
void Walker::noteInvariants(diag::Report &report, const Region &region, const Conflict &conflict) {
    std::map<std::string, int64_t> values;
    auto add = [&](TermId term) {
        for (const Monomial &m : terms[term].monomials)
            for (SymbolId s : m.symbols) {
                const Symbol &symbol = terms[s];
                if (symbol.birth > region.mark || symbol.text.empty() || !symbol.args.empty()) continue;
                if (auto value = conflict.finding.model.value(terms, terms.symbol(s), 0)) values[symbol.text] = *value;
            }
    };
    for (const Place *place : {&conflict.a.place, &conflict.b.place})
        for (const Step &step : place->steps)
            for (const Dim &dim : step.dims)
                if (!dim.isRange()) add(dim.lo);
    std::string text;
    for (const auto &[name, value] : values) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name, value);
    if (!text.empty()) report.note("where", "for example " + text);
}

void Walker::explainCollision(const Region &region, const Conflict &conflict) {
    const Access &a = conflict.a, &b = conflict.b;
    const Model &model = conflict.finding.model;
    auto report = analysis.emitter.report(diag::Code::ElementConflict, a.span, region.word, localText(a.place.root));
    report.at(fmt::format("{} {}", iterationText(region, model, 0), accessText(a, model, 0)));
    const std::string other = fmt::format("{} {}", iterationText(region, model, 1), accessText(b, model, 1));
    if (&a != &b && !(a.span == b.span))
        report.label(b.span, other);
    else
        report.note("also", other);
    noteInvariants(report, region, conflict);
    report.context(region.header).why("the two may run in any order");
    if (!b.writes()) suggestCopy(report, region, conflict);
    suggest(report, region, a);
}

void Walker::explainUnproven(const Region &region, const Conflict &conflict) {
    const Access &a = conflict.a, &b = conflict.b;
    auto report = analysis.emitter.report(diag::Code::UnprovenElement, a.span, region.word, localText(a.place.root));
    report.at(a.writes() ? "written here" : "read here");
    if (&a != &b && !(a.span == b.span)) report.label(b.span, b.writes() ? "written here" : "read here");
    if (conflict.finding.wraps) {
        report.why(fmt::format("`{}` may not fit 64 bits, and what it is made of is not known in front of the loop",
                               terms.text(conflict.finding.opaque)));
        report.fix("bind what it is made of to names in front of the loop: then its size is tested there");
    } else if (TermId opaque = conflict.finding.opaque) {
        const auto symbol = terms.asSymbol(opaque);
        const std::string text =
            symbol && terms[*symbol].text.empty() ? "a value it is made of" : "`" + terms.text(opaque) + "`";
        if (symbol && terms[*symbol].span.valid())
            report.label(terms[*symbol].span, "nothing is known of this value");
        report.why(fmt::format("two iterations could compute the same index: nothing is known of {}", text));
    } else {
        report.why("it is not provable that different iterations touch different elements");
    }
    report.context(region.header);
    suggest(report, region, a);
    const bool assignment = a.kind == AccessKind::Write && a.expr.valid() && !a.by.valid();
    if (assignment && a.op == OperatorClass::None)
        report.fix("if you know that the indices differ, say so: `disjoint` in front of the assignment");
    if (assignment && a.op == OperatorClass::Add && types.isInteger(body.exprs[a.expr].type))
        report.fix("add atomically: `atomic` in front of the assignment");
    report.fix("hand each iteration a part of its own: `for &x in xs`, `rows()`, `chunks(n)`");
}

void Walker::explainBranches(const Conflict &conflict, size_t first, size_t second) {
    const Access &a = conflict.a, &b = conflict.b;
    const std::string name =
        a.place.root == kWorld ? std::string("files or the process") : localText(a.place.root);
    auto report = analysis.emitter.report(diag::Code::BranchConflict, a.span, name);
    auto say = [&](const Access &access, size_t number, int run) {
        std::string what = access.writes() ? "writes" : "reads";
        what = access.place.root == kWorld ? what + " it" : accessText(access, conflict.finding.model, run);
        return fmt::format("branch {} {}", number + 1, what);
    };
    report.at(say(a, first, 0)).label(b.span, say(b, second, 1));
    report.why(conflict.finding.verdict == Verdict::Collide ? "branches run at the same time"
                                                            : "branches run at the same time, and it is not provable that the two "
                                                              "touch different parts");
    report.fix("give each branch a part of its own, as `a[..k]` and `a[k..]`, or do one after the other");
}

void Walker::explainStages(const Region &region, const Conflict &conflict) {
    const Access &a = conflict.a, &b = conflict.b;
    const std::string name =
        a.place.root == kWorld ? std::string("files or the process") : localText(a.place.root);
    // The one that only reads is the one to change.
    const bool early_reads = !a.writes();
    const Access &shown = early_reads ? a : b, &other = early_reads ? b : a;
    auto report = analysis.emitter.report(diag::Code::StageConflict, shown.span, name);
    report.at(shown.writes() ? "written here" : "read here")
        .label(other.span, fmt::format("{} in {} stage", other.writes() ? "written" : "read",
                                       early_reads ? "a later" : "an earlier"))
        .context(region.header)
        .why("the stages are at different items at the same time, so which value is seen would depend on the run");
    if (!early_reads && !b.writes())
        report.fix(fmt::format("bind what the later stage needs in the stage that owns it: `let snapshot = {}`", name));
    else
        report.fix("move both into one serial stage");
}

} // namespace parlane::access
