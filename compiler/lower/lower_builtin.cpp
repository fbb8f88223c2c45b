// Builtins of the library: ops, runtime calls and a few rules of their own, found by name in builtins.def.
#include "compiler/lower/function_lowering.h"

#include <algorithm>

namespace parlane::lower {

using pir::AttrKey;
using pir::Trap;
using pir::TypeKind;

struct Builtins {
    using F = FunctionLowering;
    using Call = FunctionLowering::BuiltinCall;

    static ValueId keep(F &f, const Call &call) { return f.b.unary(OpCode::Keep, call.values[0]); }

    /// `b < a ? b : a` and `a < b ? b : a`.
    static ValueId choose(F &f, const Call &call, bool smallest) {
        ValueId a = call.values[0], c = call.values[1];
        HType type = call.params[0].type;
        if (pir::isScalar(f.kindOf(a))) return f.b.binary(smallest ? OpCode::Min : OpCode::Max, a, c);
        ValueId second = smallest ? f.lessThan(type, c, a) : f.lessThan(type, a, c);
        auto take = [&](ValueId from) { return f.kindOf(from) == TypeKind::Ref ? f.b.copy(from) : from; };
        return f.branch(
            second, f.all.type(call.result), [&] { return take(c); }, [&] { return take(a); });
    }
    static ValueId smaller(F &f, const Call &call) { return choose(f, call, true); }
    static ValueId larger(F &f, const Call &call) { return choose(f, call, false); }

    static ValueId exchange(F &f, const Call &call) {
        if (call.values.size() == 2) return f.b.op(OpCode::Swap, {}, {call.values[0], call.values[1]}), ValueId{};
        auto at = [&](ValueId i) {
            return f.b.elem(call.values[0], {asIndex(f, i)}, pir::Bounds::Checked, pir::Own::Local);
        };
        ValueId p = at(call.values[1]);
        f.b.op(OpCode::Swap, {}, {p, at(call.values[2])});
        return {};
    }

    static ValueId exchangeRows(F &f, const Call &call) {
        ValueId m = call.values[0], i = asIndex(f, call.values[1]), j = asIndex(f, call.values[2]);
        ValueId rows = f.b.extent(m, 0);
        f.checkIndex(i, rows, 0);
        f.checkIndex(j, rows, 0);
        f.forCount(f.b.extent(m, 1), [&](OpId, ValueId k) {
            ValueId p = f.b.elem(m, {i, k}, pir::Bounds::Proved, pir::Own::Local);
            f.b.op(OpCode::Swap, {}, {p, f.b.elem(m, {j, k}, pir::Bounds::Proved, pir::Own::Local)});
        });
        return {};
    }

    static ValueId asIndex(F &f, ValueId i) {
        return f.kindOf(i) == TypeKind::I64 ? i : f.b.convert(i, f.types().i64());
    }

    static ValueId takeOut(F &f, const Call &call) {
        ValueId ref = call.values[0];
        if (f.kindOf(ref) == TypeKind::Ref && f.ownsType(f.types()[f.fn().type(ref)].elem)) return f.b.take(ref);
        ValueId old = f.b.load(ref);
        f.b.store(ref, f.b.zero(f.fn().type(old)));
        return old;
    }

    static ValueId parseText(F &f, const Call &call) {
        PType type = f.all.type(call.result);
        TypeKind kind = f.types().kind(type);
        auto parsed = [&](std::string_view rt, TypeKind as) {
            return f.b.callRt(rt, f.types().scalar(as), {call.values[0]});
        };
        if (kind == TypeKind::Bool) return parsed("parse_bool", kind);
        if (kind == TypeKind::F32) return parsed("parse_f32", kind);
        if (kind == TypeKind::F64) return parsed("parse_f64", kind);
        if (kind == TypeKind::Str) return f.b.copy(call.values[0]);
        if (!pir::isInteger(kind)) return f.unsupported({}, "`parse` of this type", type);
        bool is_signed = pir::isSigned(kind);
        TypeKind wide = is_signed ? TypeKind::I64 : TypeKind::U64;
        ValueId number = parsed(is_signed ? "parse_i64" : "parse_u64", wide);
        if (kind == wide) return number;
        ValueId narrow = f.b.convert(number, type);
        ValueId fits = f.b.compare(OpCode::Eq, f.b.convert(narrow, f.types().scalar(wide)), number);
        f.when(f.b.unary(OpCode::Not, fits), [&] {
            ValueId text = f.concat({f.b.constStr("`"), f.b.copy(call.values[0]),
                                     f.b.constStr("` is out of range of `" + std::string(pir::kindText(kind)) + "`")});
            f.throwValue(f.all.errorHType(), f.b.emit(OpCode::Tuple, f.all.errorType(), {text}));
        });
        return narrow;
    }

    static ValueId hashOf(F &f, const Call &call) {
        return f.b.call(f.all.generated(Generated::Hash, call.params[0].type), {call.values[0]});
    }

    static ValueId printLine(F &f, const Call &call) {
        ValueId text = call.params.empty() ? f.stringRef("") : call.values[0];
        if (!call.params.empty() && !f.all.types.is<types::StrType>(call.params[0].type))
            text = f.spill(f.textOf(call.params[0].type, text, ""));
        return f.b.callRt("print", {}, {text});
    }

    static ValueId textFrom(F &f, const Call &call) {
        bool bytes = f.kindOf(call.values[0]) == TypeKind::View;
        return f.b.callRt(bytes ? "str_from_bytes" : "str_from_code", f.types().str(), {call.values[0]});
    }

    static ValueId textOfValue(F &f, const Call &call) { return f.textOf(call.params[0].type, call.values[0], ""); }

    static ValueId writeFile(F &f, const Call &call) {
        bool bytes = f.kindOf(call.values[1]) == TypeKind::View;
        return f.b.callRt(bytes ? "file_write" : "file_write_str", {}, {call.values[0], call.values[1]});
    }
};

namespace {

struct BuiltinEntry {
    std::string_view name;
    std::optional<OpCode> op;
    std::string_view runtime;
    ValueId (*rule)(FunctionLowering &, const Builtins::Call &) = nullptr;
};

constexpr BuiltinEntry kBuiltins[] = {
#define OP(name, code) {name, OpCode::code, "", nullptr},
#define RUNTIME(name, rt) {name, std::nullopt, rt, nullptr},
#define RULE(name, rule) {name, std::nullopt, "", &Builtins::rule},
#include "compiler/lower/builtins.def"
};

} // namespace

ValueId FunctionLowering::callBuiltin(const hir::Function &callee, std::span<const HType> args,
                                      std::vector<ValueId> values) {
    HType result = all.substitute(callee.result, args);
    auto found = std::ranges::find(kBuiltins, std::string_view(callee.builtin), &BuiltinEntry::name);
    if (found == std::end(kBuiltins))
        return unsupported(callee.name_span, fmt::format("the builtin `{}`", callee.builtin), all.type(result));
    if (found->op) {
        ValueId made = b.emit(*found->op, fn().type(values[0]), std::move(values));
        return fn().type(made) == all.type(result) ? made : b.convert(made, all.type(result));
    }
    if (!found->runtime.empty()) return b.callRt(found->runtime, all.type(result), std::move(values));
    return found->rule(*this,
                       {callee.builtin, {args.begin(), args.end()}, paramsOf(callee, args), std::move(values), result});
}

/// The message is made only if it is needed.
void FunctionLowering::lowerAssert(const std::vector<hir::Arg> &args) {
    ValueId condition = value(args[0].value);
    if (args.size() < 2) return b.check(condition, Trap::Assert);
    if (auto *literal = std::get_if<hir::StrLit>(&body.exprs[args[1].value].node))
        return b.check(condition, Trap::Assert, {}, all.names.text(literal->text));
    when(b.unary(OpCode::Not, condition), [&] {
        ValueId message = read(args[1].value);
        b.op(OpCode::Trap, {}, {message}, {{AttrKey::Trap, static_cast<int64_t>(Trap::Assert)}});
        terminate();
    });
}

} // namespace parlane::lower
