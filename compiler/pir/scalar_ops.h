// What ops do to scalars: the one definition, used by the interpreter and by the constant folder.
#pragma once
#include "compiler/pir/pir.h"

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace parlane::pir::scalar {

template <class T> constexpr bool kFloat = std::is_floating_point_v<T>;
template <class T> constexpr bool kBool = std::is_same_v<T, bool>;
template <class T> constexpr bool kInt = std::is_integral_v<T> && !kBool<T>;
template <class T> using Unsigned = std::make_unsigned_t<T>;
/// Wide enough that arithmetic on promoted small types does not overflow.
template <class T> uint64_t wide(T a) { return static_cast<uint64_t>(a); }

struct Add {
    template <class T> static constexpr bool kFits = kFloat<T> || kInt<T>;
    template <class T> static T run(T a, T b) {
        if constexpr (kFloat<T>) return a + b;
        else return static_cast<T>(wide(a) + wide(b));
    }
};
struct Sub {
    template <class T> static constexpr bool kFits = kFloat<T> || kInt<T>;
    template <class T> static T run(T a, T b) {
        if constexpr (kFloat<T>) return a - b;
        else return static_cast<T>(wide(a) - wide(b));
    }
};
struct Mul {
    template <class T> static constexpr bool kFits = kFloat<T> || kInt<T>;
    template <class T> static T run(T a, T b) {
        if constexpr (kFloat<T>) return a * b;
        else return static_cast<T>(wide(a) * wide(b));
    }
};
/// Integers: a divisor of 0 gives 0 (a check stands before; a lane that is off may divide by anything).
struct Div {
    template <class T> static constexpr bool kFits = kFloat<T> || kInt<T>;
    template <class T> static T run(T a, T b) {
        if constexpr (kFloat<T>) return a / b;
        else if (b == 0) return 0;
        else if constexpr (std::is_signed_v<T>) return b == -1 ? static_cast<T>(0 - wide(a)) : static_cast<T>(a / b);
        else return static_cast<T>(a / b);
    }
};
struct Rem {
    template <class T> static constexpr bool kFits = kFloat<T> || kInt<T>;
    template <class T> static T run(T a, T b) {
        if constexpr (kFloat<T>) return std::fmod(a, b);
        else if (b == 0) return 0;
        else if constexpr (std::is_signed_v<T>) return b == -1 ? static_cast<T>(0) : static_cast<T>(a % b);
        else return static_cast<T>(a % b);
    }
};
struct Min {
    template <class T> static constexpr bool kFits = true;
    template <class T> static T run(T a, T b) { return b < a ? b : a; }
};
struct Max {
    template <class T> static constexpr bool kFits = true;
    template <class T> static T run(T a, T b) { return a < b ? b : a; }
};
struct And {
    template <class T> static constexpr bool kFits = !kFloat<T>;
    template <class T> static T run(T a, T b) { return static_cast<T>(a & b); }
};
struct Or {
    template <class T> static constexpr bool kFits = !kFloat<T>;
    template <class T> static T run(T a, T b) { return static_cast<T>(a | b); }
};
struct Xor {
    template <class T> static constexpr bool kFits = !kFloat<T>;
    template <class T> static T run(T a, T b) { return static_cast<T>(a ^ b); }
};
struct Shl {
    template <class T> static constexpr bool kFits = kInt<T>;
    template <class T> static T run(T a, T b) { return static_cast<T>(wide(a) << (wide(b) & (sizeof(T) * 8 - 1))); }
};
struct Shr {
    template <class T> static constexpr bool kFits = kInt<T>;
    template <class T> static T run(T a, T b) { return static_cast<T>(a >> (wide(b) & (sizeof(T) * 8 - 1))); }
};
struct Eq {
    template <class T> static constexpr bool kFits = true;
    template <class T> static bool run(T a, T b) { return a == b; }
};
struct Ne {
    template <class T> static constexpr bool kFits = true;
    template <class T> static bool run(T a, T b) { return a != b; }
};
struct Lt {
    template <class T> static constexpr bool kFits = true;
    template <class T> static bool run(T a, T b) { return a < b; }
};
struct Le {
    template <class T> static constexpr bool kFits = true;
    template <class T> static bool run(T a, T b) { return a <= b; }
};

template <class T> T withoutSign(T a) {
    if constexpr (sizeof(T) == 4) return std::bit_cast<T>(std::bit_cast<uint32_t>(a) & 0x7fffffffu);
    else return std::bit_cast<T>(std::bit_cast<uint64_t>(a) & 0x7fffffffffffffffu);
}
template <class T> T otherSign(T a) {
    if constexpr (sizeof(T) == 4) return std::bit_cast<T>(std::bit_cast<uint32_t>(a) ^ 0x80000000u);
    else return std::bit_cast<T>(std::bit_cast<uint64_t>(a) ^ 0x8000000000000000u);
}

struct Neg {
    template <class T> static constexpr bool kFits = kFloat<T> || kInt<T>;
    template <class T> static T run(T a) {
        if constexpr (kFloat<T>) return otherSign(a);
        else return static_cast<T>(0 - wide(a));
    }
};
struct Abs {
    template <class T> static constexpr bool kFits = kFloat<T> || kInt<T>;
    template <class T> static T run(T a) {
        if constexpr (kFloat<T>) return withoutSign(a);
        else if constexpr (std::is_signed_v<T>) return a < 0 ? static_cast<T>(0 - wide(a)) : a;
        else return a;
    }
};
struct Not {
    template <class T> static constexpr bool kFits = !kFloat<T>;
    template <class T> static T run(T a) {
        if constexpr (kBool<T>) return !a;
        else return static_cast<T>(~wide(a));
    }
};
struct Sqrt {
    template <class T> static constexpr bool kFits = kFloat<T>;
    template <class T> static T run(T a) { return std::sqrt(a); }
};
struct Floor {
    template <class T> static constexpr bool kFits = kFloat<T>;
    template <class T> static T run(T a) { return std::floor(a); }
};
struct Ceil {
    template <class T> static constexpr bool kFits = kFloat<T>;
    template <class T> static T run(T a) { return std::ceil(a); }
};
struct Trunc {
    template <class T> static constexpr bool kFits = kFloat<T>;
    template <class T> static T run(T a) { return std::trunc(a); }
};
struct Round {
    template <class T> static constexpr bool kFits = kFloat<T>;
    template <class T> static T run(T a) { return std::nearbyint(a); } // in the default rounding mode: halves to even
};
struct Clz {
    template <class T> static constexpr bool kFits = kInt<T>;
    template <class T> static T run(T a) { return static_cast<T>(std::countl_zero(static_cast<Unsigned<T>>(a))); }
};
struct Ctz {
    template <class T> static constexpr bool kFits = kInt<T>;
    template <class T> static T run(T a) { return static_cast<T>(std::countr_zero(static_cast<Unsigned<T>>(a))); }
};
struct Popcount {
    template <class T> static constexpr bool kFits = kInt<T>;
    template <class T> static T run(T a) { return static_cast<T>(std::popcount(static_cast<Unsigned<T>>(a))); }
};
struct Fma {
    template <class T> static constexpr bool kFits = kFloat<T>;
    template <class T> static T run(T a, T b, T c) { return std::fma(a, b, c); }
};

/// `convert`.
template <class To, class From> To convert(From a) {
    if constexpr (kFloat<From> && !kFloat<To>) {
        if constexpr (kBool<To>) {
            return false; // not a conversion; the verifier refuses it
        } else {
            if (a != a) return 0;
            // 2^digits is exact in every float type; below it the cast is defined
            const From top = std::ldexp(From{1}, std::numeric_limits<To>::digits);
            if (a >= top) return std::numeric_limits<To>::max();
            if (std::is_signed_v<To> ? a < -top : a <= From{-1}) return std::numeric_limits<To>::min();
            return static_cast<To>(a);
        }
    } else {
        return static_cast<To>(a);
    }
}

/// `bits`: reinterprets, of a NaN the canonical one.
template <class To, class From>
    requires(sizeof(To) == sizeof(From))
To bits(From a) {
    if constexpr (kFloat<From>)
        if (a != a) {
            if constexpr (sizeof(From) == 4) return std::bit_cast<To>(uint32_t{0x7fc00000});
            else return std::bit_cast<To>(uint64_t{0x7ff8000000000000});
        }
    return std::bit_cast<To>(a);
}

template <class T> struct Tag {
    using Type = T;
};

/// Calls f(Tag<T>) with the C++ type of a scalar kind.
template <class F> decltype(auto) withType(TypeKind kind, F &&f) {
    switch (kind) {
    case TypeKind::Bool: return f(Tag<bool>{});
    case TypeKind::I8: return f(Tag<int8_t>{});
    case TypeKind::I16: return f(Tag<int16_t>{});
    case TypeKind::I32: return f(Tag<int32_t>{});
    case TypeKind::I64: return f(Tag<int64_t>{});
    case TypeKind::U8: return f(Tag<uint8_t>{});
    case TypeKind::U16: return f(Tag<uint16_t>{});
    case TypeKind::U32: return f(Tag<uint32_t>{});
    case TypeKind::U64: return f(Tag<uint64_t>{});
    case TypeKind::F32: return f(Tag<float>{});
    case TypeKind::F64: return f(Tag<double>{});
    default: PAR_UNREACHABLE("{} is no scalar", kindText(kind));
    }
}

/// Calls f(Functor) for an op of one operand (Neg .. Popcount); false if the op is none.
template <class F> bool withUnary(OpCode code, F &&f) {
    switch (code) {
    case OpCode::Neg: f(Neg{}); return true;
    case OpCode::Abs: f(Abs{}); return true;
    case OpCode::Not: f(Not{}); return true;
    case OpCode::Sqrt: f(Sqrt{}); return true;
    case OpCode::Floor: f(Floor{}); return true;
    case OpCode::Ceil: f(Ceil{}); return true;
    case OpCode::Trunc: f(Trunc{}); return true;
    case OpCode::Round: f(Round{}); return true;
    case OpCode::Clz: f(Clz{}); return true;
    case OpCode::Ctz: f(Ctz{}); return true;
    case OpCode::Popcount: f(Popcount{}); return true;
    default: return false;
    }
}

/// The same for two operands, comparisons included.
template <class F> bool withBinary(OpCode code, F &&f) {
    switch (code) {
    case OpCode::Add: f(Add{}); return true;
    case OpCode::Sub: f(Sub{}); return true;
    case OpCode::Mul: f(Mul{}); return true;
    case OpCode::Div: f(Div{}); return true;
    case OpCode::Rem: f(Rem{}); return true;
    case OpCode::Min: f(Min{}); return true;
    case OpCode::Max: f(Max{}); return true;
    case OpCode::And: f(And{}); return true;
    case OpCode::Or: f(Or{}); return true;
    case OpCode::Xor: f(Xor{}); return true;
    case OpCode::Shl: f(Shl{}); return true;
    case OpCode::Shr: f(Shr{}); return true;
    case OpCode::Eq: f(Eq{}); return true;
    case OpCode::Ne: f(Ne{}); return true;
    case OpCode::Lt: f(Lt{}); return true;
    case OpCode::Le: f(Le{}); return true;
    default: return false;
    }
}

/// Value of a scalar as it lies in memory, in the low bytes.
template <class T> T fromBits(uint64_t bits) {
    T value;
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}
template <class T> uint64_t toBits(T value) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    return bits;
}
/// Bits of the literal of a `const` of that kind.
uint64_t literalBits(TypeKind kind, const AttrValue &value);
/// The literal with these bits.
AttrValue literalOf(TypeKind kind, uint64_t bits);

/// The op (unary, binary, comparison, fma, convert, bits, select) on constants: operands of kind `from`, result of kind `to`. None if the op
/// is no pure scalar op or would be undefined (division by zero).
std::optional<uint64_t> evaluate(OpCode code, TypeKind from, TypeKind to, std::span<const uint64_t> operands);

} // namespace parlane::pir::scalar
