#include "compiler/pir/types.h"

#include <array>
#include <cctype>
#include <fmt/format.h>

namespace parlane::pir {

namespace {
constexpr std::array<std::string_view, 26> kTexts = {
    "unit", "bool", "i8",  "i16",    "i32",  "i64",      "u8",  "u16",     "u32", "u64", "f32", "f64", "str",
    "file", "array", "view", "fixed", "tuple", "struct", "enum", "optional", "box", "closure", "ref", "vec", "mask"};
}

std::string_view kindText(TypeKind kind) { return kTexts[static_cast<size_t>(kind)]; }

int64_t scalarBytes(TypeKind kind) {
    switch (kind) {
    case TypeKind::Bool:
    case TypeKind::I8:
    case TypeKind::U8: return 1;
    case TypeKind::I16:
    case TypeKind::U16: return 2;
    case TypeKind::I32:
    case TypeKind::U32:
    case TypeKind::F32: return 4;
    case TypeKind::I64:
    case TypeKind::U64:
    case TypeKind::F64: return 8;
    default: PAR_UNREACHABLE("not a scalar: {}", kindText(kind));
    }
}

Types::Types() {
    for (auto k = TypeKind::Unit; k <= TypeKind::File; k = static_cast<TypeKind>(static_cast<int>(k) + 1)) {
        Type type;
        type.kind = k;
        intern(std::move(type));
    }
}

TypeId Types::intern(Type type) {
    if (auto found = ids.find(type); found != ids.end()) return found->second;
    TypeId id = store.add(type);
    ids.emplace(std::move(type), id);
    return id;
}

namespace {
Type make(TypeKind kind, TypeId elem, std::vector<int64_t> dims = {}, std::vector<TypeId> parts = {}) {
    Type type;
    type.kind = kind;
    type.elem = elem;
    type.dims = std::move(dims);
    type.parts = std::move(parts);
    return type;
}
} // namespace

TypeId Types::array(TypeId elem, int64_t rank) { return intern(make(TypeKind::Array, elem, {rank})); }
TypeId Types::view(TypeId elem, int64_t rank) { return intern(make(TypeKind::View, elem, {rank})); }
TypeId Types::fixed(TypeId elem, std::vector<int64_t> dims) { return intern(make(TypeKind::Fixed, elem, std::move(dims))); }
TypeId Types::tuple(std::vector<TypeId> parts) { return intern(make(TypeKind::Tuple, {}, {}, std::move(parts))); }
TypeId Types::optional(TypeId elem) { return intern(make(TypeKind::Optional, elem)); }
TypeId Types::box(TypeId elem) { return intern(make(TypeKind::Box, elem)); }
TypeId Types::closure(std::vector<TypeId> parameters, TypeId result) {
    return intern(make(TypeKind::Closure, result, {}, std::move(parameters)));
}
TypeId Types::ref(TypeId elem) { return intern(make(TypeKind::Ref, elem)); }
TypeId Types::vec(TypeId elem, int64_t lanes) { return intern(make(TypeKind::Vec, elem, {lanes})); }
TypeId Types::mask(int64_t lanes) { return intern(make(TypeKind::Mask, {}, {lanes})); }

TypeId Types::declare(TypeKind kind, std::string_view name) {
    if (auto found = by_name.find(name); found != by_name.end()) {
        PAR_CHECK(store[found->second].kind == kind, "{} is both struct and enum", name);
        return found->second;
    }
    Type type;
    type.kind = kind;
    type.name = name;
    TypeId id = store.add(std::move(type));
    by_name.emplace(name, id);
    return id;
}

void Types::define(TypeId id, std::vector<std::string> names, std::vector<TypeId> parts, bool container) {
    Type &type = store[id];
    PAR_CHECK(names.size() == parts.size(), "{}", type.name);
    type.names = std::move(names);
    type.parts = std::move(parts);
    type.container = container;
}

TypeId Types::named(std::string_view name) const {
    auto found = by_name.find(name);
    return found == by_name.end() ? TypeId{} : found->second;
}

bool Types::owns(TypeId id) const {
    const Type &type = store[id];
    switch (type.kind) {
    case TypeKind::Str:
    case TypeKind::File:
    case TypeKind::Array:
    case TypeKind::Box: return true;
    case TypeKind::Fixed:
    case TypeKind::Optional: return owns(type.elem);
    case TypeKind::Tuple:
    case TypeKind::Struct:
    case TypeKind::Enum: // recursion goes through arrays and boxes only, which answer above
        for (TypeId part : type.parts)
            if (owns(part)) return true;
        return false;
    default: return false;
    }
}

int64_t Types::scalars(TypeId id) const {
    const Type &type = store[id];
    int64_t sum = 0;
    switch (type.kind) {
    case TypeKind::Fixed:
        sum = scalars(type.elem);
        for (int64_t n : type.dims) sum *= n;
        break;
    case TypeKind::Optional: sum = scalars(type.elem); break;
    case TypeKind::Struct:
        if (type.container) return 1;
        [[fallthrough]];
    case TypeKind::Tuple:
    case TypeKind::Enum:
        for (TypeId part : type.parts)
            if (kind(part) != TypeKind::Unit) sum += scalars(part);
        break;
    default: return 1;
    }
    return sum > 0 ? sum : 1;
}

std::string Types::text(TypeId id) const {
    if (!id.valid()) return "none";
    const Type &type = store[id];
    std::string out(kindText(type.kind));
    auto list = [&](const std::vector<TypeId> &parts) {
        std::string inside;
        for (TypeId part : parts) inside += (inside.empty() ? "" : ",") + text(part);
        return inside;
    };
    switch (type.kind) {
    case TypeKind::Struct:
    case TypeKind::Enum: {
        bool plain = !type.name.empty();
        for (char c : type.name) plain = plain && (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.');
        return plain ? "$" + type.name : fmt::format("$\"{}\"", type.name);
    }
    case TypeKind::Array:
    case TypeKind::View:
    case TypeKind::Fixed:
    case TypeKind::Vec:
        out += "<" + text(type.elem);
        for (int64_t n : type.dims) out += fmt::format(",{}", n);
        return out + ">";
    case TypeKind::Mask: return out + fmt::format("<{}>", type.dims[0]);
    case TypeKind::Tuple: return out + "<" + list(type.parts) + ">";
    case TypeKind::Optional:
    case TypeKind::Box:
    case TypeKind::Ref: return out + "<" + text(type.elem) + ">";
    case TypeKind::Closure: return out + "<(" + list(type.parts) + ")->" + text(type.elem) + ">";
    default: return out;
    }
}

} // namespace parlane::pir
