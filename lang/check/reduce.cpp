// Operators of folds, scans and accumulators.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

/// Whether a built-in operator folds values of that type. In a clause also arrays and structs, member by member.
bool BodyChecker::builtinFolds(hir::FoldBuiltin op, TypeId type, bool clause) {
    auto all = [&](const std::vector<TypeId> &parts) {
        return !parts.empty() && std::ranges::all_of(parts, [&](TypeId t) { return builtinFolds(op, t, clause); });
    };
    if (const auto *t = types().as<types::TupleType>(type)) return all(std::vector<TypeId>(t->elems));
    if (clause) {
        if (types().is<types::ArrayType>(type) || types().is<types::FixedType>(type) ||
            types().is<types::ViewType>(type))
            return builtinFolds(op, types().elemOf(type), true);
        if (const auto *s = types().as<types::StructType>(type); s && !isList(type)) {
            std::vector<TypeId> parts;
            for (uint32_t i = 0; i < types().info(s->decl).fields.size();
                ++i) parts.push_back(types().fieldType(type, i));
            return all(parts);
        }
    }
    switch (op) {
    case hir::FoldBuiltin::Add:
    case hir::FoldBuiltin::Mul:
    case hir::FoldBuiltin::Min:
    case hir::FoldBuiltin::Max: return types().satisfies(type, types::Constraint::Number);
    case hir::FoldBuiltin::BitAnd:
    case hir::FoldBuiltin::BitOr:
    case hir::FoldBuiltin::BitXor: return type == types().boolean ||
        types().satisfies(type, types::Constraint::Integer);
    case hir::FoldBuiltin::And:
    case hir::FoldBuiltin::Or: return type == types().boolean;
    }
    return false;
}

namespace {

hir::FoldBuiltin builtinOf(ast::FoldOperator op) {
    switch (op) {
    case ast::FoldOperator::Add: return hir::FoldBuiltin::Add;
    case ast::FoldOperator::Mul: return hir::FoldBuiltin::Mul;
    case ast::FoldOperator::Min: return hir::FoldBuiltin::Min;
    case ast::FoldOperator::Max: return hir::FoldBuiltin::Max;
    case ast::FoldOperator::And: return hir::FoldBuiltin::BitAnd;
    case ast::FoldOperator::Or: return hir::FoldBuiltin::BitOr;
    case ast::FoldOperator::Xor: return hir::FoldBuiltin::BitXor;
    case ast::FoldOperator::LogicalAnd: return hir::FoldBuiltin::And;
    case ast::FoldOperator::LogicalOr: return hir::FoldBuiltin::Or;
    case ast::FoldOperator::Function: break;
    }
    PAR_UNREACHABLE("a function is no operator");
}

} // namespace

/// A function `fn(T, T) -> T` or `fn(inout T, T)`, by its name or as a closure parameter.
std::optional<hir::FoldOp> BodyChecker::foldFunction(const ast::FoldOp &op, TypeId type) {
    hir::FoldOp out;
    out.span = op.span;
    ast::Name name;
    const bool spelled = op.op != ast::FoldOperator::Function;
    std::vector<FunctionId> candidates;
    if (spelled) {
        name = {c.names.intern(ast::spelling(op.op)), op.span};
        candidates = c.lookup(*module, name.id, op.span).functions;
    } else {
        const ast::Expr &written = tree()[tree().stripParens(op.function)];
        if (const auto *n = std::get_if<ast::NameExpr>(&written.node)) {
            name = n->name;
            if (LocalId local = findLocal(name.id, name.span); local.valid()) {
                const TypeId combine = types().function({{{type, Mode::Read}, {type, Mode::Read}}, type, false});
                const TypeId merges =
                    types().function({{{type, Mode::Inout}, {type, Mode::Read}}, types().unit, false});
                const TypeId got = body.locals[local].type;
                if (got == combine || got == merges) {
                    out.function.closure = local;
                    out.merges = got == merges;
                    return out;
                }
                if (!isError(got)) report(Code::FoldFunction, op.span, text(name.id), text(type))
                    .label(body.locals[local].span, "of type `" + text(got) + "`");
                return std::nullopt;
            }
            candidates = c.lookup(*module, name.id, name.span).functions;
        } else if (const auto *m = std::get_if<ast::MemberExpr>(&written.node)) {
            name = m->name;
            if (ModuleId target = moduleNamed(m->base); target.valid()) candidates =
                c.lookupIn(target, name.id, name.span).functions;
        } else if (const auto *closure = std::get_if<ast::ClosureExpr>(&written.node)) {
            return foldClosure(*closure, op.span, type);
        } else {
            report(Code::NotCallable, op.span).why("a fold wants an operator, a function or a closure");
            return std::nullopt;
        }
    }
    for (FunctionId id : c.functionsOf(*module, type, name.id))
        if (std::ranges::find(candidates, id) == candidates.end()) candidates.push_back(id);
    std::vector<std::pair<FunctionId, std::vector<TypeId>>> fit;
    bool merges = false;
    for (FunctionId id : candidates) {
        const hir::Function &f = c.program.functions[id];
        if (f.params.size() != 2 || f.throws || f.params[1].mode == Mode::Inout) continue;
        const bool merging = f.params[0].mode == Mode::Inout && f.result == types().unit;
        const bool combining = f.params[0].mode != Mode::Inout && f.result != types().unit;
        if (!merging && !combining) continue;
        Inference inference(c, f.type_params);
        bool fits = inference.unify(f.params[0].type, type, false) && inference.unify(f.params[1].type, type, false);
        fits = fits && (merging || inference.unify(f.result, type, false)) && inference.complete();
        for (size_t i = 0; fits && i < inference.bound.size(); ++i) fits =
            types().satisfies(inference.bound[i], types().info(f.type_params[i]).constraint);
        if (!fits) continue;
        fit.emplace_back(id, inference.bound);
        merges = merging;
    }
    auto generic = [](const auto &one) { return !one.second.empty(); };
    if (fit.size() > 1 && !std::ranges::all_of(fit, generic)) std::erase_if(fit, generic);
    if (fit.size() == 1) {
        out.function = calleeOf(fit[0].first, fit[0].second);
        out.merges = merges;
        return out;
    }
    if (candidates.empty() && !spelled) unknownName(name);
    else if (spelled) report(Code::FoldOperator, op.span, text(name.id), text(type))
        .why("built-in operators fold numbers and bool; others need a function of that name");
    else {
        auto problem = report(Code::FoldFunction, op.span, text(name.id), text(type));
        for (FunctionId id : candidates) problem.label(c.program.functions[id].name_span, "`" + signature(id) + "`");
        problem.why("a fold wants `fn(T, T) -> T` or `fn(inout T, T)`");
    }
    return std::nullopt;
}

/// `(a, b) => …` or `(inout into, from) => …`, written where the operator stands.
std::optional<hir::FoldOp> BodyChecker::foldClosure(const ast::ClosureExpr &closure, Span span, TypeId type) {
    const bool merges = !closure.params.empty() && closure.params[0].mode == ast::Mode::Inout;
    hir::FoldOp out;
    out.span = span;
    out.merges = merges;
    out.literal = closureWith(closure, span, {{type, merges ? Mode::Inout : Mode::Read}, {type, Mode::Read}},
        merges ? types().unit : type, false);
    if (isError(out.literal)) return std::nullopt;
    const auto &made = body.closures[std::get<hir::ClosureRef>(body.exprs[out.literal].node).closure];
    for (const hir::Capture &capture : made.captures) {
        const hir::Local &local = body.locals[capture.local];
        const bool of_loop = capture.local.raw >= loop_locals;
        if (!of_loop && !local.is_mutable) continue;
        auto problem = report(Code::FoldCaptures, capture.first_use, text(local.name));
        problem.label(local.span, of_loop ? "belongs to one iteration" : "can change");
        problem.why("the operator combines values of different iterations, in an order of its own");
        if (!of_loop) problem.fix("copy it in front of the loop: `let " + text(local.name) + "_now = " + text(local.name) +
            "`");
        return std::nullopt;
    }
    const NameId name = c.names.intern("combine");
    out.function.closure = body.locals.add({name, typeOf(out.literal), span, hir::LocalKind::Param, hir::Storage::Alias,
        false});
    return out;
}

std::optional<hir::FoldOp> BodyChecker::foldOp(const ast::FoldOp &op, TypeId type, bool clause) {
    if (isError(type)) return std::nullopt;
    if (op.op != ast::FoldOperator::Function) {
        const hir::FoldBuiltin builtin = builtinOf(op.op);
        if (builtinFolds(builtin, type, clause)) return hir::FoldOp{builtin, {}, false, op.span};
    }
    std::optional<hir::FoldOp> made = foldFunction(op, type);
    if (made) made->identity = withDefaults(type, op.span);
    return made;
}

bool BodyChecker::accumulators(hir::Loop &out, const ast::Loop &loop) {
    bool good = true;
    for (const ast::Accumulator &written : loop.reduces) {
        ExprId place = expr(written.place);
        if (isError(place)) {
            good = false;
            continue;
        }
        const Span span = spanOf(place);
        bool path = true;
        for (ExprId walk = place; path;) {
            const hir::ExprNode &node = body.exprs[walk].node;
            if (std::holds_alternative<hir::LocalRef>(node)) break;
            const auto *field = std::get_if<hir::Field>(&node);
            path = field != nullptr;
            if (field) walk = field->base;
        }
        if (!path) {
            report(Code::AccumulatorPlace, span).why("an accumulator is a variable or a field of one")
                .fix("accumulate into a local variable and store it behind the loop");
            good = false;
            continue;
        }
        if (!requireWritable(place, span, "accumulated into")) {
            good = false;
            continue;
        }
        for (const hir::Accumulator &other : out.accumulators)
            if (rootOf(other.place) == rootOf(place) && std::holds_alternative<hir::LocalRef>(body.exprs[place].node)) {
                report(Code::AccumulatorTwice, span).label(other.span, "the first one");
                good = false;
            }
        auto op = foldOp(written.op, typeOf(place), true);
        good &= op.has_value();
        if (op) out.accumulators.push_back({*op, place, span});
    }
    if (!out.accumulators.empty() && out.kind == hir::LoopKind::First)
        report(Code::AccumulatorInFirst, out.accumulators.front().span)
            .why("`first` stops early, so which iterations have run is not fixed");
    return good;
}

/// Operators of a fold or scan against the type that the body gives.
void BodyChecker::folds(hir::Loop &out, const ast::Loop &loop, TypeId value) {
    std::vector<TypeId> parts{value};
    if (loop.folds.size() > 1) {
        const auto *t = types().as<types::TupleType>(value);
        if (!t || t->elems.size() != loop.folds.size()) {
            report(Code::FoldCount, loop.keyword, loop.folds.size(), text(value))
                .label(tree()[loop.body].span, "gives `" + text(value) + "`")
                .fix("give a tuple with one part for each operator");
            return;
        }
        parts = t->elems;
    }
    std::vector<hir::FoldOp> ops;
    for (size_t i = 0; i < loop.folds.size(); ++i) {
        auto op = foldOp(loop.folds[i], parts[i], false);
        if (!op) return;
        ops.push_back(std::move(*op));
    }
    out.ops = std::move(ops);
}

} // namespace parlane::check
