// Instructions on memory: moves, loads, stores, views, elements, owners.
#include "compiler/pir/interp_memory.h"

namespace parlane::pir::interp {

namespace {

template <int N> int32_t moveN(const Insn *pc, char *frame, Machine &m) {
    std::memmove(frame + pc->a, frame + pc->b, N);
    PIR_NEXT;
}
int32_t moveAny(const Insn *pc, char *frame, Machine &m) {
    std::memmove(frame + pc->a, frame + pc->b, static_cast<size_t>(pc->imm));
    PIR_NEXT;
}
template <int N> int32_t loadN(const Insn *pc, char *frame, Machine &m) {
    std::memmove(frame + pc->a, get<const char *>(frame, pc->b), N);
    PIR_NEXT;
}
int32_t loadAny(const Insn *pc, char *frame, Machine &m) {
    std::memmove(frame + pc->a, get<const char *>(frame, pc->b), static_cast<size_t>(pc->imm));
    PIR_NEXT;
}
template <int N> int32_t storeN(const Insn *pc, char *frame, Machine &m) {
    std::memmove(get<char *>(frame, pc->a), frame + pc->b, N);
    PIR_NEXT;
}
int32_t storeAny(const Insn *pc, char *frame, Machine &m) {
    std::memmove(get<char *>(frame, pc->a), frame + pc->b, static_cast<size_t>(pc->imm));
    PIR_NEXT;
}

template <template <int> class F> Handler bySize(int64_t size, Handler any) {
    switch (size) {
    case 1: return F<1>::run;
    case 2: return F<2>::run;
    case 4: return F<4>::run;
    case 8: return F<8>::run;
    case 16: return F<16>::run;
    default: return any;
    }
}
template <int N> struct MoveOf {
    static constexpr Handler run = &moveN<N>;
};
template <int N> struct LoadOf {
    static constexpr Handler run = &loadN<N>;
};
template <int N> struct StoreOf {
    static constexpr Handler run = &storeN<N>;
};

/// Index out of bounds: through the traps of the instruction (ptr), or a verdict that does not hold.
int32_t badIndex(const Insn *pc, Machine &m, int64_t index, int64_t extent, int64_t dim) {
    const auto *site = static_cast<const ElemSite *>(pc->ptr);
    if (site->bounds == Bounds::Checked) {
        int64_t values[] = {index, extent, dim};
        return m.trap(PAR_TRAP_index, site->loc, values);
    }
    return m.broken(site->loc, fmt::format("bounds={} does not hold: index {} of {}", text(site->bounds), index, extent));
}

template <int Rank, bool Strided> bool address(const Insn *pc, const char *frame, Machine &m, char *&out) {
    const auto *site = static_cast<const ElemSite *>(pc->ptr);
    const int32_t cells[3] = {pc->c, pc->d, pc->e};
    int64_t at = 0;
    for (int k = 0; k < Rank; ++k) {
        auto index = get<int64_t>(frame, cells[k]);
        auto extent = get<int64_t>(frame, pc->b + 8 + 8 * k);
        if (static_cast<uint64_t>(index) >= static_cast<uint64_t>(extent)) [[unlikely]] {
            m.outcome = badIndex(pc, m, index, extent, k);
            return false;
        }
        if (k + 1 == Rank) at += index;
        else at += index * get<int64_t>(frame, pc->b + 8 + 8 * (Rank + k));
    }
    out = get<char *>(frame, pc->b) + at * site->size;
    return true;
}

template <int Rank> int32_t elem(const Insn *pc, char *frame, Machine &m) {
    char *place = nullptr;
    if (!address<Rank, true>(pc, frame, m, place)) [[unlikely]] PIR_FAIL(m.outcome);
    put(frame, pc->a, place);
    PIR_NEXT;
}

template <int N> int32_t elemLoad(const Insn *pc, char *frame, Machine &m) {
    auto index = get<int64_t>(frame, pc->c);
    auto extent = get<int64_t>(frame, pc->b + 8);
    if (static_cast<uint64_t>(index) >= static_cast<uint64_t>(extent)) [[unlikely]] PIR_FAIL(badIndex(pc, m, index, extent, 0));
    std::memcpy(frame + pc->a, get<const char *>(frame, pc->b) + index * N, N);
    PIR_NEXT;
}

/// elem of a ref to a fixed array: extents are in the site, the pointer in cell b.
int32_t elemFixed(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ElemSite *>(pc->ptr);
    const int32_t cells[3] = {pc->c, pc->d, pc->e};
    int64_t at = 0;
    for (size_t k = 0; k < site->extents.size(); ++k) {
        auto index = get<int64_t>(frame, cells[k]);
        if (static_cast<uint64_t>(index) >= static_cast<uint64_t>(site->extents[k])) [[unlikely]]
            PIR_FAIL(badIndex(pc, m, index, site->extents[k], static_cast<int64_t>(k)));
        at = at * site->extents[k] + index;
    }
    put(frame, pc->a, get<char *>(frame, pc->b) + at * site->size);
    PIR_NEXT;
}

} // namespace

Handler moveHandler(int64_t size) { return bySize<MoveOf>(size, &moveAny); }
Handler loadHandler(int64_t size) { return bySize<LoadOf>(size, &loadAny); }
Handler storeHandler(int64_t size) { return bySize<StoreOf>(size, &storeAny); }

Handler elemHandler(int64_t rank) { return rank == 1 ? &elem<1> : rank == 2 ? &elem<2> : &elem<3>; }
Handler elemFixedHandler() { return &elemFixed; }
Handler elemLoadHandler(int64_t size) {
    switch (size) {
    case 1: return &elemLoad<1>;
    case 2: return &elemLoad<2>;
    case 4: return &elemLoad<4>;
    case 8: return &elemLoad<8>;
    default: return nullptr;
    }
}

int32_t address(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, frame + pc->b);
    PIR_NEXT;
}
int32_t addressOfPart(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, get<char *>(frame, pc->b) + pc->imm);
    PIR_NEXT;
}
int32_t zeroCell(const Insn *pc, char *frame, Machine &m) {
    std::memset(frame + pc->a, 0, static_cast<size_t>(pc->imm));
    PIR_NEXT;
}
int32_t putPointer(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, pc->ptr);
    PIR_NEXT;
}
int32_t putByte(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, static_cast<uint8_t>(pc->imm));
    PIR_NEXT;
}
int32_t take(const Insn *pc, char *frame, Machine &m) {
    char *place = get<char *>(frame, pc->b);
    std::memcpy(frame + pc->a, place, static_cast<size_t>(pc->imm));
    std::memset(place, 0, static_cast<size_t>(pc->imm));
    PIR_NEXT;
}
int32_t swapPlaces(const Insn *pc, char *frame, Machine &m) {
    char *a = get<char *>(frame, pc->a), *b = get<char *>(frame, pc->b);
    if (a != b)
        for (int64_t i = 0; i < pc->imm; ++i) std::swap(a[i], b[i]);
    PIR_NEXT;
}
int32_t dropPlace(const Insn *pc, char *frame, Machine &m) {
    m.values.drop(TypeId(static_cast<uint32_t>(pc->imm)), get<void *>(frame, pc->a));
    PIR_NEXT;
}
int32_t dropCell(const Insn *pc, char *frame, Machine &m) {
    m.values.drop(TypeId(static_cast<uint32_t>(pc->imm)), frame + pc->a);
    PIR_NEXT;
}
int32_t copyPlace(const Insn *pc, char *frame, Machine &m) {
    if (!m.values.copy(TypeId(static_cast<uint32_t>(pc->imm)), frame + pc->a, get<void *>(frame, pc->b))) PIR_FAIL(PAR_TRAPPED);
    PIR_NEXT;
}
int32_t copyOfView(const Insn *pc, char *frame, Machine &m) {
    if (!m.values.copyView(m.module.types[TypeId(static_cast<uint32_t>(pc->imm))], frame + pc->a, frame + pc->b)) PIR_FAIL(PAR_TRAPPED);
    PIR_NEXT;
}

// Views: rank is in imm.
int32_t viewOfArray(const Insn *pc, char *frame, Machine &m) {
    storeView(frame + pc->a, viewParts(get<char *>(frame, pc->b), pc->imm, true));
    PIR_NEXT;
}
int32_t viewOfFixed(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ElemSite *>(pc->ptr);
    ViewParts parts{};
    parts.data = get<char *>(frame, pc->b);
    parts.rank = static_cast<int64_t>(site->extents.size());
    for (size_t k = site->extents.size(); k-- > 0;) {
        parts.extents[k] = site->extents[k];
        parts.strides[k] = k + 1 == site->extents.size() ? 1 : parts.strides[k + 1] * site->extents[k + 1];
    }
    storeView(frame + pc->a, parts);
    PIR_NEXT;
}
int32_t viewOfStr(const Insn *pc, char *frame, Machine &m) {
    auto *s = get<par_str *>(frame, pc->b);
    bool in_place = s->u.bytes[15] < 16;
    ViewParts parts{};
    parts.rank = 1;
    parts.data = in_place ? reinterpret_cast<char *>(s) : reinterpret_cast<char *>(const_cast<uint8_t *>(s->u.far.data));
    parts.extents[0] = in_place ? s->u.bytes[15] : static_cast<int64_t>(s->u.far.length & 0x00ffffffffffffffu);
    storeView(frame + pc->a, parts);
    PIR_NEXT;
}
int32_t slice(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const SliceSite *>(pc->ptr);
    ViewParts in = viewParts(frame + pc->b, site->rank, false), out = in;
    int64_t at = 0;
    for (size_t k = 0; k < static_cast<size_t>(site->rank); ++k) {
        auto lo = get<int64_t>(frame, site->cells[2 * k]), hi = get<int64_t>(frame, site->cells[2 * k + 1]);
        if (lo < 0 || hi < lo || hi > in.extents[k]) PIR_FAIL(m.broken(site->loc, fmt::format("slice {}..{} of {} was not checked", lo, hi, in.extents[k])));
        at += lo * in.strides[k];
        out.extents[k] = hi - lo;
    }
    out.data = in.data + at * site->size;
    out.rank = site->rank - site->dropped;
    for (size_t k = 0; k < static_cast<size_t>(out.rank); ++k) {
        out.extents[k] = out.extents[k + static_cast<size_t>(site->dropped)];
        out.strides[k] = in.strides[k + static_cast<size_t>(site->dropped)];
    }
    storeView(frame + pc->a, out);
    PIR_NEXT;
}

namespace {
bool isContiguous(const ViewParts &v) {
    int64_t expected = 1;
    for (int64_t k = v.rank - 1; k >= 0; --k) {
        if (v.extents[k] > 1 && v.strides[k] != expected) return false;
        expected *= v.extents[k];
    }
    return true;
}
} // namespace

int32_t contiguous(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, isContiguous(viewParts(frame + pc->b, pc->imm, false)));
    PIR_NEXT;
}
int32_t reshape(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const SliceSite *>(pc->ptr);
    ViewParts in = viewParts(frame + pc->b, site->rank, false), out{};
    out.data = in.data;
    out.rank = static_cast<int64_t>(site->cells.size());
    int64_t count = 1;
    for (size_t k = site->cells.size(); k-- > 0;) {
        out.strides[k] = count;
        out.extents[k] = get<int64_t>(frame, site->cells[k]);
        count *= out.extents[k];
    }
    int64_t had = 1;
    for (int64_t k = 0; k < in.rank; ++k) had *= in.extents[k];
    if (count != had || (count && !isContiguous(in))) PIR_FAIL(m.broken(site->loc, "reshape was not checked"));
    storeView(frame + pc->a, out);
    PIR_NEXT;
}

int32_t array(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ArraySite *>(pc->ptr);
    int64_t count = 1, values[3] = {0, 0, 0};
    bool bad = false;
    for (size_t k = 0; k < site->extents.size(); ++k) {
        values[k] = get<int64_t>(frame, site->extents[k]);
        bad = bad || values[k] < 0 || __builtin_mul_overflow(count, values[k], &count);
    }
    int64_t bytes = 0;
    if (bad || __builtin_mul_overflow(count, site->size, &bytes)) PIR_FAIL(m.trap(PAR_TRAP_extent, site->loc, {values, site->extents.size()}));
    auto *made = static_cast<char *>(m.runtime.alloc(m.ctx, bytes, site->zeroed));
    if (!made) {
        if (!m.ctx->fault->site) m.ctx->fault->site = m.site(site->loc);
        PIR_FAIL(PAR_TRAPPED);
    }
    if (site->fill >= 0) {
        const char *fill = site->fill_is_ref ? get<const char *>(frame, site->fill) : frame + site->fill;
        for (int64_t i = 0; i < count; ++i) {
            if (!site->fill_is_ref) std::memcpy(made + i * site->size, fill, static_cast<size_t>(site->size));
            else if (!m.values.copy(site->elem, made + i * site->size, fill)) {
                while (i-- > 0) m.values.drop(site->elem, made + i * site->size);
                m.runtime.free(made, bytes);
                PIR_FAIL(PAR_TRAPPED);
            }
        }
    }
    std::memcpy(frame + pc->a, &made, 8);
    std::memcpy(frame + pc->a + 8, values, 8 * site->extents.size());
    PIR_NEXT;
}

int32_t box(const Insn *pc, char *frame, Machine &m) {
    auto *made = static_cast<char *>(m.runtime.alloc(m.ctx, pc->imm, 0));
    if (!made) PIR_FAIL(PAR_TRAPPED);
    std::memcpy(made, frame + pc->b, static_cast<size_t>(pc->imm));
    put(frame, pc->a, made);
    PIR_NEXT;
}
/// u8: does the pointer at the place (b: cell of a pointer to it if c, else the cell itself) name something? Arrays count elements.
int32_t tagOfBox(const Insn *pc, char *frame, Machine &m) {
    const char *place = pc->c ? get<const char *>(frame, pc->b) : frame + pc->b;
    const char *data = get<const char *>(place, 0);
    put(frame, pc->a, static_cast<uint8_t>(pc->imm ? elementCount(place + 8, pc->imm) > 0 : data != nullptr));
    PIR_NEXT;
}
/// Pointer to what the box at a place holds.
int32_t boxed(const Insn *pc, char *frame, Machine &m) {
    char *data = get<char *>(get<char *>(frame, pc->b), 0);
    if (!data) PIR_FAIL(m.broken(LocId(static_cast<uint32_t>(pc->imm)), "empty box was not checked"));
    put(frame, pc->a, data);
    PIR_NEXT;
}

int32_t atomicOp(const Insn *pc, char *frame, Machine &m) {
    m.values.combine(TypeId(static_cast<uint32_t>(pc->imm)), static_cast<FoldOp>(pc->c), get<char *>(frame, pc->a), frame + pc->b);
    PIR_NEXT;
}

} // namespace parlane::pir::interp
