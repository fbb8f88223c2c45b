#include "lang/types/type_store.h"

#include "lang/base/match.h"

namespace parlane::types {

namespace {

size_t mix(size_t seed, size_t value) { return (seed ^ value) * 0x9E3779B97F4A7C15ull + (seed >> 29); }

size_t hashAll(size_t seed, const std::vector<TypeId> &ids) {
    for (TypeId id : ids) seed = mix(seed, id.raw);
    return seed;
}

size_t hashOf(const Type &type) {
    size_t seed = mix(17, type.index());
    return match(
        type, [&](const ErrorType &) { return seed; }, [&](const UnitType &) { return seed; },
            [&](const NeverType &) { return seed; },
        [&](const StrType &) { return seed; }, [&](const FileType &) { return seed; },
        [&](const ScalarType &t) { return mix(seed, static_cast<size_t>(t.scalar)); },
        [&](const ArrayType &t) { return mix(mix(seed, t.elem.raw), t.rank); },
        [&](const ViewType &t) { return mix(mix(seed, t.elem.raw), t.rank); },
        [&](const FixedType &t) { return hashAll(mix(seed, t.elem.raw), t.dims); },
        [&](const TupleType &t) { return hashAll(seed, t.elems); },
        [&](const StructType &t) { return hashAll(mix(seed, t.decl.raw), t.args); },
        [&](const EnumType &t) { return hashAll(mix(seed, t.decl.raw), t.args); },
        [&](const OptionalType &t) { return mix(seed, t.value.raw); }, [&](const BoxType &t) { return mix(seed,
            t.value.raw); },
        [&](const FnType &t) {
            for (const FnParam &p : t.params) seed = mix(mix(seed, p.type.raw), static_cast<size_t>(p.mode));
            return mix(mix(seed, t.result.raw), t.throws);
        },
        [&](const ParamType &t) { return mix(seed, t.param.raw); },
        [&](const SizeType &t) { return mix(seed, static_cast<size_t>(t.value)); },
        [&](const SizeSumType &t) {
            for (const SizeSumType::Term &term : t.terms)
                seed = mix(hashAll(seed, term.factors), static_cast<size_t>(term.count));
            return seed;
        });
}

} // namespace

TypeStore::TypeStore() {
    error = intern(ErrorType{});
    unit = intern(UnitType{});
    never = intern(NeverType{});
    str = intern(StrType{});
    file = intern(FileType{});
    for (int kind = 0; kind <= static_cast<int>(Scalar::F64);
        ++kind) scalars.push_back(intern(ScalarType{static_cast<Scalar>(kind)}));
    boolean = scalar(Scalar::Bool);
    i8 = scalar(Scalar::I8), i16 = scalar(Scalar::I16), i32 = scalar(Scalar::I32), i64 = scalar(Scalar::I64);
    u8 = scalar(Scalar::U8), u16 = scalar(Scalar::U16), u32 = scalar(Scalar::U32), u64 = scalar(Scalar::U64);
    f32 = scalar(Scalar::F32), f64 = scalar(Scalar::F64);
}

TypeId TypeStore::intern(Type type) {
    const size_t hash = hashOf(type);
    auto [first, last] = by_hash.equal_range(hash);
    for (; first != last; ++first)
        if (types[first->second] == type) return first->second;
    TypeId id = types.add(std::move(type));
    by_hash.emplace(hash, id);
    return id;
}

TypeId TypeStore::array(TypeId elem, int rank) { return intern(ArrayType{elem, static_cast<uint8_t>(rank)}); }
TypeId TypeStore::view(TypeId elem, int rank) { return intern(ViewType{elem, static_cast<uint8_t>(rank)}); }
TypeId TypeStore::fixed(TypeId elem, std::vector<TypeId> dims) { return intern(FixedType{elem, std::move(dims)}); }
TypeId TypeStore::tuple(std::vector<TypeId> elems) { return intern(TupleType{std::move(elems)}); }
TypeId TypeStore::structure(StructId decl, std::vector<TypeId> args) { return intern(StructType{decl,
    std::move(args)}); }
TypeId TypeStore::enumeration(EnumId decl, std::vector<TypeId> args) { return intern(EnumType{decl, std::move(args)}); }
TypeId TypeStore::optional(TypeId value) { return intern(OptionalType{value}); }
TypeId TypeStore::box(TypeId value) { return intern(BoxType{value}); }
TypeId TypeStore::function(FnType type) { return intern(std::move(type)); }
TypeId TypeStore::param(ParamId param) { return intern(ParamType{param, params[param].index}); }
TypeId TypeStore::size(int64_t value) { return intern(SizeType{value}); }

std::optional<Scalar> TypeStore::scalarOf(TypeId id) const {
    if (auto *s = as<ScalarType>(id)) return s->scalar;
    return std::nullopt;
}

bool TypeStore::isInteger(TypeId id) const {
    auto s = scalarOf(id);
    return s && *s >= Scalar::I8 && *s <= Scalar::U64;
}

bool TypeStore::isSigned(TypeId id) const {
    auto s = scalarOf(id);
    return s && *s >= Scalar::I8 && *s <= Scalar::I64;
}

bool TypeStore::isFloat(TypeId id) const { return id == f32 || id == f64; }
bool TypeStore::isNumber(TypeId id) const { return isInteger(id) || isFloat(id); }

int TypeStore::bits(Scalar kind) {
    switch (kind) {
    case Scalar::Bool:
    case Scalar::I8:
    case Scalar::U8: return 8;
    case Scalar::I16:
    case Scalar::U16: return 16;
    case Scalar::I32:
    case Scalar::U32:
    case Scalar::F32: return 32;
    default: return 64;
    }
}

int TypeStore::rankOf(TypeId id) const {
    if (auto *a = as<ArrayType>(id)) return a->rank;
    if (auto *v = as<ViewType>(id)) return v->rank;
    if (auto *f = as<FixedType>(id)) return static_cast<int>(f->dims.size());
    return 0;
}

TypeId TypeStore::elemOf(TypeId id) const {
    if (auto *a = as<ArrayType>(id)) return a->elem;
    if (auto *v = as<ViewType>(id)) return v->elem;
    if (auto *f = as<FixedType>(id)) return f->elem;
    return {};
}

TypeId TypeStore::substitute(TypeId id, std::span<const TypeId> args) {
    if (args.empty() || !isGeneric(id)) return id;
    auto each = [&](std::vector<TypeId> ids) {
        for (TypeId &one : ids) one = substitute(one, args);
        return ids;
    };
    const Type type = types[id];
    return match(
        type, [&](const ArrayType &t) { return array(substitute(t.elem, args), t.rank); },
        [&](const ViewType &t) { return view(substitute(t.elem, args), t.rank); },
        [&](const FixedType &t) { return fixed(substitute(t.elem, args), each(t.dims)); },
        [&](const TupleType &t) { return tuple(each(t.elems)); },
        [&](const StructType &t) { return structure(t.decl, each(t.args)); },
        [&](const EnumType &t) { return enumeration(t.decl, each(t.args)); },
        [&](const OptionalType &t) { return optional(substitute(t.value, args)); },
        [&](const BoxType &t) { return box(substitute(t.value, args)); },
        [&](FnType t) {
            for (FnParam &p : t.params) p.type = substitute(p.type, args);
            t.result = substitute(t.result, args);
            return function(std::move(t));
        },
        [&](const ParamType &t) { return t.index < args.size() && args[t.index].valid() ? args[t.index] : id; },
        [&](const SizeSumType &t) {
            TypeId sum = size(0);
            for (const SizeSumType::Term &term : t.terms) {
                TypeId product = size(term.count);
                for (TypeId factor : each(term.factors)) product = isSize(factor) ? sizeProduct(product, factor) : error;
                sum = isSize(product) ? sizeSum(sum, product) : error;
                if (sum == error) return error;
            }
            return sum;
        },
        [&](const auto &) { return id; });
}

TypeId TypeStore::fieldType(TypeId aggregate, uint32_t index) {
    if (auto *t = as<TupleType>(aggregate)) return t->elems[index];
    auto *s = as<StructType>(aggregate);
    PAR_CHECK(s && index < structs[s->decl].fields.size(), "field {} of type {}", index, aggregate.raw);
    return substitute(structs[s->decl].fields[index].type, std::vector<TypeId>(s->args));
}

TypeId TypeStore::payloadType(TypeId enumeration, uint32_t case_index, uint32_t index) {
    auto *e = as<EnumType>(enumeration);
    PAR_CHECK(e, "payload of type {}", enumeration.raw);
    return substitute(enums[e->decl].cases[case_index].payload[index], std::vector<TypeId>(e->args));
}

bool TypeStore::isGeneric(TypeId id) const {
    auto any = [&](const std::vector<TypeId> &ids) {
        for (TypeId one : ids)
            if (isGeneric(one)) return true;
        return false;
    };
    return match(
        types[id], [&](const ArrayType &t) { return isGeneric(t.elem); },
            [&](const ViewType &t) { return isGeneric(t.elem); },
        [&](const FixedType &t) { return isGeneric(t.elem) || any(t.dims); },
            [&](const TupleType &t) { return any(t.elems); },
        [&](const StructType &t) { return any(t.args); }, [&](const EnumType &t) { return any(t.args); },
        [&](const OptionalType &t) { return isGeneric(t.value); }, [&](const BoxType &t) { return isGeneric(t.value); },
        [&](const FnType &t) {
            for (const FnParam &p : t.params)
                if (isGeneric(p.type)) return true;
            return isGeneric(t.result);
        },
        [&](const ParamType &) { return true; }, [&](const SizeSumType &) { return true; },
        [&](const auto &) { return false; });
}

} // namespace parlane::types
