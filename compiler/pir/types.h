// Types of Pir: monomorphic, interned by structure; structs and enums by name.
#pragma once
#include "lang/base/store.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parlane::pir {

using TypeId = Id<struct TypeTag>;

enum class TypeKind : uint8_t {
    Unit, Bool, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64,
    Str,      ///< 16 bytes, owns
    File,     ///< one handle, 8 bytes, owns
    Array,    ///< elem, rank: owner of rank 1..3
    View,     ///< elem, rank: never stored in arrays or structs
    Fixed,    ///< elem, dims: inline
    Tuple,    ///< parts
    Struct,   ///< named; parts are the fields in order of declaration
    Enum,     ///< named; parts are the payloads (unit: none), tag 0 is the first
    Optional, ///< elem; case 0 none, case 1 some
    Box,      ///< elem: owner of at most one, a pointer; may be recursive
    Closure,  ///< parts: parameters; elem: result. Never stored
    Ref,      ///< elem: address of a place
    Vec,      ///< elem (a scalar), lanes
    Mask,     ///< lanes
};

struct Type {
    TypeKind kind = TypeKind::Unit;
    TypeId elem;                    ///< see TypeKind
    std::vector<int64_t> dims;      ///< Array, View: {rank}; Fixed: extents; Vec, Mask: {lanes}
    std::vector<TypeId> parts;      ///< Tuple, Struct, Enum, Closure
    std::string name;               ///< Struct, Enum: unique in the module, e.g. "List<i64>"
    std::vector<std::string> names; ///< Struct: fields; Enum: cases
    bool container = false;         ///< Struct: a growing container (counts as one scalar where folds choose their block)
    friend bool operator==(const Type &, const Type &) = default;
    friend auto operator<=>(const Type &, const Type &) = default;
};

/// Owns the types of a module. Equal structure, equal id.
class Types {
public:
    Types();
    const Type &operator[](TypeId id) const { return store[id]; }
    TypeKind kind(TypeId id) const { return store[id].kind; }
    uint32_t size() const { return store.size(); }

    TypeId unit() const { return scalar(TypeKind::Unit); }
    TypeId boolean() const { return scalar(TypeKind::Bool); }
    TypeId i64() const { return scalar(TypeKind::I64); }
    TypeId u8() const { return scalar(TypeKind::U8); }
    TypeId str() const { return scalar(TypeKind::Str); }
    TypeId file() const { return scalar(TypeKind::File); }
    /// Unit, Bool, the numbers, Str and File.
    TypeId scalar(TypeKind kind) const { return TypeId(static_cast<uint32_t>(kind)); }

    TypeId array(TypeId elem, int64_t rank);
    TypeId view(TypeId elem, int64_t rank);
    TypeId fixed(TypeId elem, std::vector<int64_t> dims);
    TypeId tuple(std::vector<TypeId> parts);
    TypeId optional(TypeId elem);
    TypeId box(TypeId elem);
    TypeId closure(std::vector<TypeId> parameters, TypeId result);
    TypeId ref(TypeId elem);
    TypeId vec(TypeId elem, int64_t lanes);
    TypeId mask(int64_t lanes);

    /// The struct or enum of this name, without parts if it is new; `define` fills it in (so recursion is possible).
    TypeId declare(TypeKind kind, std::string_view name);
    void define(TypeId id, std::vector<std::string> names, std::vector<TypeId> parts, bool container = false);
    /// The struct or enum of that name; none if there is none.
    TypeId named(std::string_view name) const;

    /// Does a value of this type own memory or a handle (array, box, file, str, or has such a part)?
    bool owns(TypeId id) const;
    /// Number of scalars in a value as folds count them (an array or container counts as one; lower bound of 1).
    int64_t scalars(TypeId id) const;
    /// As written in Pir text.
    std::string text(TypeId id) const;

private:
    TypeId intern(Type type);
    Store<TypeId, Type> store;
    std::map<Type, TypeId> ids;
    std::map<std::string, TypeId, std::less<>> by_name;
};

inline bool isSigned(TypeKind k) { return k >= TypeKind::I8 && k <= TypeKind::I64; }
inline bool isUnsigned(TypeKind k) { return k >= TypeKind::U8 && k <= TypeKind::U64; }
inline bool isInteger(TypeKind k) { return k >= TypeKind::I8 && k <= TypeKind::U64; }
inline bool isFloat(TypeKind k) { return k == TypeKind::F32 || k == TypeKind::F64; }
/// Bool and numbers.
inline bool isScalar(TypeKind k) { return k >= TypeKind::Bool && k <= TypeKind::F64; }
/// Bytes of a scalar.
int64_t scalarBytes(TypeKind kind);
/// "i64" and so on; kinds with parts by their bare word.
std::string_view kindText(TypeKind kind);

} // namespace parlane::pir
