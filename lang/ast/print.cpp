// Expressions, types and patterns as lists.
#include "lang/ast/print.h"

#include "lang/ast/printer.h"

namespace parlane::ast {

std::string_view modeWord(Mode mode) { return mode == Mode::Read ? "" : mode == Mode::Inout ? "inout" : "sink"; }

Sexp Printer::path(const std::vector<Name> &path) const {
    std::string text;
    for (const Name &part : path) text += (text.empty() ? "" : ".") + name(part).head;
    return Sexp::atom(text);
}

void Printer::optional(Sexp &out, std::string head, ExprId id) const {
    if (id.valid()) out.add(Sexp::of(std::move(head), {expr(id)}));
}

Sexp Printer::range(std::string head, ExprId lo, ExprId hi, ExprId step) const {
    Sexp out = Sexp::of(std::move(head));
    out.add(lo.valid() ? expr(lo) : Sexp::atom("_")).add(hi.valid() ? expr(hi) : Sexp::atom("_"));
    optional(out, "by", step);
    return out;
}

Sexp Printer::condition(const Condition &condition) const {
    if (!condition.pattern.valid()) return expr(condition.value);
    return Sexp::of("let", {pattern(condition.pattern), expr(condition.value)});
}

Sexp Printer::string(const StringLiteral &literal) const {
    if (literal.parts.empty()) return Sexp::atom("\"\"");
    if (literal.parts.size() == 1 && !literal.parts[0].value.valid()) return Sexp::atom(quoted(literal.parts[0].text));
    Sexp out = Sexp::of("string");
    for (const StringPart &part : literal.parts) {
        if (!part.value.valid())
            out.add(Sexp::atom(quoted(part.text)));
        else if (!part.spec_span.valid())
            out.add(expr(part.value));
        else
            out.add(Sexp::of("format", {Sexp::atom(quoted(part.spec)), expr(part.value)}));
    }
    return out;
}

Sexp Printer::fold(const FoldOp &fold) const {
    if (fold.op != FoldOperator::Function) return Sexp::atom(std::string(spelling(fold.op)));
    return expr(fold.function);
}

Sexp Printer::source(const LoopSource &source) const {
    Sexp out = Sexp::of("in", {pattern(source.pattern)});
    if (source.sink) out.add(Sexp::atom("sink"));
    if (source.tries) out.add(Sexp::atom("try"));
    if (source.exclusive) out.add(Sexp::atom("&"));
    return std::move(out.add(expr(source.source)));
}

Sexp Printer::loop(const Loop &loop) const {
    static constexpr const char *kKinds[] = {"for", "collect", "reduce", "scan", "scan_inclusive", "first"};
    static constexpr const char *kModes[] = {"", "par ", "simd par "};
    Sexp out = Sexp::of(std::string(kModes[static_cast<size_t>(loop.mode)]) + kKinds[static_cast<size_t>(loop.kind)]);
    if (loop.label.valid()) out.add(Sexp::of("label", {name(loop.label)}));
    if (!loop.folds.empty()) {
        Sexp folds = Sexp::of("ops");
        for (const FoldOp &op : loop.folds) folds.add(fold(op));
        out.add(std::move(folds));
    }
    for (const LoopSource &one : loop.sources) out.add(source(one));
    optional(out, "if", loop.filter);
    for (const Accumulator &acc : loop.reduces) out.add(Sexp::of("into", {fold(acc.op), expr(acc.place)}));
    if (loop.place.valid()) out.add(Sexp::of("on", {name(loop.place)}));
    return std::move(out.add(block(loop.body)));
}

Sexp Printer::expr(ExprId id) const {
    if (!id.valid()) return Sexp::atom("_");
    auto list = [&](Sexp out, const std::vector<ExprId> &ids) {
        for (ExprId part : ids) out.add(expr(part));
        return out;
    };
    return match(
        ast[id].node,
        [&](const IntLiteral &e) {
            if (e.huge.valid()) return Sexp::atom(std::string(names.text(e.huge)));
            return Sexp::atom(fmt::format("{}{}", e.byte ? "byte:" : "", e.value));
        },
        [&](const FloatLiteral &e) { return Sexp::atom(std::string(names.text(e.text))); },
        [&](const BoolLiteral &e) { return Sexp::atom(e.value ? "true" : "false"); },
        [&](const NoneLiteral &) { return Sexp::atom("none"); }, [&](const StringLiteral &e) { return string(e); },
        [&](const NameExpr &e) { return name(e.name); }, [&](const DiscardExpr &) { return Sexp::atom("_"); },
        [&](const TypeValue &e) { return Sexp::of("type", {type(e.type)}); },
        [&](const GenericExpr &e) {
            Sexp out = Sexp::of("generic", {expr(e.base)});
            for (TypeExprId arg : e.args) out.add(type(arg));
            return out;
        },
        [&](const MemberExpr &e) { return Sexp::of("." + name(e.name).head, {expr(e.base)}); },
        [&](const TupleMemberExpr &e) { return Sexp::of(fmt::format(".{}", e.index), {expr(e.base)}); },
        [&](const CallExpr &e) {
            Sexp out = Sexp::of("call", {expr(e.callee)});
            for (const Arg &arg : e.args) {
                Sexp value = expr(arg.value);
                if (arg.mode != Mode::Read) value = Sexp::of(std::string(modeWord(arg.mode)), {std::move(value)});
                if (arg.label.valid()) value = Sexp::of(name(arg.label).head + ":", {std::move(value)});
                out.add(std::move(value));
            }
            return out;
        },
        [&](const IndexExpr &e) { return list(Sexp::of("index", {expr(e.base)}), e.indices); },
        [&](const UnaryExpr &e) { return Sexp::of(std::string(spelling(e.op)), {expr(e.operand)}); },
        [&](const BinaryExpr &e) {
            return Sexp::of(std::string(spelling(e.op)), {expr(e.left), expr(e.right)});
        },
        [&](const UnwrapExpr &e) { return Sexp::of("unwrap", {expr(e.operand)}); },
        [&](const ParenExpr &e) { return Sexp::of("paren", {expr(e.inner)}); },
        [&](const TupleExpr &e) { return list(Sexp::of("tuple"), e.parts); },
        [&](const ArrayExpr &e) { return list(Sexp::of("array"), e.elements); },
        [&](const RangeExpr &e) { return range(e.inclusive ? "..=" : "..", e.lo, e.hi, e.step); },
        [&](const IfExpr &e) {
            Sexp out = Sexp::of("if", {condition(e.condition), block(e.then)});
            if (e.otherwise.valid()) out.add(expr(e.otherwise));
            return out;
        },
        [&](const MatchExpr &e) {
            Sexp out = Sexp::of("match", {expr(e.subject)});
            for (const MatchArm &arm : e.arms) {
                Sexp one = Sexp::of("case", {pattern(arm.pattern)});
                optional(one, "if", arm.guard);
                out.add(std::move(one.add(expr(arm.value))));
            }
            return out;
        },
        [&](const BlockExpr &e) { return block(e.block); },
        [&](const ClosureExpr &e) {
            Sexp params = Sexp::of("");
            for (const ClosureParam &param : e.params) {
                Sexp one = name(param.name);
                if (param.type.valid()) one = Sexp::of(":", {std::move(one), type(param.type)});
                if (param.mode != Mode::Read) one = Sexp::of(std::string(modeWord(param.mode)), {std::move(one)});
                params.add(std::move(one));
            }
            return Sexp::of("=>", {std::move(params), expr(e.body)});
        },
        [&](const TryExpr &e) { return Sexp::of(e.optional ? "try?" : "try", {expr(e.operand)}); },
        [&](const DoCatchExpr &e) {
            return Sexp::of("do", {block(e.body), Sexp::of("catch", {name(e.error), block(e.handler)})});
        },
        [&](const LoopExpr &e) { return loop(e.loop); }, [&](const ErrorExpr &) { return Sexp::of("error"); });
}

Sexp Printer::type(TypeExprId id) const {
    if (!id.valid()) return Sexp::atom("_");
    return match(
        ast[id].node,
        [&](const NamedType &t) {
            if (t.args.empty()) return path(t.path);
            Sexp out = Sexp::of(path(t.path).head);
            for (TypeExprId arg : t.args) out.add(type(arg));
            return out;
        },
        [&](const ArrayType &t) { return Sexp::of("[" + std::string(t.rank - 1, ',') + "]", {type(t.element)}); },
        [&](const FixedType &t) {
            Sexp out = Sexp::of("fixed", {type(t.element)});
            for (ExprId extent : t.extents) out.add(expr(extent));
            return out;
        },
        [&](const TupleType &t) {
            Sexp out = Sexp::of("tuple");
            for (TypeExprId part : t.parts) out.add(type(part));
            return out;
        },
        [&](const OptionalType &t) { return Sexp::of("?", {type(t.inner)}); },
        [&](const FnType &t) {
            Sexp params = Sexp::of("");
            for (const FnType::Param &param : t.params)
                params.add(param.mode == Mode::Read ? type(param.type)
                                                    : Sexp::of(std::string(modeWord(param.mode)), {type(param.type)}));
            Sexp out = Sexp::of("fn", {std::move(params)});
            if (t.throws) out.add(t.error.valid() ? Sexp::of("throws", {type(t.error)}) : Sexp::atom("throws"));
            if (t.result.valid()) out.add(Sexp::of("->", {type(t.result)}));
            return out;
        },
        [&](const ConstType &t) { return expr(t.value); }, [&](const ErrorType &) { return Sexp::of("error"); });
}

Sexp Printer::pattern(PatternId id) const {
    if (!id.valid()) return Sexp::atom("_");
    auto list = [&](Sexp out, const std::vector<PatternId> &ids) {
        for (PatternId part : ids) out.add(pattern(part));
        return out;
    };
    return match(
        ast[id].node, [&](const WildcardPattern &) { return Sexp::atom("_"); },
        [&](const BindPattern &p) { return p.exclusive ? Sexp::of("&", {name(p.name)}) : name(p.name); },
        [&](const LiteralPattern &p) { return Sexp::of("is", {expr(p.value)}); },
        [&](const RangePattern &p) { return range(p.inclusive ? "..=" : "..", p.lo, p.hi, {}); },
        [&](const TuplePattern &p) { return list(Sexp::of("tuple"), p.parts); },
        [&](const CasePattern &p) { return list(Sexp::of(path(p.path).head), p.parts); },
        [&](const AlternativesPattern &p) { return list(Sexp::of("any"), p.options); },
        [&](const ErrorPattern &) { return Sexp::of("error"); });
}

std::string print(const Ast &ast, const Interner &names, ExprId id) {
    std::string out;
    print(Printer(ast, names).expr(id), 0, out);
    return out;
}

std::string print(const Ast &ast, const Interner &names, TypeExprId id) {
    std::string out;
    print(Printer(ast, names).type(id), 0, out);
    return out;
}

} // namespace parlane::ast
