// Instructions on vectors: lane by lane, in order. Operands are cells b, c, d; the result is cell a; the number of lanes is in imm.
// A vector lies in its cell as an array of its scalars, a mask as an array of bool.
#include "compiler/pir/interp_vector.h"

#include "compiler/pir/scalar_ops.h"

namespace parlane::pir::interp {

namespace {

using namespace scalar;

template <class T> int32_t at(int32_t cell, int64_t lane) {
    return cell + static_cast<int32_t>(lane) * static_cast<int32_t>(sizeof(T));
}

template <class Op, class T> int32_t unary(const Insn *pc, char *frame, Machine &m) {
    for (int64_t k = 0; k < pc->imm; ++k) put(frame, at<T>(pc->a, k), Op::template run<T>(get<T>(frame, at<T>(pc->b, k))));
    PIR_NEXT;
}

template <class Op, class T> int32_t binary(const Insn *pc, char *frame, Machine &m) {
    using R = decltype(Op::template run<T>(T{}, T{}));
    for (int64_t k = 0; k < pc->imm; ++k)
        put(frame, at<R>(pc->a, k), Op::template run<T>(get<T>(frame, at<T>(pc->b, k)), get<T>(frame, at<T>(pc->c, k))));
    PIR_NEXT;
}

template <class T> int32_t fma(const Insn *pc, char *frame, Machine &m) {
    for (int64_t k = 0; k < pc->imm; ++k)
        put(frame, at<T>(pc->a, k),
            Fma::run<T>(get<T>(frame, at<T>(pc->b, k)), get<T>(frame, at<T>(pc->c, k)), get<T>(frame, at<T>(pc->d, k))));
    PIR_NEXT;
}

template <class To, class From> int32_t conversion(const Insn *pc, char *frame, Machine &m) {
    for (int64_t k = 0; k < pc->imm; ++k)
        put(frame, at<To>(pc->a, k), scalar::convert<To>(get<From>(frame, at<From>(pc->b, k))));
    PIR_NEXT;
}

template <class To, class From> int32_t bitCast(const Insn *pc, char *frame, Machine &m) {
    for (int64_t k = 0; k < pc->imm; ++k)
        put(frame, at<To>(pc->a, k), scalar::bits<To>(get<From>(frame, at<From>(pc->b, k))));
    PIR_NEXT;
}

template <class T> int32_t iota(const Insn *pc, char *frame, Machine &m) {
    T base = get<T>(frame, pc->b);
    for (int64_t k = 0; k < pc->imm; ++k) put(frame, at<T>(pc->a, k), Add::run<T>(base, static_cast<T>(k)));
    PIR_NEXT;
}

/// Condition in b (a mask; one bool if imm is negative), values in c and d, size of a scalar in e.
int32_t select(const Insn *pc, char *frame, Machine &m) {
    int64_t lanes = std::abs(pc->imm);
    for (int64_t k = 0; k < lanes; ++k) {
        bool yes = get<bool>(frame, pc->b + (pc->imm < 0 ? 0 : static_cast<int32_t>(k)));
        int32_t offset = static_cast<int32_t>(k) * pc->e;
        std::memcpy(frame + pc->a + offset, frame + (yes ? pc->c : pc->d) + offset, static_cast<size_t>(pc->e));
    }
    PIR_NEXT;
}

/// Scalar in b, its size in c.
int32_t splat(const Insn *pc, char *frame, Machine &m) {
    for (int64_t k = 0; k < pc->imm; ++k)
        std::memcpy(frame + pc->a + static_cast<int32_t>(k) * pc->c, frame + pc->b, static_cast<size_t>(pc->c));
    PIR_NEXT;
}

/// Vector in b, number in c, size in d.
int32_t lane(const Insn *pc, char *frame, Machine &m) {
    auto number = get<int64_t>(frame, pc->c);
    if (number < 0 || number >= pc->imm) PIR_FAIL(m.broken(LocId{}, fmt::format("lane {} of {}", number, pc->imm)));
    std::memcpy(frame + pc->a, frame + pc->b + static_cast<int32_t>(number) * pc->d, static_cast<size_t>(pc->d));
    PIR_NEXT;
}

int32_t any(const Insn *pc, char *frame, Machine &m) {
    bool found = false;
    for (int64_t k = 0; k < pc->imm; ++k) found = found || get<bool>(frame, pc->b + static_cast<int32_t>(k));
    put(frame, pc->a, found);
    PIR_NEXT;
}

int32_t count(const Insn *pc, char *frame, Machine &m) {
    int64_t found = 0;
    for (int64_t k = 0; k < pc->imm; ++k) found += get<bool>(frame, pc->b + static_cast<int32_t>(k));
    put(frame, pc->a, found);
    PIR_NEXT;
}

/// Folds the vector at b, which it overwrites.
int32_t tree(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const TreeSite *>(pc->ptr);
    int64_t size = m.layouts.size(site->type);
    for (int64_t half = site->lanes / 2; half > 0; half /= 2)
        for (int64_t j = 0; j < half; ++j)
            m.values.combine(site->type, site->op, frame + pc->b + j * size, frame + pc->b + (j + half) * size);
    std::memcpy(frame + pc->a, frame + pc->b, static_cast<size_t>(size));
    PIR_NEXT;
}

/// Address of what lane k names; null and `outcome` set if a verdict does not hold.
char *place(const LaneSite &site, const char *frame, Machine &m, int64_t k) {
    int64_t at = 0;
    size_t rank = site.extents.empty() ? static_cast<size_t>(site.rank) : site.extents.size();
    for (size_t d = 0; d < rank; ++d) {
        const LaneSite::Index &cell = site.indices[d];
        auto index = get<int64_t>(frame, cell.cell + (cell.lanes ? static_cast<int32_t>(k) * 8 : 0));
        if (d + 1 == rank && site.stride >= 0) index += k * get<int64_t>(frame, site.stride);
        else if (d + 1 == rank && site.contiguous) index += k;
        int64_t extent = site.extents.empty() ? get<int64_t>(frame, site.view + 8 + 8 * static_cast<int32_t>(d)) : site.extents[d];
        if (static_cast<uint64_t>(index) >= static_cast<uint64_t>(extent)) [[unlikely]] {
            m.outcome = m.broken(site.loc, fmt::format("lane {} has index {} of {}", k, index, extent));
            return nullptr;
        }
        if (!site.extents.empty()) at = at * extent + index;
        else if (d + 1 == rank) at += index;
        else at += index * get<int64_t>(frame, site.view + 8 + 8 * static_cast<int32_t>(rank + d));
    }
    return get<char *>(frame, site.view) + at * site.size + site.part;
}

/// To the vector at a; lanes that are off are 0.
int32_t laneLoad(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const LaneSite *>(pc->ptr);
    for (int64_t k = 0; k < site->lanes; ++k) {
        char *into = frame + pc->a + k * site->width;
        if (site->mask >= 0 && !get<bool>(frame, site->mask + static_cast<int32_t>(k))) {
            std::memset(into, 0, static_cast<size_t>(site->width));
            continue;
        }
        const char *from = place(*site, frame, m, k);
        if (!from) [[unlikely]] PIR_FAIL(m.outcome);
        std::memcpy(into, from, static_cast<size_t>(site->width));
    }
    PIR_NEXT;
}

/// From the vector at a.
int32_t laneStore(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const LaneSite *>(pc->ptr);
    for (int64_t k = 0; k < site->lanes; ++k) {
        if (site->mask >= 0 && !get<bool>(frame, site->mask + static_cast<int32_t>(k))) continue;
        char *into = place(*site, frame, m, k);
        if (!into) [[unlikely]] PIR_FAIL(m.outcome);
        std::memcpy(into, frame + pc->a + k * site->width, static_cast<size_t>(site->width));
    }
    PIR_NEXT;
}

Handler unaryOf(OpCode code, TypeKind kind) {
    Handler found = nullptr;
    withUnary(code, [&]<class Op>(Op) {
        withType(kind, [&](auto tag) {
            using T = typename decltype(tag)::Type;
            if constexpr (Op::template kFits<T>) found = &unary<Op, T>;
        });
    });
    return found;
}

Handler binaryOf(OpCode code, TypeKind kind) {
    Handler found = nullptr;
    withBinary(code, [&]<class Op>(Op) {
        withType(kind, [&](auto tag) {
            using T = typename decltype(tag)::Type;
            if constexpr (Op::template kFits<T>) found = &binary<Op, T>;
        });
    });
    return found;
}

Handler convertOf(OpCode code, TypeKind from, TypeKind to) {
    Handler found = nullptr;
    withType(from, [&](auto source) {
        withType(to, [&](auto target) {
            using S = typename decltype(source)::Type;
            using T = typename decltype(target)::Type;
            if (code == OpCode::Convert) found = &conversion<T, S>;
            if constexpr (sizeof(S) == sizeof(T) && !kBool<S> && !kBool<T>)
                if (code == OpCode::Bits) found = &bitCast<T, S>;
        });
    });
    return found;
}

Handler iotaOf(TypeKind kind) {
    Handler found = nullptr;
    withType(kind, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        if constexpr (kInt<T>) found = &iota<T>;
    });
    return found;
}

} // namespace

bool Decoder::vectorOp(const Op &op) {
    auto isVector = [&](ValueId v) { return kindOf(v) == TypeKind::Vec || kindOf(v) == TypeKind::Mask; };
    bool vector = op.result.valid() && isVector(op.result);
    for (ValueId operand : op.operands) vector = vector || isVector(operand);
    bool structured = !op.regions.empty() || isTerminator(op.code);
    if (!vector || structured || op.code == OpCode::Load || op.code == OpCode::Store || op.code == OpCode::Slot) return false;
    if (op.code >= OpCode::VLoad && op.code <= OpCode::Scatter) return laneAccess(op), true;
    auto scalarKind = [&](ValueId v) {
        if (kindOf(v) == TypeKind::Mask) return TypeKind::Bool;
        return kindOf(v) == TypeKind::Vec ? types.kind(types[typeOf(v)].elem) : kindOf(v);
    };
    auto in = [&](size_t i) { return cell(op.operands[i]); };
    ValueId wide = op.result.valid() && isVector(op.result) ? op.result : op.operands[0];
    int64_t lanes = types[typeOf(wide)].dims[0];
    TypeKind kind = op.operands.empty() ? scalarKind(op.result) : scalarKind(op.operands[0]);
    auto bytes = [&](ValueId v) { return static_cast<int32_t>(scalarBytes(scalarKind(v))); };
    int32_t a = cell(op.result);
    switch (op.code) {
    case OpCode::Zero: emit(&zeroCell, a).imm = sizeOf(typeOf(op.result)); return true;
    case OpCode::Select:
    case OpCode::Blend:
        emit(&select, a, in(0), in(1), in(2), bytes(op.result)).imm = kindOf(op.operands[0]) == TypeKind::Bool ? -lanes : lanes;
        return true;
    case OpCode::Splat: emit(&splat, a, in(0), bytes(op.result)).imm = lanes; return true;
    case OpCode::Iota: emit(iotaOf(kind), a, in(0)).imm = lanes; return true;
    case OpCode::Lane: emit(&lane, a, in(0), in(1), bytes(op.result)).imm = lanes; return true;
    case OpCode::Any: emit(&any, a, in(0)).imm = lanes; return true;
    case OpCode::Count: emit(&count, a, in(0)).imm = lanes; return true;
    case OpCode::MaskAnd: emit(binaryOf(OpCode::And, TypeKind::Bool), a, in(0), in(1)).imm = lanes; return true;
    case OpCode::MaskOr: emit(binaryOf(OpCode::Or, TypeKind::Bool), a, in(0), in(1)).imm = lanes; return true;
    case OpCode::MaskNot: emit(unaryOf(OpCode::Not, TypeKind::Bool), a, in(0)).imm = lanes; return true;
    case OpCode::Fma: emit(kind == TypeKind::F32 ? &fma<float> : &fma<double>, a, in(0), in(1), in(2)).imm = lanes; return true;
    case OpCode::Convert:
    case OpCode::Bits: emit(convertOf(op.code, kind, scalarKind(op.result)), a, in(0)).imm = lanes; return true;
    case OpCode::Tree: {
        auto *site = code->site<TreeSite>();
        site->type = typeOf(op.result);
        site->op = op.enumerator<FoldOp>(AttrKey::AtomicOp);
        site->lanes = lanes;
        int32_t copy = room(sizeOf(typeOf(op.operands[0])));
        emitMove(copy, in(0), sizeOf(typeOf(op.operands[0])));
        emit(&tree, a, copy).ptr = site;
        return true;
    }
    default: break;
    }
    Handler run = op.operands.size() == 1 ? unaryOf(op.code, kind) : op.operands.size() == 2 ? binaryOf(op.code, kind) : nullptr;
    if (!run) return false;
    emit(run, a, in(0), op.operands.size() == 2 ? in(1) : 0).imm = lanes;
    return true;
}

void Decoder::laneAccess(const Op &op) {
    bool stores = op.code == OpCode::VStore || op.code == OpCode::Scatter;
    auto *site = code->site<LaneSite>();
    const Type &base = types[typeOf(op.operands[0])];
    const Type &held = base.kind == TypeKind::Ref ? types[base.elem] : base;
    site->view = cell(op.operands[0]);
    if (base.kind == TypeKind::Ref) site->extents = held.dims;
    else site->rank = held.dims[0];
    site->size = sizeOf(held.elem);
    site->part = op.integer(AttrKey::Part);
    site->loc = op.loc;
    site->contiguous = op.code == OpCode::VLoad || op.code == OpCode::VStore;
    size_t end = op.operands.size();
    if (kindOf(op.operands.back()) == TypeKind::Mask && (!stores || end > 2 + static_cast<size_t>(indexCount(held, base))))
        site->mask = cell(op.operands[--end]);
    ValueId value = stores ? op.operands[--end] : op.result;
    if (op.code == OpCode::VLoadStrided) site->stride = cell(op.operands[--end]);
    for (size_t k = 1; k < end; ++k) site->indices.push_back({cell(op.operands[k]), kindOf(op.operands[k]) == TypeKind::Vec});
    const Type &vector = types[typeOf(value)];
    site->lanes = vector.dims[0];
    site->width = vector.kind == TypeKind::Mask ? 1 : sizeOf(vector.elem);
    emitFailing(stores ? &laneStore : &laneLoad, cell(value)).ptr = site;
}

int64_t Decoder::indexCount(const Type &held, const Type &base) {
    return base.kind == TypeKind::Ref ? static_cast<int64_t>(held.dims.size()) : held.dims[0];
}

} // namespace parlane::pir::interp
