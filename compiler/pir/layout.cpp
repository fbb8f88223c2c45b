#include "compiler/pir/layout.h"

#include <algorithm>

namespace parlane::pir {

const Layout &Layouts::operator[](TypeId type) {
    if (known.size() <= type.raw) {
        known.resize(types.size(), false);
        layouts.resize(types.size());
    }
    if (!known[type.raw]) {
        Layout made = compute(type); // may grow the tables
        layouts[type.raw] = std::move(made);
        known[type.raw] = true;
    }
    return layouts[type.raw];
}

namespace {
int64_t roundUp(int64_t n, int64_t align) { return (n + align - 1) / align * align; }
} // namespace

Layout Layouts::compute(TypeId id) {
    const Type &type = types[id];
    Layout out;
    auto append = [&](TypeId part) {
        int64_t size = (*this)[part].size, align = (*this)[part].align;
        out.size = roundUp(out.size, align);
        out.offsets.push_back(out.size);
        out.size += size;
        out.align = std::max(out.align, align);
    };
    switch (type.kind) {
    case TypeKind::Unit: return out;
    case TypeKind::Str: return {16, 8, {}};
    case TypeKind::File:
    case TypeKind::Box:
    case TypeKind::Ref: return {8, 8, {}};
    case TypeKind::Closure: return {16, 8, {}};
    case TypeKind::Array: return {8 + 8 * type.dims[0], 8, {}};
    case TypeKind::View: return {8 + 8 * (2 * type.dims[0] - 1), 8, {}};
    case TypeKind::Fixed: {
        out.size = (*this)[type.elem].size;
        out.align = (*this)[type.elem].align;
        for (int64_t n : type.dims) out.size *= n;
        return out;
    }
    case TypeKind::Tuple:
    case TypeKind::Struct:
        for (TypeId part : type.parts) append(part);
        break;
    case TypeKind::Optional:
        append(type.elem);
        append(types.u8());
        break;
    case TypeKind::Enum: {
        append(types.u8());
        int64_t size = 0, align = 1;
        for (TypeId part : type.parts) {
            size = std::max(size, (*this)[part].size);
            align = std::max(align, (*this)[part].align);
        }
        out.offsets.push_back(roundUp(1, align));
        out.size = size ? roundUp(1, align) + size : 1;
        out.align = align;
        break;
    }
    case TypeKind::Vec: {
        int64_t size = (*this)[type.elem].size;
        return {size * type.dims[0], size, {}};
    }
    case TypeKind::Mask: return {type.dims[0], 1, {}};
    default: return {scalarBytes(type.kind), scalarBytes(type.kind), {}};
    }
    out.size = roundUp(out.size, out.align);
    return out;
}

} // namespace parlane::pir
