// Calls are seen through: what the callee does to its parameters happens to the arguments.
#include "lang/access/walk.h"

#include <algorithm>

namespace parlane::access {

using namespace hir;

namespace {

constexpr uint32_t kCall = 0x10000;

} // namespace

Walker::Argument Walker::argument(const Arg &arg) {
    Argument out;
    out.arg = &arg;
    const Expr &expr = body.exprs[arg.value];
    if (auto *node = std::get_if<ClosureRef>(&expr.node)) {
        closure(node->closure, out);
        return out;
    }
    ExprId id = arg.value;
    if (auto *consume = std::get_if<Consume>(&expr.node); consume && arg.mode == Mode::Read) id = consume->place;
    const bool place_like = isPlace(id);
    if (!place_like || (arg.mode == Mode::Sink) || (arg.mode == Mode::Read && !arg.view && types.isCopy(expr.type))) {
        const bool copied = place_like && types.is<types::StructType>(expr.type);
        const size_t before = accesses.size();
        if (copied) out.copied = place(id);
        accesses.resize(before); // evaluated once more, for what it touches
        out.value = value(arg.value);
        return out;
    }
    out.is_place = true;
    out.place = place(id);
    if (types.rankOf(expr.type) > 0) touchHeader(out.place, expr.span);
    if (isInteger(expr.type)) out.value = load(out.place, expr.type, expr.span);
    return out;
}

/// Walks the body of a closure where it is passed: its accesses count as an argument of that call.
void Walker::closure(ClosureId id, Argument &out) {
    const Closure &closure = body.closures[id];
    out.is_closure = true;
    const size_t first = accesses.size();
    const PathId before = path;
    const Writes written = writesOf(closure.body);
    const size_t visible = scope.size();
    havoc(written);
    const std::vector<Known> entered = locals;
    for (LocalId param : closure.params) declare(param, {});
    ++closures;
    block(closure.body);
    --closures;
    scope.resize(visible);
    path = before;
    locals = entered;
    havoc(written);
    for (size_t k = first; k < accesses.size(); ++k) out.captured.push_back(accesses[k]);
}

/// While something is `inout`, nothing else can reach it.
void Walker::exclusive(const std::vector<Argument> &args, source::Span span) {
    struct Use {
        const Place *place;
        bool exclusive;
        source::Span span;
        size_t arg;
        PathId path;
    };
    std::vector<Use> uses;
    for (size_t k = 0; k < args.size(); ++k) {
        const Argument &a = args[k];
        const source::Span at = a.arg->span.valid() ? a.arg->span : body.exprs[a.arg->value].span;
        if (a.is_place) uses.push_back({&a.place, a.arg->mode == Mode::Inout, at, k, path});
        for (const Access &access : a.captured)
            if (isVariable(access.place.root)) uses.push_back({&access.place, access.writes(), access.span, k, access.path});
    }
    for (size_t i = 0; i < uses.size(); ++i)
        for (size_t j = i + 1; j < uses.size(); ++j) {
            const Use &a = uses[i], &b = uses[j];
            if (a.arg == b.arg || (!a.exclusive && !b.exclusive) || a.place->root != b.place->root) continue;
            const Finding finding = conflicts.overlap(*a.place, a.path, *b.place, b.path);
            if (finding.verdict == Verdict::Apart) continue;
            auto report = analysis.emitter.report(diag::Code::ExclusiveArguments, a.exclusive ? a.span : b.span,
                                                  localText(a.place->root));
            report.at("exclusive for the call").label(a.exclusive ? b.span : a.span, "the same, or a part of it");
            report.why(finding.verdict == Verdict::Collide
                           ? "while something is `inout`, nothing else can reach it"
                           : "it is not provable that the two parts are apart");
            if (a.exclusive && b.exclusive)
                report.fix("exchange elements with `a.swap(i, j)`, rows with `m.swap_rows(i, j)`, or pass `a[..k]` and `a[k..]`");
            else
                report.fix("copy what is only read first: `.copy()`");
            return;
        }
    (void)span;
}

void Walker::effect(const Effects &effects, source::Span span, FunctionId by) {
    auto add = [&](AccessKind kind, LocalId root) {
        touch(kind, {root, {}, {}}, span, {});
        accesses.back().by = by;
    };
    if (effects.writes_world) add(AccessKind::Write, kWorld);
    if (effects.reads_world) add(AccessKind::Read, kWorld);
    if (effects.prints) add(AccessKind::Write, kOut);
}

void Walker::wholeAccess(const Argument &argument, FunctionId by) {
    if (!argument.is_place) return;
    const bool writes = argument.arg->mode == Mode::Inout;
    touch(writes ? AccessKind::Write : AccessKind::Read, argument.place, argument.arg->span, argument.arg->value);
    if (!argument.place.root) return;
    accesses.back().by = by;
    accesses.back().inout = writes;
}

/// Functions whose result is a term although their bodies say it with branches.
std::optional<Value> Walker::known(const Call &node, std::vector<Argument> &args, TypeId type) {
    const Function &callee = program.functions[node.callee.function];
    if (!program.modules[callee.module].name.starts_with("std.") || !isInteger(type)) return std::nullopt;
    const std::string_view name = analysis.names.text(callee.name);
    Value out;
    if (args.size() == 2 && args[0].value.term && args[1].value.term && name == "min")
        out.term = terms.min(args[0].value.term, args[1].value.term);
    else if (args.size() == 2 && args[0].value.term && args[1].value.term && name == "max")
        out.term = terms.max(args[0].value.term, args[1].value.term);
    else if (args.size() == 1 && args[0].value.term && name == "abs" && terms.fits(args[0].value.term) &&
             terms.interval(args[0].value.term).lo >= 0)
        out.term = args[0].value.term;
    else
        return std::nullopt;
    return out;
}

/// `a.swap(i, j)`, `m.swap_rows(i, j)`: builtins that touch two elements, not all of the array. False for other calls.
bool Walker::swapped(const Call &node, const std::vector<Argument> &args) {
    const std::string_view name = program.functions[node.callee.function].builtin;
    const bool elements = name == "core.swap", rows = name == "core.swap_rows";
    if (args.size() != 3 || (!elements && !rows) || !args[0].is_place) return false;
    Place array = args[0].place;
    openView(array, body.exprs[args[0].arg->value].type);
    if (!array.isOpenView()) return false;
    std::vector<Dim> whole; // of the rows
    for (const Dim &dim : array.steps.back().dims)
        if (dim.isRange()) whole.push_back({terms.constant(0), dim.count});
    if (whole.size() != (rows ? 2u : 1u)) return false;
    for (size_t k : {1u, 2u}) {
        if (!args[k].value.term) return false;
        Place at = array;
        whole[0] = {args[k].value.term, {}};
        apply(at, whole);
        touch(AccessKind::Write, at, args[k].arg->span, args[0].arg->value);
        accesses.back().by = node.callee.function;
        accesses.back().inout = true;
    }
    return true;
}

/// `assert(cond, "…")`: behind it the condition holds.
CondId Walker::assertion(const Call &call) {
    if (!call.callee.function || call.args.empty()) return terms.unknown();
    const Function &callee = program.functions[call.callee.function];
    if (analysis.names.text(callee.name) != "assert" || !program.modules[callee.module].name.starts_with("std."))
        return terms.unknown();
    // Evaluated once more, without a trace: only the condition is wanted.
    const size_t before = accesses.size();
    const CondId cond = value(call.args[0].value).truth;
    accesses.resize(before);
    return cond ? cond : terms.unknown();
}

/// Functions that are passed may be called; closure parameters that are passed on too.
void Walker::passFunctions(const Call &node, source::Span span) {
    const Summary *summary = node.callee.function ? &analysis.summary(node.callee.function) : nullptr;
    for (size_t k = 0; k < node.args.size(); ++k) {
        const bool parallel = summary && k < summary->runs_in_parallel.size() && summary->runs_in_parallel[k];
        const ExprNode &any = body.exprs[node.args[k].value].node;
        if (auto *passed = std::get_if<FunctionRef>(&any)) {
            const Effects &effects = analysis.effects[passed->callee.function.raw];
            effect(effects, span, passed->callee.function);
            if (parallel && effects.writes_world) calledInParallel(node.args[k].value, node.callee.function);
        }
        if (auto *ref = std::get_if<LocalRef>(&any); ref && (parallel || !regions.empty())) markParallel(ref->local);
    }
}

void Walker::markParallel(LocalId closure) {
    if (!function) return;
    for (size_t k = 0; k < function->params.size() && k < in_parallel.size(); ++k)
        if (function->params[k].local == closure) in_parallel[k] = true;
}

void Walker::calledInParallel(ExprId passed, FunctionId callee) {
    analysis.emitter
        .report(diag::Code::ClosureInParallel, body.exprs[passed].span, "changes files or the process")
        .why("`" + std::string(analysis.names.text(program.functions[callee].name)) +
             "` calls it in a parallel construct")
        .fix("collect the results, and write them behind the call");
}

/// An `inout` argument has been written: all of it, or the fields that the callee writes into.
void Walker::noteArgument(const Call &node, const Argument &argument) {
    const auto k = static_cast<size_t>(argument.arg - node.args.data());
    const auto fields = node.callee.function && !argument.arg->view ? field_effects(node.callee.function, k) : std::nullopt;
    if (!fields)
        return noteWrite(argument.place, !argument.arg->view || ownsElements(body.exprs[argument.arg->value].type),
                         !argument.arg->view);
    for (uint32_t field : *fields) noteWrite(part(argument.place, StepKind::Field, field), true);
}

Value Walker::call(ExprId id, const Call &node, const Expr &expr) {
    const bool used = expr.type != types.unit && id != unused_call;
    std::vector<Argument> args;
    for (const Arg &arg : node.args) args.push_back(argument(arg));
    passFunctions(node, expr.span);
    const size_t own = accesses.size();
    exclusive(args, expr.span);
    Value result;
    if (!node.callee.function) {
        // A closure parameter: one that writes its captures is passed `inout f`, and calling it writes `f`.
        const LocalId f = node.callee.closure;
        bool writes = false;
        if (function)
            for (const Param &param : function->params)
                if (param.local == f) writes = param.mode == Mode::Inout;
        touch(writes ? AccessKind::Write : AccessKind::Read, {f, {}, {}}, expr.span, {});
        if (!regions.empty()) markParallel(f);
        for (const Argument &argument : args) wholeAccess(argument, {});
    } else {
        const FunctionId callee = node.callee.function;
        if (!swapped(node, args)) instantiate(analysis.summary(callee), node, args, result);
        effect(analysis.effects[callee.raw], expr.span, callee);
        if (auto better = known(node, args, expr.type)) result = *better;
    }
    for (size_t k = own; k < accesses.size(); ++k) accesses[k].unused = !used;
    for (const Argument &argument : args)
        if (argument.is_place && argument.arg->mode == Mode::Inout) {
            noteArgument(node, argument);
            if (isVariable(argument.place.root) && argument.place.steps.empty())
                locals[argument.place.root.raw].value = {};
        }
    // The same function of the same integers is the same value.
    bool integers = isInteger(expr.type) && !result.term && node.callee.function.valid();
    std::vector<TermId> key;
    for (TypeId type : node.callee.type_args) key.push_back(terms.constant(type.raw));
    for (const Argument &argument : args) {
        integers = integers && !argument.is_place && !argument.is_closure && argument.value.term.valid();
        key.push_back(argument.value.term);
    }
    const Effects &effects = node.callee.function ? analysis.effects[node.callee.function.raw] : Effects{};
    if (integers && !effects.reads_world && effects.writesNothing())
        result.term = terms.opaque(kCall + node.callee.function.raw, key, 0, rangeOf(expr.type), {}, expr.span);
    return result;
}

} // namespace parlane::access
