// Loops, invoke, pipelines, closures.
#include "lang/base/match.h"
#include "lang/hir/printer.h"

namespace parlane::hir {

std::string Printer::source(SourceId id) {
    auto moded = [](Mode mode) { return mode == Mode::Inout ? "&" : mode == Mode::Sink ? "sink " : ""; };
    return match(
        body->sources[id].node,
        [&](const RangeSource &s) {
            std::string text = expr(s.lo) + (s.inclusive ? "..=" : "..");
            text += expr(s.hi);
            return s.step.valid() ? text + " by " + expr(s.step) : text;
        },
        [&](const ElementsSource &s) { return fmt::format("elements({}{})", moded(s.mode), expr(s.place)); },
        [&](const ZipSource &s) {
            std::string text;
            for (SourceId one : s.sources) text += (text.empty() ? "" : ", ") + source(one);
            return "zip(" + text + ")";
        },
        [&](const EnumerateSource &s) { return "enumerate(" + source(s.source) + ")"; },
        [&](const PartsSource &s) {
            static constexpr const char *kWords[] = {"rows", "chunks", "tiles", "parts"};
            std::string text = fmt::format("{}({}{}", kWords[static_cast<size_t>(s.kind)], moded(s.mode),
                expr(s.place));
            return text + (s.args.empty() ? ")" : ", " + exprs(s.args) + ")");
        },
        [&](const StrSource &s) { return "chars(" + expr(s.text) + ")"; },
        [&](const NextSource &s) {
            std::string text = "next(";
            if (s.owned.valid()) text += fmt::format("{} = {}; ", declared(s.owned), expr(s.init));
            return text + expr(s.call) + ")";
        },
        [&](const WhileSource &s) { return "while " + expr(s.condition); },
        [&](const WhileLetSource &s) { return "while let " + expr(s.value); });
}

std::string Printer::clause(const Clause &clause) {
    std::string text = source(clause.source);
    return clause.pattern.valid() ? pattern(clause.pattern) + " in " + text : text;
}

std::string Printer::foldOp(const FoldOp &op) const {
    if (!op.builtin) return callee(op.function) + (op.merges ? " merging" : "");
    static constexpr const char *kWords[] = {"+", "*", "min", "max", "&", "|", "^", "&&", "||"};
    return kWords[static_cast<size_t>(*op.builtin)];
}

std::string Printer::loop(LoopId id) {
    const Loop &l = body->loops[id];
    std::string ops;
    for (const FoldOp &op : l.ops) ops += (ops.empty() ? "" : ", ") + foldOp(op);
    static constexpr const char *kKinds[] = {"", "collect ", "reduce", "scan", "scan_inclusive", "first "};
    std::string text = kKinds[static_cast<size_t>(l.kind)];
    if (!ops.empty()) text += "(" + ops + ") ";
    text += l.execution == Execution::SimdPar ? "simd par for" : l.execution == Execution::Par ? "par for" : "for";
    text += fmt::format(" L{}", id.raw);
    if (l.shaped) text += " shaped";
    for (size_t i = 0; i < l.clauses.size(); ++i) text += (i ? ", " : " ") + clause(l.clauses[i]);
    if (l.filter.valid()) text += " if " + expr(l.filter);
    for (const Accumulator &acc : l.accumulators) text += fmt::format(" reduce({}: {})", foldOp(acc.op),
        expr(acc.place));
    return text + " " + nested(l.body);
}

std::string Printer::invoke(InvokeId id) {
    std::string text = "invoke {\n";
    const std::string pad(static_cast<size_t>(++depth) * 2, ' ');
    for (BlockId branch : body->invokes[id].branches) text += pad + "branch " + nested(branch) + "\n";
    --depth;
    return text + pad.substr(2) + "}";
}

std::string Printer::pipeline(PipelineId id) {
    const Pipeline &p = body->pipelines[id];
    std::string text = fmt::format("pipeline P{} {}", id.raw, clause(p.clause));
    if (p.limit.valid()) text += " limit(" + expr(p.limit) + ")";
    text += " {\n";
    const std::string pad(static_cast<size_t>(++depth) * 2, ' ');
    static constexpr const char *kKinds[] = {"serial", "parallel", "unordered"};
    for (const Stage &stage : p.stages)
        text += fmt::format("{}stage {} ", pad, kKinds[static_cast<size_t>(stage.kind)]) + nested(stage.body) + "\n";
    --depth;
    return text + pad.substr(2) + "}";
}

std::string Printer::closure(ClosureId id) {
    const Closure &c = body->closures[id];
    std::string params, captures;
    for (LocalId param : c.params) params += (params.empty() ? "" : ", ") + declared(param);
    for (const Capture &capture : c.captures)
        captures += (captures.empty() ? "" : ", ") + std::string(capture.writes ? "&" : "") + local(capture.local);
    return fmt::format("closure[{}]({}) ", captures, params) + nested(c.body);
}

} // namespace parlane::hir
