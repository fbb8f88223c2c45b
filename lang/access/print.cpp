#include "lang/access/print.h"

#include <fmt/format.h>
#include <iterator>

namespace parlane::access {

using namespace hir;

namespace {

constexpr const char *kOwners[] = {"local", "read", "loop", "acc", "atomic", "asserted"};
constexpr const char *kModes[] = {"read", "write", "accumulate", "atomic", "asserted"};

struct Printer {
    const Program &program;
    const Interner &names;
    const source::SourceMap &sources;
    std::string out;

    template <class... Args> void line(fmt::format_string<Args...> format, Args &&...args) {
        fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
        out += '\n';
    }
    std::string at(source::Span span) const {
        if (!span.valid()) return "?";
        const source::Position position = sources.position(span.begin);
        return fmt::format("{}:{}", position.line, position.column);
    }
    source::Span spanOf(const Body &body, RegionId id) const {
        if (auto *loop = std::get_if<LoopId>(&id)) return body.loops[*loop].header;
        if (auto *invoke = std::get_if<InvokeId>(&id)) return body.invokes[*invoke].keyword;
        return body.pipelines[std::get<PipelineId>(id)].header;
    }
    std::string word(RegionId id) const {
        constexpr const char *words[] = {"par for", "invoke", "pipeline"};
        return words[id.index()];
    }
    std::string capture(const Body &body, const Capture &capture) const {
        std::string text(names.text(body.locals[capture.local].name));
        for (uint32_t field : capture.path) text += fmt::format(".{}", field);
        return fmt::format("{} {}", kModes[static_cast<size_t>(capture.mode)], text);
    }
    void function(const Function &function, const FunctionProofs &proofs) {
        const Body &body = *function.body;
        std::string effects;
        if (proofs.effects.reads_world) effects += " reads world";
        if (proofs.effects.writes_world) effects += " writes world";
        if (proofs.effects.prints) effects += " prints";
        line("fn {}{}{}", names.text(function.name), effects.empty() ? "" : ":", effects);
        for (const RegionFacts &region : proofs.regions) {
            std::string captures;
            for (const Capture &one : region.captures) captures += (captures.empty() ? " " : ", ") + capture(body, one);
            line("  {} {}:{}", at(spanOf(body, region.region)), word(region.region), captures);
        }
        for (uint32_t k = 0; k < body.exprs.size(); ++k) {
            const Expr &expr = body.exprs[ExprId(k)];
            if (std::holds_alternative<Index>(expr.node)) {
                const IndexVerdict v = proofs.index(ExprId(k));
                const std::string region = v.owner == Owner::Local ? "" : " in " + at(spanOf(body, v.region));
                line("  {} index own={}{} bounds={}", at(expr.span), kOwners[static_cast<size_t>(v.owner)], region,
                     v.bounds == Bounds::Proved ? "proved" : "checked");
            }
            if (std::holds_alternative<Consume>(expr.node))
                line("  {} {}", at(expr.span), proofs.use(ExprId(k)) == Use::Move ? "move" : "copy");
        }
    }
};

} // namespace

std::string print(const Proofs &proofs, const Program &program, const Interner &names,
                  const source::SourceMap &sources) {
    Printer printer{program, names, sources, {}};
    for (uint32_t k = 0; k < program.functions.size(); ++k) {
        const Function &function = program.functions[FunctionId(k)];
        if (function.body && !program.modules[function.module].name.starts_with("std."))
            printer.function(function, proofs[FunctionId(k)]);
    }
    return std::move(printer.out);
}

} // namespace parlane::access
