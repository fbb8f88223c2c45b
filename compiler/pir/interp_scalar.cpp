// Instructions on scalars. Operands are cells b, c, d; the result is cell a.
#include "compiler/pir/interp_code.h"
#include "compiler/pir/scalar_ops.h"

namespace parlane::pir::interp {

namespace {

using namespace scalar;

template <class Op, class T> int32_t unary(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, Op::template run<T>(get<T>(frame, pc->b)));
    PIR_NEXT;
}

template <class Op, class T> int32_t binary(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, Op::template run<T>(get<T>(frame, pc->b), get<T>(frame, pc->c)));
    PIR_NEXT;
}

template <class Op, class T> int32_t branchUnless(const Insn *pc, char *frame, Machine &m) {
    if (Op::template run<T>(get<T>(frame, pc->b), get<T>(frame, pc->c))) PIR_NEXT;
    PIR_JUMP(pc->d);
}

template <class To, class From> int32_t conversion(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, scalar::convert<To>(get<From>(frame, pc->b)));
    PIR_NEXT;
}

template <class To, class From> int32_t bitCast(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, scalar::bits<To>(get<From>(frame, pc->b)));
    PIR_NEXT;
}

template <class T> int32_t fma(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, Fma::run<T>(get<T>(frame, pc->b), get<T>(frame, pc->c), get<T>(frame, pc->d)));
    PIR_NEXT;
}

template <class T> int32_t forNext(const Insn *pc, char *frame, Machine &m) {
    auto left = get<uint64_t>(frame, pc->b) - 1;
    if (++m.steps > m.step_limit) [[unlikely]] PIR_FAIL(PAR_STOPPED);
    if (left == 0) PIR_NEXT;
    put(frame, pc->b, left);
    put(frame, pc->a, Add::run<T>(get<T>(frame, pc->a), get<T>(frame, pc->c)));
    PIR_JUMP(pc->d);
}

} // namespace

Handler unaryHandler(OpCode code, TypeKind kind) {
    Handler found = nullptr;
    withUnary(code, [&]<class Op>(Op) {
        withType(kind, [&](auto tag) {
            using T = typename decltype(tag)::Type;
            if constexpr (Op::template kFits<T>) found = &unary<Op, T>;
        });
    });
    return found;
}

Handler binaryHandler(OpCode code, TypeKind kind) {
    Handler found = nullptr;
    withBinary(code, [&]<class Op>(Op) {
        withType(kind, [&](auto tag) {
            using T = typename decltype(tag)::Type;
            if constexpr (Op::template kFits<T>) found = &binary<Op, T>;
        });
    });
    return found;
}

Handler branchUnlessHandler(OpCode code, TypeKind kind) {
    Handler found = nullptr;
    withType(kind, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        if (code == OpCode::Eq) found = &branchUnless<Eq, T>;
        if (code == OpCode::Ne) found = &branchUnless<Ne, T>;
        if (code == OpCode::Lt) found = &branchUnless<Lt, T>;
        if (code == OpCode::Le) found = &branchUnless<Le, T>;
    });
    return found;
}

Handler convertHandler(TypeKind from, TypeKind to) {
    Handler found = nullptr;
    withType(from, [&](auto source) {
        withType(to, [&](auto target) { found = &conversion<typename decltype(target)::Type, typename decltype(source)::Type>; });
    });
    return found;
}

Handler bitsHandler(TypeKind from, TypeKind to) {
    Handler found = nullptr;
    withType(from, [&](auto source) {
        withType(to, [&](auto target) {
            using S = typename decltype(source)::Type;
            using T = typename decltype(target)::Type;
            if constexpr (sizeof(S) == sizeof(T) && !kBool<S> && !kBool<T>) found = &bitCast<T, S>;
        });
    });
    return found;
}

Handler fmaHandler(TypeKind kind) { return kind == TypeKind::F32 ? &fma<float> : &fma<double>; }

Handler forNextHandler(TypeKind kind) {
    Handler found = nullptr;
    withType(kind, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        if constexpr (kInt<T>) found = &forNext<T>;
    });
    return found;
}

} // namespace parlane::pir::interp
