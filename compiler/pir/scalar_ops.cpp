#include "compiler/pir/scalar_ops.h"

namespace parlane::pir::scalar {

uint64_t literalBits(TypeKind kind, const AttrValue &value) {
    if (const double *number = std::get_if<double>(&value))
        return kind == TypeKind::F32 ? toBits(static_cast<float>(*number)) : toBits(*number);
    const int64_t *number = std::get_if<int64_t>(&value);
    PAR_CHECK(number, "no scalar literal");
    return withType(kind, [&](auto tag) { return toBits(static_cast<typename decltype(tag)::Type>(*number)); });
}

AttrValue literalOf(TypeKind kind, uint64_t bits) {
    return withType(kind, [&](auto tag) -> AttrValue {
        using T = typename decltype(tag)::Type;
        if constexpr (kFloat<T>) return static_cast<double>(fromBits<T>(bits));
        else return static_cast<int64_t>(fromBits<T>(bits));
    });
}

namespace {

std::optional<uint64_t> unary(OpCode code, TypeKind kind, uint64_t a) {
    std::optional<uint64_t> out;
    withUnary(code, [&]<class Op>(Op) {
        withType(kind, [&](auto tag) {
            using T = typename decltype(tag)::Type;
            if constexpr (Op::template kFits<T>) out = toBits(Op::template run<T>(fromBits<T>(a)));
        });
    });
    return out;
}

std::optional<uint64_t> binary(OpCode code, TypeKind kind, uint64_t a, uint64_t b) {
    std::optional<uint64_t> out;
    withBinary(code, [&]<class Op>(Op) {
        withType(kind, [&](auto tag) {
            using T = typename decltype(tag)::Type;
            if constexpr (Op::template kFits<T>) {
                if constexpr (std::is_same_v<Op, Div> || std::is_same_v<Op, Rem>)
                    if (!kFloat<T> && fromBits<T>(b) == T{}) return;
                out = toBits(Op::template run<T>(fromBits<T>(a), fromBits<T>(b)));
            }
        });
    });
    return out;
}

} // namespace

std::optional<uint64_t> evaluate(OpCode code, TypeKind from, TypeKind to, std::span<const uint64_t> operands) {
    if (!isScalar(from) || !isScalar(to)) return std::nullopt;
    std::optional<uint64_t> out;
    if (code == OpCode::Convert || code == OpCode::Bits) {
        withType(from, [&](auto source) {
            withType(to, [&](auto target) {
                using S = typename decltype(source)::Type;
                using T = typename decltype(target)::Type;
                if (code == OpCode::Convert) out = toBits(convert<T>(fromBits<S>(operands[0])));
                else if constexpr (sizeof(S) == sizeof(T) && !kBool<S> && !kBool<T>) out = toBits(bits<T>(fromBits<S>(operands[0])));
            });
        });
        return out;
    }
    if (code == OpCode::Fma && isFloat(from)) {
        withType(from, [&](auto tag) {
            using T = typename decltype(tag)::Type;
            if constexpr (kFloat<T>) out = toBits(Fma::run<T>(fromBits<T>(operands[0]), fromBits<T>(operands[1]), fromBits<T>(operands[2])));
        });
        return out;
    }
    if (operands.size() == 1) return unary(code, from, operands[0]);
    if (operands.size() == 2) return binary(code, from, operands[0], operands[1]);
    return std::nullopt;
}

} // namespace parlane::pir::scalar
