// Ways out of a race. Those with edits are applied by machine, so they compile and mean what the serial loop means.
#include "lang/access/walk.h"

#include <algorithm>
#include <fmt/format.h>

namespace parlane::access {

using namespace hir;

namespace {

const char *operatorText(OperatorClass op) {
    switch (op) {
    case OperatorClass::Add: return "+";
    case OperatorClass::Mul: return "*";
    case OperatorClass::Min: return "min";
    case OperatorClass::Max: return "max";
    case OperatorClass::And: return "&";
    case OperatorClass::Or: return "|";
    case OperatorClass::Xor: return "^";
    default: return nullptr;
    }
}

/// The name at the root of a place expression, if nothing but fields, indices and views lie between.
ExprId rootName(const Body &body, ExprId id) {
    while (id) {
        const ExprNode &node = body.exprs[id].node;
        if (std::holds_alternative<LocalRef>(node)) return id;
        if (auto *n = std::get_if<Index>(&node)) id = n->base;
        else if (auto *n = std::get_if<Field>(&node)) id = n->base;
        else if (auto *n = std::get_if<ToView>(&node)) id = n->base;
        else return {};
    }
    return {};
}

} // namespace

/// Whether all that the region does to the variable is `op=`.
bool Walker::onlyBy(const Region &region, const Access &write) const {
    for (size_t k = region.first; k < accesses.size(); ++k) {
        const Access &access = accesses[k];
        if (access.place.root != write.place.root) continue;
        if (access.kind != AccessKind::Write || access.op != write.op || access.by) return false;
    }
    return true;
}

/// Whether the region also looks at what it changes by an operator: then it is no accumulator.
bool Walker::readElsewhere(const Region &region, const Access &write) const {
    for (size_t k = region.first; k < accesses.size(); ++k)
        if (accesses[k].place.root == write.place.root && !accesses[k].writes()) return true;
    return false;
}

void Walker::suggest(diag::Report &report, const Region &region, const Access &write) {
    const std::string name = localText(write.place.root);
    const char *op = operatorText(write.op);
    if (op && region.loop && !readElsewhere(region, write)) {
        const std::string clause = fmt::format("reduce({}: {})", op, name);
        const TypeId type = body.locals[write.place.root].type;
        const bool fields = std::none_of(write.place.steps.begin(), write.place.steps.end(),
                                         [](const Step &step) { return step.kind == StepKind::Field; });
        const bool edit = region.loop->accumulators.empty() && region.loop->kind == LoopKind::Statement && fields &&
                          region.header.valid() && onlyBy(region, write) && !types.is<types::ViewType>(type);
        std::vector<diag::Edit> edits;
        if (edit) edits.push_back({{region.header.end, region.header.end}, " " + clause});
        report.fix(fmt::format("make it an accumulator: `{}`", clause), std::move(edits));
        return;
    }
    const bool element = std::any_of(write.place.steps.begin(), write.place.steps.end(),
                                     [](const Step &step) { return step.kind == StepKind::Elements; });
    if (element)
        report.fix("write to another array, at the index of the iteration");
    else if (region.loop)
        report.fix("declare it inside the loop, if each iteration needs one of its own; collect the values if all are needed");
}

/// Reading from a copy means the same only if nobody reads what an earlier iteration has written; else the loop is a
/// recurrence, and serial.
void Walker::suggestCopy(diag::Report &report, const Region &region, const Conflict &conflict) {
    const std::string name = localText(conflict.a.place.root);
    std::vector<const Access *> reads, writes;
    for (size_t k = region.first; k < accesses.size(); ++k)
        if (accesses[k].place.root == conflict.a.place.root)
            (accesses[k].writes() ? writes : reads).push_back(&accesses[k]);
    std::vector<diag::Edit> edits;
    bool recurrence = reads.size() * writes.size() > kMostPairs, direct = true, own = false;
    for (const Access *read : reads) {
        bool meets = false;
        for (const Access *write : writes) {
            if (recurrence) break;
            meets |= conflicts.check(*write, *read, {region.mark, region.iteration, false}).verdict != Verdict::Apart;
            recurrence |= conflicts.check(*write, *read, {region.mark, region.iteration, true}).verdict != Verdict::Apart;
            // What the same iteration has written it must see.
            own |= meets && conflicts.check(*write, *read, Split{}).verdict != Verdict::Apart;
        }
        if (!meets) continue;
        const ExprId root = rootName(body, read->expr);
        direct = direct && root && rootOf(body, root) == read->place.root && !read->by;
        if (direct) edits.push_back({body.exprs[root].span, "before"});
    }
    if (recurrence) {
        const bool statement = region.loop && region.loop->par_span.valid();
        std::vector<diag::Edit> serial;
        if (statement) serial.push_back({region.loop->par_span, "for"});
        report.fix("an iteration uses what an earlier one has written: make the loop serial, without `par`",
                   std::move(serial));
        report.fix(fmt::format("or read the old values from a copy: `let before = {}.copy()`, then read `before`", name));
        return;
    }
    if (direct && !own && region.loop && region.loop->kind == LoopKind::Statement && region.loop->label == NameId())
        edits.push_back({{region.header.begin, region.header.begin}, fmt::format("let before = {}.copy()\n", name)});
    else
        edits.clear();
    report.fix(fmt::format("read from a copy: `let before = {}.copy()`, then read `before`", name), std::move(edits));
}

} // namespace parlane::access
