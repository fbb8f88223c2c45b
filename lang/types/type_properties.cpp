// What may be done with the values of a type: copy, drop, compare, order, hash.
#include "lang/base/match.h"
#include "lang/types/type_store.h"

#include <algorithm>

namespace parlane::types {

namespace {
enum Property : int { Copies, PlainBits, Equatable, OrderedProperty, Hashable };
}

/// Whether `property` holds of the type and of everything inside it. A type that is met again while it is open adds
/// nothing.
bool TypeStore::satisfiesAll(TypeId id, int property, std::vector<TypeId> &open) {
    // Type arguments that grow on the way never repeat: what is still open at this depth adds nothing either.
    if (open.size() > 200 || std::ranges::find(open, id) != open.end()) return true;
    open.push_back(id);
    auto all = [&](const std::vector<TypeId> &ids) {
        return std::ranges::all_of(ids, [&](TypeId one) { return satisfiesAll(one, property, open); });
    };
    auto elements = [&](TypeId elem) {
        return (property == Equatable) && satisfiesAll(elem, property, open);
    };
    const Type type = types[id];
    const bool result = match(
        type, [&](const ScalarType &t) { return property != Hashable || t.scalar < Scalar::F32; },
        [&](const StrType &) { return property != PlainBits; },
        [&](const UnitType &) { return property != OrderedProperty && property != Hashable; },
        [&](const FileType &) { return false; }, [&](const ArrayType &t) { return elements(t.elem); },
        [&](const ViewType &t) { return elements(t.elem); },
        [&](const FixedType &t) { return property != OrderedProperty && satisfiesAll(t.elem, property, open); },
        [&](const TupleType &t) { return all(t.elems); },
        [&](const StructType &t) {
            for (uint32_t i = 0; i < structs[t.decl].fields.size(); ++i)
                if (!satisfiesAll(fieldType(id, i), property, open)) return false;
            return true;
        },
        [&](const EnumType &t) {
            if (property == OrderedProperty) return false;
            for (uint32_t c = 0; c < enums[t.decl].cases.size(); ++c)
                for (uint32_t i = 0; i < enums[t.decl].cases[c].payload.size(); ++i)
                    if (!satisfiesAll(payloadType(id, c, i), property, open)) return false;
            return true;
        },
        [&](const OptionalType &t) { return property != OrderedProperty && satisfiesAll(t.value, property, open); },
        [&](const BoxType &t) { return elements(t.value); }, [&](const FnType &) { return false; },
        [&](const ParamType &t) {
            const ParamInfo &param = params[t.param];
            switch (property) {
            case Copies: return promises(param, Constraint::Copy);
            case PlainBits: return param.integer || promises(param, Constraint::Number);
            case Equatable: return true;
            case OrderedProperty: return promises(param, Constraint::Ordered);
            default: return promises(param, Constraint::Hash);
            }
        },
        [&](const auto &) { return true; });
    open.pop_back();
    return result;
}

bool TypeStore::isCopy(TypeId id) {
    std::vector<TypeId> open;
    return satisfiesAll(id, Copies, open);
}

bool TypeStore::owns(TypeId id) {
    std::vector<TypeId> open;
    return !satisfiesAll(id, PlainBits, open);
}

bool TypeStore::isEquatable(TypeId id) {
    std::vector<TypeId> open;
    return satisfiesAll(id, Equatable, open);
}

bool TypeStore::isOrdered(TypeId id) {
    std::vector<TypeId> open;
    return satisfiesAll(id, OrderedProperty, open);
}

bool TypeStore::isHashable(TypeId id) {
    std::vector<TypeId> open;
    return satisfiesAll(id, Hashable, open);
}

bool TypeStore::implies(Constraint given, Constraint wanted) {
    if (wanted == given || wanted == Constraint::None) return true;
    switch (wanted) {
    case Constraint::Copy: return given != Constraint::None;
    case Constraint::Hash: return given == Constraint::Integer;
    case Constraint::Ordered: return given >= Constraint::Number;
    case Constraint::Number: return given > Constraint::Number;
    default: return false;
    }
}

bool TypeStore::promises(const ParamInfo &param, Constraint wanted) const {
    return implies(param.constraint, wanted) ||
           std::ranges::any_of(param.more, [&](Constraint one) { return implies(one, wanted); });
}

Constraint TypeStore::missing(TypeId id, const ParamInfo &param) {
    if (!satisfies(id, param.constraint)) return param.constraint;
    for (Constraint one : std::vector<Constraint>(param.more))
        if (!satisfies(id, one)) return one;
    return Constraint::None;
}

bool TypeStore::satisfies(TypeId id, Constraint constraint) {
    if (is<ErrorType>(id) || is<NeverType>(id)) return true;
    if (auto *p = as<ParamType>(id); p && promises(params[p->param], constraint)) return true;
    switch (constraint) {
    case Constraint::None: return true;
    case Constraint::Copy: return isCopy(id);
    case Constraint::Hash: return isHashable(id);
    case Constraint::Ordered: return isOrdered(id);
    case Constraint::Number: return isNumber(id);
    case Constraint::Integer: return isInteger(id);
    case Constraint::Float: return isFloat(id);
    }
    return false;
}

const char *text(Scalar kind) {
    static constexpr const char *kNames[] = {"bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32",
        "f64"};
    return kNames[static_cast<size_t>(kind)];
}

const char *text(Constraint constraint) {
    static constexpr const char *kNames[] = {"", "Copy", "Hash", "Ordered", "Number", "Integer", "Float"};
    return kNames[static_cast<size_t>(constraint)];
}

} // namespace parlane::types
