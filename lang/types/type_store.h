// Every type of a session, interned: two types are the same if and only if their ids are equal.
#pragma once
#include "lang/base/id.h"
#include "lang/base/interner.h"
#include "lang/base/store.h"
#include "lang/source/source_map.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace parlane::types {

using TypeId = Id<struct TypeTag>;
using StructId = Id<struct StructTag>;
using EnumId = Id<struct EnumTag>;
/// One declared type or integer parameter of one function, struct or enum; unique in the session.
using ParamId = Id<struct TypeParamTag>;

enum class Scalar : uint8_t { Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64 };

/// How a parameter takes its argument.
enum class Mode : uint8_t { Read, Inout, Sink };

/// The built-in constraints. `Number`, `Integer`, `Float`, `Ordered` and `Hash` imply `Copy`; `Integer` and `Float`
/// imply `Number`; `Number` implies
/// `Ordered` (an order of scalars) and `Integer` implies `Hash`. See `implies`.
enum class Constraint : uint8_t { None, Copy, Hash, Ordered, Number, Integer, Float };

// ---- the kinds of types -----------------------------------------------------------------------------------------

struct ErrorType {
    bool operator==(const ErrorType &) const = default;
}; ///< of a broken expression; fits everything, never reported again, absent from error-free programs
struct UnitType {
    bool operator==(const UnitType &) const = default;
};  ///< no value: blocks without one, functions without `->`
struct NeverType {
    bool operator==(const NeverType &) const = default;
}; ///< of `return`, `break`, `continue`, `throw` and blocks that end so; fits everything
struct StrType {
    bool operator==(const StrType &) const = default;
};
struct FileType {
    bool operator==(const FileType &) const = default;
};
struct ScalarType {
    Scalar scalar;
    bool operator==(const ScalarType &) const = default;
};
/// `T[]`, `T[,]`, `T[,,]` as an *owner*: fields, results, elements, `let`/`var` of one, `sink` parameters.
struct ArrayType {
    TypeId elem;
    uint8_t rank; ///< 1 to 3
    bool operator==(const ArrayType &) const = default;
};
/// A *view* of elements that something else owns: a slice, a reshape, a read or `inout` parameter written `T[]`. Second
/// class: the
/// type of parameters, of locals that alias (`hir::Storage`) and of expressions, never of a field, element, result or
/// type argument.
/// Printed for the user like the array.
struct ViewType {
    TypeId elem;
    uint8_t rank;
    bool operator==(const ViewType &) const = default;
};
/// `T[4]`, `T[3,3]`: a plain value. Each dimension is a `SizeType`, the `ParamType` of an integer parameter, or a
/// `SizeSumType`.
struct FixedType {
    TypeId elem;
    std::vector<TypeId> dims; ///< 1 to 3
    bool operator==(const FixedType &) const = default;
};
struct TupleType {
    std::vector<TypeId> elems; ///< at least 2
    bool operator==(const TupleType &) const = default;
};
struct StructType {
    StructId decl;
    std::vector<TypeId> args; ///< one for each type parameter (for an integer parameter a size)
    bool operator==(const StructType &) const = default;
};
struct EnumType {
    EnumId decl;
    std::vector<TypeId> args;
    bool operator==(const EnumType &) const = default;
};
struct OptionalType {
    TypeId value;
    bool operator==(const OptionalType &) const = default;
};
struct BoxType {
    TypeId value;
    bool operator==(const BoxType &) const = default;
};
struct FnParam {
    TypeId type; ///< a `ViewType` if written as an array type and not `sink`
    Mode mode = Mode::Read;
    bool operator==(const FnParam &) const = default;
};
/// Type of a function parameter only (`f: fn(A) -> B`).
struct FnType {
    std::vector<FnParam> params;
    TypeId result; ///< unit if none
    bool throws = false;
    bool operator==(const FnType &) const = default;
};
/// A type parameter, or an integer parameter where a size is wanted.
struct ParamType {
    ParamId param;
    uint32_t index; ///< position among the type parameters of its declaration: what `substitute` replaces
    bool operator==(const ParamType &) const = default;
};
/// A constant size: a dimension of a fixed array or the argument for an integer parameter. Not the type of any
/// expression.
struct SizeType {
    int64_t value;
    bool operator==(const SizeType &) const = default;
};

/// A size that integer parameters decide: a polynomial in them, like `N + 1` or `2 * N * M`. Of the same uses as
/// `SizeType`. Terms are sorted and without zeros, so that equal sizes are one type; a constant or a bare parameter is
/// never written so.
struct SizeSumType {
    struct Term {
        std::vector<TypeId> factors; ///< parameters, sorted, with repetition; none: the constant
        int64_t count;
        bool operator==(const Term &) const = default;
    };
    std::vector<Term> terms;
    bool operator==(const SizeSumType &) const = default;
};

using Type = std::variant<ErrorType, UnitType, NeverType, StrType, FileType, ScalarType, ArrayType, ViewType,
    FixedType, TupleType,
                          StructType, EnumType, OptionalType, BoxType, FnType, ParamType, SizeType, SizeSumType>;

// ---- declarations that types name -------------------------------------------------------------------------------

struct ParamInfo {
    NameId name;
    source::Span span;
    Constraint constraint = Constraint::None;
    bool integer = false; ///< `N: int`
    uint32_t index = 0;
    std::vector<Constraint> more; ///< behind the first: `T: Ordered + Hash`
};

struct FieldInfo {
    NameId name;
    TypeId type; ///< in terms of the struct's own parameters; `fieldType` substitutes
    source::Span span;
    bool is_private = false;
    bool has_default = false;
};

struct StructInfo {
    NameId name;
    source::Span span;  ///< of the name
    std::string module; ///< dotted name of the module that declares it: `std.core.list`, `pick`
    std::vector<ParamId> params;
    std::vector<FieldInfo> fields; ///< in order of declaration, which is the order of the C layout
};

struct CaseInfo {
    NameId name;
    source::Span span;
    std::vector<TypeId> payload; ///< in terms of the enum's own parameters; `payloadType` substitutes
};

struct EnumInfo {
    NameId name;
    source::Span span;
    std::string module;
    std::vector<ParamId> params;
    std::vector<CaseInfo> cases; ///< the tag is the position; the first is the zero value
};

// ---- the store --------------------------------------------------------------------------------------------------

/// Owns all types of one session. Not thread-safe. Ids are handed out in order of first use, so they are deterministic.
class TypeStore {
public:
    TypeStore();

    // Ids of the types without parameters are constants of the store.
    TypeId error, unit, never, str, file;
    TypeId boolean, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64;

    TypeId scalar(Scalar kind) const { return scalars[static_cast<size_t>(kind)]; }
    TypeId array(TypeId elem, int rank);
    TypeId view(TypeId elem, int rank);
    TypeId fixed(TypeId elem, std::vector<TypeId> dims);
    TypeId tuple(std::vector<TypeId> elems);
    TypeId structure(StructId decl, std::vector<TypeId> args);
    TypeId enumeration(EnumId decl, std::vector<TypeId> args);
    TypeId optional(TypeId value);
    TypeId box(TypeId value);
    TypeId function(FnType type);
    TypeId param(ParamId param);
    TypeId size(int64_t value);
    /// Arithmetic on sizes (`isSize`), modulo 2^64.
    TypeId sizeSum(TypeId a, TypeId b, int64_t times_b = 1);
    TypeId sizeProduct(TypeId a, TypeId b);
    bool isSize(TypeId id) const;
    /// The value of the one parameter that `wanted(param)` is true of and that makes the size `pattern` equal to
    /// `actual`; nothing if there is none or it takes more than a division.
    template <class Open> std::optional<std::pair<TypeId, TypeId>> solveSize(TypeId pattern, TypeId actual, Open open);

    const Type &operator[](TypeId id) const { return types[id]; }
    /// The alternative `T` of a type, or null: `if (auto *a = store.as<ArrayType>(t))`.
    template <class T> const T *as(TypeId id) const { return std::get_if<T>(&types[id]); }
    template <class T> bool is(TypeId id) const { return std::holds_alternative<T>(types[id]); }
    uint32_t count() const { return types.size(); }
    uint32_t structCount() const { return structs.size(); }
    uint32_t enumCount() const { return enums.size(); }

    // Declarations. Check fills the members of a struct or enum after its name is declared.
    StructId addStruct(StructInfo info) { return structs.add(std::move(info)); }
    EnumId addEnum(EnumInfo info) { return enums.add(std::move(info)); }
    ParamId addParam(ParamInfo info) { return params.add(std::move(info)); }
    StructInfo &info(StructId id) { return structs[id]; }
    const StructInfo &info(StructId id) const { return structs[id]; }
    EnumInfo &info(EnumId id) { return enums[id]; }
    const EnumInfo &info(EnumId id) const { return enums[id]; }
    ParamInfo &info(ParamId id) { return params[id]; }
    const ParamInfo &info(ParamId id) const { return params[id]; }

    // Scalars.
    std::optional<Scalar> scalarOf(TypeId id) const;
    bool isInteger(TypeId id) const; ///< of concrete scalars only, as the next four
    bool isSigned(TypeId id) const;
    bool isFloat(TypeId id) const;
    bool isNumber(TypeId id) const;
    static int bits(Scalar kind); ///< 8 for bool

    /// Rank of an array, view or fixed array; 0 of everything else.
    int rankOf(TypeId id) const;
    /// Element type of an array, view or fixed array; an invalid id of everything else.
    TypeId elemOf(TypeId id) const;

    /// The type with each parameter replaced by `args[index]`. All parameters in it must be of one declaration.
    TypeId substitute(TypeId id, std::span<const TypeId> args);
    /// Type of field `index` of a struct or element `index` of a tuple.
    TypeId fieldType(TypeId aggregate, uint32_t index);
    TypeId payloadType(TypeId enumeration, uint32_t case_index, uint32_t index);
    /// Whether a type or integer parameter occurs in it.
    bool isGeneric(TypeId id) const;

    // Properties. Of a type parameter they follow from its constraint.
    /// Copies silently: no array of variable length, `Box` or `File` in it (strings are `Copy`).
    bool isCopy(TypeId id);
    /// Holds memory that must be dropped: `str`, arrays, `Box`, `File`, or contains one; a type parameter may.
    bool owns(TypeId id);
    /// `==` and `!=` work: no function in it.
    bool isEquatable(TypeId id);
    /// `<` works: scalars, strings, tuples and structs of such.
    bool isOrdered(TypeId id);
    bool isHashable(TypeId id);
    /// Whether the type may stand for a parameter with this constraint.
    bool satisfies(TypeId id, Constraint constraint);
    static bool implies(Constraint given, Constraint wanted);
    /// Whether one of the constraints of the parameter implies it.
    bool promises(const ParamInfo &param, Constraint wanted) const;
    /// The first constraint of the parameter that the type does not meet; none if it may stand for it.
    Constraint missing(TypeId id, const ParamInfo &param);

    /// As the user writes it: `f32[,]`, `List<(int, str)>`, `Shape?`.
    std::string text(TypeId id, const Interner &names) const;

private:
    TypeId intern(Type type);
    bool satisfiesAll(TypeId id, int property, std::vector<TypeId> &open);
    std::vector<SizeSumType::Term> termsOf(TypeId size) const;
    TypeId sizeOf(std::vector<SizeSumType::Term> terms);

    Store<TypeId, Type> types;
    Store<StructId, StructInfo> structs;
    Store<EnumId, EnumInfo> enums;
    Store<ParamId, ParamInfo> params;
    std::unordered_multimap<size_t, TypeId> by_hash;
    std::vector<TypeId> scalars;
};

template <class Open>
std::optional<std::pair<TypeId, TypeId>> TypeStore::solveSize(TypeId pattern, TypeId actual, Open open) {
    const auto *value = as<SizeType>(actual);
    const auto *sum = as<SizeSumType>(pattern);
    if (!value || !sum) return std::nullopt;
    TypeId unknown;
    int64_t rest = value->value, count = 0;
    for (const SizeSumType::Term &term : sum->terms) {
        if (term.factors.empty()) rest -= term.count;
        else if (term.factors.size() != 1 || unknown.valid() || !open(term.factors[0])) return std::nullopt;
        else unknown = term.factors[0], count = term.count;
    }
    if (!unknown.valid() || rest % count != 0) return std::nullopt;
    return std::pair{unknown, size(rest / count)};
}

/// `i32`, `bool`, …
const char *text(Scalar kind);
/// `Ordered`, …; empty for none
const char *text(Constraint constraint);

} // namespace parlane::types
