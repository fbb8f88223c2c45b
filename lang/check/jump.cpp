// `return`, `break`, `continue`.
#include "lang/check/body.h"

namespace parlane::check {

namespace {

std::string_view word(Region::Kind kind) {
    switch (kind) {
    case Region::ParLoop: return "par for";
    case Region::InvokeBranch: return "invoke";
    case Region::Stage: return "pipeline";
    case Region::ValueLoop: return "loop that gives a value";
    case Region::SerialLoop: break;
    }
    return "for";
}

} // namespace

/// Reports a jump out of something that must run to its end.
bool BodyChecker::mayLeave(const Region &region, std::string_view what, Span span) {
    if (region.kind == Region::SerialLoop) return true;
    auto problem = report(Code::JumpOutOfParallel, span, what, word(region.kind));
    problem.label(region.span, "begins here");
    if (region.kind == Region::ParLoop)
        problem.why("iterations of a parallel loop run in any order")
            .fix("`first par for … if condition { value }` stops early");
    else if (region.kind == Region::ValueLoop) problem.why("every iteration gives a value")
        .fix("use a plain `for` that pushes to a `List`, or a filter");
    else problem.why("everything in it runs to its end");
    return false;
}

ExprId BodyChecker::returnStmt(const ast::ReturnStmt &s, Span span) {
    for (size_t i = regions.size(); i-- > frame().region_base;)
        if (!mayLeave(regions[i], "return", span)) {
            if (s.value.valid()) expr(s.value, frame().result);
            return add(types().never, span, hir::Return{});
        }
    const TypeId wanted = frame().result;
    if (!s.value.valid()) {
        if (frame().is_closure && !wanted.valid()) frame().inferred = types().unit;
        else if (wanted.valid() && wanted != types().unit && !isError(wanted))
            report(Code::ReturnWithoutValue, span, text(wanted)).label(frame().head, "declared here")
                .why("a value on the next line is another statement");
        return add(types().never, span, hir::Return{});
    }
    if (wanted == types().unit) {
        ExprId value = expr(s.value);
        if (!isError(value) && typeOf(value) != types().unit && typeOf(value) != types().never)
            report(Code::ReturnWithValue, spanOf(value)).label(frame().head, "gives nothing back")
                .fix("declare a result: `-> " + text(typeOf(value)) + "`");
        return add(types().never, span, hir::Return{});
    }
    ExprId value;
    if (wanted.valid()) value = ownedAs(s.value, wanted);
    else {
        value = consume(expr(s.value, frame().inferred));
        if (frame().inferred.valid()) value = coerce(value, frame().inferred);
        else if (!isError(value)) frame().inferred = typeOf(value);
    }
    return add(types().never, span, hir::Return{value});
}

/// The loop or pipeline that `break` or `continue` means; null if there is none or it may not be reached.
Region *BodyChecker::target(const ast::Name &label, Span span, std::string_view what) {
    for (size_t i = regions.size(); i-- > frame().region_base;) {
        Region &region = regions[i];
        const bool loop = region.kind != Region::InvokeBranch;
        if (loop && (!label.valid() || region.label.id == label.id)) return &region;
        if (!mayLeave(region, what, span)) return nullptr;
    }
    if (label.valid()) report(Code::UnknownLabel, label.span, text(label.id));
    else report(Code::JumpOutsideLoop, span, what);
    return nullptr;
}

ExprId BodyChecker::breakStmt(const ast::BreakStmt &s, Span span) {
    Region *region = target(s.label, span, "break");
    if (!region || !mayLeave(*region, "break", span)) return add(types().never, span, hir::Break{});
    region->broken = true;
    return add(types().never, span, hir::Break{region->loop});
}

ExprId BodyChecker::continueStmt(const ast::ContinueStmt &s, Span span) {
    Region *region = target(s.label, span, "continue");
    if (!region) return add(types().never, span, hir::Continue{});
    if (region->gives_value) {
        report(Code::ContinueWithoutValue, span).label(region->span, "every iteration gives a value")
            .fix("use a filter: `for … if condition { … }`");
        return add(types().never, span, hir::Continue{});
    }
    return add(types().never, span, hir::Continue{region->loop, region->pipeline});
}

} // namespace parlane::check
