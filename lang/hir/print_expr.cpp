// Expressions.
#include "lang/base/match.h"
#include "lang/hir/printer.h"

namespace parlane::hir {

namespace {

std::string_view word(UnaryOp op) {
    static constexpr std::string_view kWords[] = {"-", "!", "~"};
    return kWords[static_cast<size_t>(op)];
}

std::string_view word(BinaryOp op) {
    static constexpr std::string_view kWords[] = {"+", "-",  "*",  "/", "%",  "<<", ">>", "&", "|",
                                                  "^", "==", "!=", "<", "<=", ">",  ">=", "&&", "||"};
    return kWords[static_cast<size_t>(op)];
}

} // namespace

std::string Printer::exprs(const std::vector<ExprId> &ids) {
    std::string text;
    for (ExprId id : ids) text += (text.empty() ? "" : ", ") + expr(id);
    return text;
}

std::string Printer::expr(ExprId id) {
    if (!id.valid()) return "?";
    const Expr &e = body->exprs[id];
    return node(e);
}

std::string Printer::quoted(NameId text) const {
    std::string out = "\"";
    for (char c : names.text(text)) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else out += c;
    }
    return out + '"';
}

std::string Printer::callee(const Callee &callee) const {
    if (!callee.function.valid()) return local(callee.closure);
    const Function &f = program.functions[callee.function];
    std::string text = f.kind == FunctionKind::Builtin ? f.builtin : name(f.name);
    if (f.kind != FunctionKind::Builtin && f.module.valid() && program.modules[f.module].name.starts_with("std."))
        text = program.modules[f.module].name.substr(4) + "." + text;
    std::string args;
    for (TypeId arg : callee.type_args) args += (args.empty() ? "" : ", ") + type(arg);
    return args.empty() ? text : text + "<" + args + ">";
}

std::string Printer::call(const Call &call) {
    std::string args;
    for (const Arg &arg : call.args) {
        if (!args.empty()) args += ", ";
        args += (arg.mode == Mode::Inout ? "&" : arg.mode == Mode::Sink ? "sink " : "") + expr(arg.value);
    }
    return callee(call.callee) + "(" + args + ")";
}

std::string Printer::index(const IndexArg &arg) {
    if (!arg.isRange()) return expr(arg.index);
    return (arg.lo.valid() ? expr(arg.lo) : "") + (arg.inclusive ? "..=" : "..") + (arg.hi.valid() ? expr(arg.hi) : "");
}

/// `{ … }` over several lines, the closing brace at the depth of the line that opens it.
std::string Printer::nested(BlockId id) {
    std::string before = std::move(out);
    out.clear();
    block(id);
    std::string inside = std::move(out);
    out = std::move(before);
    return "{\n" + inside + std::string(static_cast<size_t>(depth) * 2, ' ') + "}";
}

std::string Printer::node(const Expr &e) {
    return match(
        e.node,
        [&](const IntLit &n) {
            const bool is_signed = program.types.isSigned(e.type);
            std::string digits = is_signed ? fmt::format("{}", static_cast<int64_t>(n.bits))
                : fmt::format("{}", n.bits);
            return e.type == program.types.i64 ? digits : digits + ":" + type(e.type);
        },
        [&](const FloatLit &n) { return fmt::format("{}:{}", n.value, type(e.type)); },
        [&](const ParamLit &n) {
            return (n.is_float ? fmt::format("{}", n.value) : fmt::format("{}", n.bits)) + ":" + type(e.type);
        },
        [&](const BoolLit &n) -> std::string { return n.value ? "true" : "false"; },
        [&](const StrLit &n) { return quoted(n.text); }, [&](const NoneLit &) -> std::string { return "none"; },
        [&](const ZeroLit &) { return "zero:" + type(e.type); }, [&](const UnitLit &) -> std::string { return "()"; },
        [&](const ConstRef &n) { return "const " + name(program.constants[n.constant].name); },
        [&](const IntParam &n) { return "param " + name(program.types.info(n.param).name); },
        [&](const Interpolate &n) {
            std::string text;
            for (const Interpolate::Part &part : n.parts) {
                if (!text.empty()) text += ", ";
                if (!part.value.valid()) text += quoted(part.text);
                else text += expr(part.value) + (part.spec.valid() ? " as " + quoted(part.spec) : "");
            }
            return "text(" + text + ")";
        },
        [&](const LocalRef &n) { return local(n.local); },
        [&](const Field &n) {
            const auto *s = program.types.as<types::StructType>(body->exprs[n.base].type);
            std::string field = s ? name(program.types.info(s->decl).fields[n.index].name) : fmt::format("{}", n.index);
            return expr(n.base) + "." + field;
        },
        [&](const Index &n) {
            std::string args;
            for (const IndexArg &arg : n.args) args += (args.empty() ? "" : ", ") + index(arg);
            return expr(n.base) + "[" + args + "]";
        },
        [&](const Reshape &n) {
            return expr(n.base) + (n.extents.empty() ? ".flat" : ".view(" + exprs(n.extents) + ")");
        },
        [&](const ToView &n) { return "view(" + expr(n.base) + ")"; },
        [&](const ListView &n) { return "items(" + expr(n.base) + ")"; },
        [&](const StrBytes &n) { return expr(n.base) + ".bytes"; }, [&](const Unwrap &n) { return expr(n.base) + "!"; },
        [&](const BoxValue &n) { return expr(n.base) + ".value"; },
        [&](const Consume &n) { return "consume " + expr(n.place); },
        [&](const auto &) { return value(e); });
}

std::string Printer::value(const Expr &e) {
    return match(
        e.node,
        [&](const Extent &n) {
            return n.dim == Extent::kAll ? "count(" + expr(n.base) + ")"
                                         : fmt::format("extent({}, {})", expr(n.base), n.dim);
        },
        [&](const StrSlice &n) { return expr(n.base) + "[" + index(n.range) + "]"; },
        [&](const Unary &n) { return fmt::format("({}{})", word(n.op), expr(n.operand)); },
        [&](const Binary &n) {
            std::string left = expr(n.left);
            return fmt::format("({} {} {})", left, word(n.op), expr(n.right));
        },
        [&](const Convert &n) { return fmt::format("{}({})", type(e.type), expr(n.operand)); },
        [&](const Bits &n) { return fmt::format("bits<{}>({})", type(e.type), expr(n.operand)); },
        [&](const Copy &n) { return "copy(" + expr(n.operand) + ")"; },
        [&](const FixedToArray &n) { return "array(" + expr(n.operand) + ")"; },
        [&](const Some &n) { return "some(" + expr(n.value) + ")"; },
        [&](const Coalesce &n) {
            std::string value = expr(n.optional);
            return fmt::format("({} ?? {})", value, expr(n.fallback));
        },
        [&](const Tuple &n) { return "(" + exprs(n.elems) + ")"; },
        [&](const StructLit &n) { return type(e.type) + "{" + exprs(n.fields) + "}"; },
        [&](const EnumCase &n) {
            const auto *t = program.types.as<types::EnumType>(e.type);
            std::string text = type(e.type) + "." + (t ? name(program.types.info(t->decl).cases[n.case_index].name)
                : "?");
            return n.payload.empty() ? text : text + "(" + exprs(n.payload) + ")";
        },
        [&](const FixedLit &n) { return "[" + exprs(n.elems) + "]:" + type(e.type); },
        [&](const NewFixed &n) { return type(e.type) + "(" + (n.fill.valid() ? expr(n.fill) : "") + ")"; },
        [&](const NewArray &n) {
            std::string extents = exprs(n.extents);
            return type(e.type) + "(" + extents + (n.fill.valid() ? "; " + expr(n.fill) : "") + ")";
        },
        [&](const BoxNew &n) { return "Box(" + expr(n.value) + ")"; }, [&](const Call &n) { return call(n); },
        [&](const FunctionRef &n) { return "fn " + callee(n.callee); },
        [&](const ClosureRef &n) { return closure(n.closure); }, [&](const auto &) { return control(e); });
}

std::string Printer::control(const Expr &e) {
    return match(
        e.node, [&](const BlockExpr &n) { return nested(n.block); },
        [&](const If &n) {
            std::string text = "if " + expr(n.condition) + " " + nested(n.then_block);
            return n.else_block.valid() ? text + " else " + nested(n.else_block) : text;
        },
        [&](const IfLet &n) {
            std::string text = fmt::format("if let {} = {} ", pattern(n.pattern), expr(n.value)) + nested(n.then_block);
            return n.else_block.valid() ? text + " else " + nested(n.else_block) : text;
        },
        [&](const Match &n) {
            std::string text = "match " + expr(n.value) + " {\n";
            ++depth;
            for (const Arm &arm : n.arms) {
                std::string head;
                for (PatternId p : arm.patterns) head += (head.empty() ? "" : ", ") + pattern(p);
                if (arm.guard.valid()) head += " if " + expr(arm.guard);
                text += std::string(static_cast<size_t>(depth) * 2, ' ') + head + " => " + nested(arm.body) + "\n";
            }
            --depth;
            return text + std::string(static_cast<size_t>(depth) * 2, ' ') + "}";
        },
        [&](const LoopExpr &n) { return loop(n.loop); }, [&](const InvokeExpr &n) { return invoke(n.invoke); },
        [&](const PipelineExpr &n) { return pipeline(n.pipeline); },
        [&](const TryOptional &n) { return "try? " + expr(n.operand); },
            [&](const Try &n) { return "try " + expr(n.operand); },
        [&](const DoCatch &n) {
            std::string text = "do " + nested(n.body) + " catch ";
            return text + (n.error.valid() ? declared(n.error) : "_: " + type(n.error_type)) + " " + nested(n.handler);
        },
        [&](const Throw &n) { return "throw " + expr(n.value); },
        [&](const Return &n) { return n.value.valid() ? "return " + expr(n.value) : std::string("return"); },
        [&](const Break &n) { return fmt::format("break L{}", n.loop.raw); },
        [&](const Continue &n) {
            return n.loop.valid() ? fmt::format("continue L{}", n.loop.raw)
                : fmt::format("continue P{}", n.pipeline.raw);
        },
        [&](const auto &) -> std::string { return "?"; });
}

} // namespace parlane::hir
