#include "compiler/pir/value_ops.h"

#include "compiler/pir/scalar_ops.h"

#include <algorithm>

namespace parlane::pir {

namespace {

template <class T> T peek(const void *place) {
    T value;
    std::memcpy(&value, place, sizeof value);
    return value;
}
char *at(void *place, int64_t offset) { return static_cast<char *>(place) + offset; }
const char *at(const void *place, int64_t offset) { return static_cast<const char *>(place) + offset; }

int64_t fixedCount(const Type &type) {
    int64_t count = 1;
    for (int64_t n : type.dims) count *= n;
    return count;
}

} // namespace

int64_t elementCount(const void *extents, int64_t rank) {
    int64_t count = 1;
    for (int64_t i = 0; i < rank; ++i) count *= peek<int64_t>(at(extents, 8 * i));
    return count;
}

ViewParts viewParts(const void *place, int64_t rank, bool owner) {
    ViewParts parts{};
    parts.rank = rank;
    parts.data = peek<char *>(place);
    auto n = static_cast<size_t>(rank);
    for (size_t i = 0; i < n; ++i) parts.extents[i] = peek<int64_t>(at(place, 8 + 8 * static_cast<int64_t>(i)));
    parts.strides[n - 1] = 1;
    for (size_t i = n - 1; i-- > 0;)
        parts.strides[i] = owner ? parts.strides[i + 1] * parts.extents[i + 1] : peek<int64_t>(at(place, 8 + 8 * (rank + static_cast<int64_t>(i))));
    return parts;
}

void storeView(void *place, const ViewParts &parts) {
    auto n = static_cast<size_t>(parts.rank);
    std::memcpy(place, &parts.data, 8);
    std::memcpy(at(place, 8), parts.extents, 8 * n);
    std::memcpy(at(place, 8 + 8 * parts.rank), parts.strides, 8 * (n - 1));
}

void ValueOps::drop(TypeId root, void *place) {
    struct Work {
        TypeId type;
        char *place;
        int64_t count;  ///< values one behind the other
        void *free;     ///< allocation to release when they are dropped
        int64_t bytes;
    };
    std::vector<Work> work = {{root, static_cast<char *>(place), 1, nullptr, 0}};
    std::vector<std::pair<void *, int64_t>> frees;
    while (!work.empty()) {
        Work &now = work.back();
        if (now.count == 0) {
            if (now.free) runtime.free(now.free, now.bytes);
            work.pop_back();
            continue;
        }
        const Type &type = types[now.type];
        char *here = now.place;
        int64_t size = layouts.size(now.type);
        now.place += size;
        --now.count;
        switch (type.kind) {
        case TypeKind::Str: runtime.str_drop(ctx, nullptr, here); break;
        case TypeKind::File: runtime.file_close(ctx, nullptr, here); break;
        case TypeKind::Array: {
            char *data = peek<char *>(here);
            int64_t count = elementCount(here + 8, type.dims[0]), bytes = count * layouts.size(type.elem);
            std::memset(here, 0, static_cast<size_t>(size));
            if (data) work.push_back({type.elem, data, types.owns(type.elem) ? count : 0, data, bytes});
            break;
        }
        case TypeKind::Box: {
            char *data = peek<char *>(here);
            std::memset(here, 0, 8);
            if (data) work.push_back({type.elem, data, types.owns(type.elem) ? 1 : 0, data, layouts.size(type.elem)});
            break;
        }
        case TypeKind::Fixed: {
            TypeId elem = type.elem;
            if (types.owns(elem)) work.push_back({elem, here, fixedCount(type), nullptr, 0});
            break;
        }
        case TypeKind::Optional:
            if (here[layouts.offset(now.type, 1)]) work.push_back({type.elem, here, 1, nullptr, 0});
            break;
        case TypeKind::Enum: {
            auto tag = static_cast<size_t>(static_cast<uint8_t>(*here));
            int64_t offset = layouts.offset(now.type, 1);
            if (tag < type.parts.size() && types.owns(type.parts[tag])) work.push_back({type.parts[tag], here + offset, 1, nullptr, 0});
            break;
        }
        case TypeKind::Struct:
        case TypeKind::Tuple: {
            TypeId whole = now.type;
            for (size_t i = 0; i < type.parts.size(); ++i)
                if (types.owns(type.parts[i])) work.push_back({type.parts[i], here + layouts.offset(whole, static_cast<int64_t>(i)), 1, nullptr, 0});
            break;
        }
        default: break;
        }
    }
    std::memset(place, 0, static_cast<size_t>(layouts.size(root)));
}

bool ValueOps::copy(TypeId root, void *into, const void *from) {
    std::memcpy(into, from, static_cast<size_t>(layouts.size(root)));
    struct Work {
        TypeId type;
        char *place; ///< holds the bytes of the original: its owned parts are to be made new
        int64_t count;
    };
    std::vector<Work> work = {{root, static_cast<char *>(into), 1}};
    bool good = true;
    // On failure the rest of the owned parts becomes zero, so that the half copy can be dropped.
    auto fresh = [&](char *here, TypeId elem, int64_t count, int64_t header) {
        char *old = peek<char *>(here);
        if (!old) return;
        int64_t bytes = count * layouts.size(elem);
        char *made = good ? static_cast<char *>(runtime.alloc(ctx, bytes, 0)) : nullptr;
        if (!made) {
            good = false;
            std::memset(here, 0, static_cast<size_t>(header));
            return;
        }
        std::memcpy(made, old, static_cast<size_t>(bytes));
        std::memcpy(here, &made, 8);
        if (types.owns(elem)) work.push_back({elem, made, count});
    };
    while (!work.empty()) {
        Work &now = work.back();
        if (now.count == 0) {
            work.pop_back();
            continue;
        }
        TypeId id = now.type;
        const Type &type = types[id];
        char *here = now.place;
        now.place += layouts.size(id);
        --now.count;
        switch (type.kind) {
        case TypeKind::Str: {
            char old[16];
            std::memcpy(old, here, 16);
            if (!good || runtime.str_copy(ctx, here, old) != PAR_OK) {
                good = false;
                std::memset(here, 0, 16);
            }
            break;
        }
        case TypeKind::File: std::memset(here, 0, 8); break; // moves only
        case TypeKind::Array: fresh(here, type.elem, elementCount(here + 8, type.dims[0]), layouts.size(id)); break;
        case TypeKind::Box: fresh(here, type.elem, 1, 8); break;
        case TypeKind::Fixed:
            if (types.owns(type.elem)) work.push_back({type.elem, here, fixedCount(type)});
            break;
        case TypeKind::Optional:
            if (here[layouts.offset(id, 1)] && types.owns(type.elem)) work.push_back({type.elem, here, 1});
            break;
        case TypeKind::Enum: {
            auto tag = static_cast<size_t>(static_cast<uint8_t>(*here));
            if (tag < type.parts.size() && types.owns(type.parts[tag])) work.push_back({type.parts[tag], here + layouts.offset(id, 1), 1});
            break;
        }
        case TypeKind::Struct:
        case TypeKind::Tuple:
            for (size_t i = 0; i < type.parts.size(); ++i)
                if (types.owns(type.parts[i])) work.push_back({type.parts[i], here + layouts.offset(id, static_cast<int64_t>(i)), 1});
            break;
        default: break;
        }
    }
    if (!good) drop(root, into);
    return good;
}

bool ValueOps::copyView(const Type &view, void *into, const void *from) {
    int64_t rank = view.dims[0], size = layouts.size(view.elem);
    ViewParts parts = viewParts(from, rank, false);
    int64_t count = parts.extents[0] * parts.extents[1] * parts.extents[2];
    char *made = static_cast<char *>(runtime.alloc(ctx, count * size, 0));
    std::memset(into, 0, static_cast<size_t>(8 + 8 * rank));
    if (!made) return false;
    // Normal form: rank 3 with leading extents of 1.
    int64_t e[3] = {1, 1, 1}, s[3] = {0, 0, 1};
    for (int64_t i = 0; i < rank; ++i) {
        e[3 - rank + i] = parts.extents[i];
        s[3 - rank + i] = parts.strides[i];
    }
    bool owns = types.owns(view.elem), good = true;
    char *out = made;
    for (int64_t i = 0; i < e[0]; ++i)
        for (int64_t j = 0; j < e[1]; ++j) {
            const char *row = parts.data + (i * s[0] + j * s[1]) * size;
            if (!owns) {
                std::memcpy(out, row, static_cast<size_t>(e[2] * size));
                out += e[2] * size;
                continue;
            }
            for (int64_t k = 0; k < e[2]; ++k, out += size) {
                if (good) good = copy(view.elem, out, row + k * size);
                if (!good) std::memset(out, 0, static_cast<size_t>(size));
            }
        }
    std::memcpy(into, &made, 8);
    std::memcpy(at(into, 8), parts.extents, static_cast<size_t>(8 * rank));
    if (good) return true;
    for (int64_t k = 0; k < count; ++k) drop(view.elem, made + k * size);
    runtime.free(made, count * size);
    std::memset(into, 0, static_cast<size_t>(8 + 8 * rank));
    return false;
}

namespace {

template <class T> T identityOf(FoldOp op) {
    using Limits = std::numeric_limits<T>;
    switch (op) {
    case FoldOp::Mul: return T(1);
    case FoldOp::Min:
        if constexpr (std::is_same_v<T, bool>) return true;
        else return Limits::has_infinity ? Limits::infinity() : Limits::max();
    case FoldOp::Max:
        if constexpr (std::is_same_v<T, bool>) return false;
        else return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    case FoldOp::And:
        if constexpr (std::is_floating_point_v<T>) return T(0);
        else if constexpr (std::is_same_v<T, bool>) return true;
        else return static_cast<T>(~T(0));
    default:
        if constexpr (std::is_floating_point_v<T>) return T(-0.0);
        else return T(0);
    }
}

template <class T> T applied(FoldOp op, T a, T b) {
    using namespace scalar;
    if constexpr (kFloat<T> || kInt<T>) {
        if (op == FoldOp::Add || op == FoldOp::Fma) return Add::run(a, b);
        if (op == FoldOp::Sub) return Sub::run(a, b);
        if (op == FoldOp::Mul) return Mul::run(a, b);
    }
    if constexpr (!kFloat<T>) {
        if (op == FoldOp::And) return And::run(a, b);
        if (op == FoldOp::Or) return Or::run(a, b);
        if (op == FoldOp::Xor) return Xor::run(a, b);
    }
    if (op == FoldOp::Min) return Min::run(a, b);
    if (op == FoldOp::Max) return Max::run(a, b);
    PAR_UNREACHABLE("operator {} on this type", text(op));
}

/// Calls f(part type, offset) for each direct part of a plain aggregate; false for scalars.
template <class F> bool eachPart(const Types &types, Layouts &layouts, TypeId id, F &&f) {
    const Type &type = types[id];
    if (type.kind == TypeKind::Fixed) {
        int64_t count = fixedCount(type), size = layouts.size(type.elem);
        for (int64_t i = 0; i < count; ++i) f(type.elem, i * size);
        return true;
    }
    if (type.kind == TypeKind::Tuple || type.kind == TypeKind::Struct) {
        for (size_t i = 0; i < type.parts.size(); ++i) f(type.parts[i], layouts.offset(id, static_cast<int64_t>(i)));
        return true;
    }
    return false;
}

} // namespace

void ValueOps::identity(TypeId type, FoldOp op, void *place) {
    if (eachPart(types, layouts, type, [&](TypeId part, int64_t offset) { identity(part, op, at(place, offset)); })) return;
    if (!isScalar(types.kind(type))) return void(std::memset(place, 0, static_cast<size_t>(layouts.size(type))));
    scalar::withType(types.kind(type), [&](auto tag) {
        using T = typename decltype(tag)::Type;
        T value = identityOf<T>(op);
        std::memcpy(place, &value, sizeof value);
    });
}

void ValueOps::combine(TypeId type, FoldOp op, void *left, const void *right, bool whole) {
    if (whole && (op == FoldOp::Min || op == FoldOp::Max)) {
        bool takes = op == FoldOp::Min ? less(type, right, left) : less(type, left, right);
        if (takes) std::memcpy(left, right, static_cast<size_t>(layouts.size(type)));
        return;
    }
    if (eachPart(types, layouts, type, [&](TypeId part, int64_t offset) { combine(part, op, at(left, offset), at(right, offset)); })) return;
    scalar::withType(types.kind(type), [&](auto tag) {
        using T = typename decltype(tag)::Type;
        T value = applied<T>(op, peek<T>(left), peek<T>(right));
        std::memcpy(left, &value, sizeof value);
    });
}

void ValueOps::finishSum(TypeId type, FoldOp op, void *place) {
    if (op != FoldOp::Add && op != FoldOp::Fma) return;
    if (eachPart(types, layouts, type, [&](TypeId part, int64_t offset) { finishSum(part, op, at(place, offset)); })) return;
    if (types.kind(type) == TypeKind::F32) {
        float value = peek<float>(place) + 0.0f;
        std::memcpy(place, &value, sizeof value);
    } else if (types.kind(type) == TypeKind::F64) {
        double value = peek<double>(place) + 0.0;
        std::memcpy(place, &value, sizeof value);
    }
}

bool ValueOps::less(TypeId type, const void *a, const void *b) {
    // Lexicographic: the first part in which one is smaller decides.
    bool decided = false, result = false;
    bool parts = eachPart(types, layouts, type, [&](TypeId part, int64_t offset) {
        if (decided) return;
        if (less(part, at(a, offset), at(b, offset))) decided = result = true;
        else if (less(part, at(b, offset), at(a, offset))) decided = true;
    });
    if (parts) return result;
    return scalar::withType(types.kind(type), [&](auto tag) {
        using T = typename decltype(tag)::Type;
        return peek<T>(a) < peek<T>(b);
    });
}

bool ValueOps::exact(TypeId type) const {
    const Type &t = types[type];
    if (t.kind == TypeKind::Fixed) return exact(t.elem);
    for (TypeId part : t.parts)
        if (!exact(part)) return false;
    return t.parts.empty() ? (isInteger(t.kind) || t.kind == TypeKind::Bool) : true;
}

int64_t ValueOps::widest(TypeId type) const {
    const Type &t = types[type];
    if (t.kind == TypeKind::Fixed) return widest(t.elem);
    if (t.parts.empty()) return isScalar(t.kind) ? scalarBytes(t.kind) : 8;
    int64_t size = 1;
    for (TypeId part : t.parts) size = std::max(size, widest(part));
    return size;
}

} // namespace parlane::pir
