// What all functions of one lowering share: types, instances, generated functions, the list of work.
#pragma once
#include "compiler/lower/lower.h"
#include "compiler/pir/builder.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>

namespace parlane::lower {

using HType = types::TypeId; ///< of Hir
using PType = pir::TypeId;   ///< of Pir
using pir::ValueId;

using BindingId = Id<struct ClosureBindingTag>;

/// The body that an instance is made from.
struct Owner {
    hir::FunctionId function;
    hir::ConstId constant; ///< if `function` is invalid
    friend auto operator<=>(const Owner &, const Owner &) = default;
};

/// What is known about an argument for a function parameter. Part of the key of instances.
struct ClosureBinding {
    enum class Kind : uint8_t {
        Function, ///< a function, without captures
        Literal,  ///< a closure of `owner`
        Pair,     ///< anything: code and environment, called through the pair
    };
    Kind kind = Kind::Pair;
    Owner owner;                     ///< Function: the function
    std::vector<HType> type_args;    ///< of `owner`
    hir::ClosureId closure;          ///< Literal
    std::vector<BindingId> captured; ///< Literal: of those captures that are closures, in order
    HType type;                      ///< the function type, concrete
    friend auto operator<=>(const ClosureBinding &, const ClosureBinding &) = default;
};

struct InstanceKey {
    Owner owner;
    std::vector<HType> type_args;    ///< concrete
    std::vector<BindingId> closures; ///< one for each parameter of function type
    friend auto operator<=>(const InstanceKey &, const InstanceKey &) = default;
};

/// A parameter of a Pir function.
struct PassedParam {
    PType type;
    pir::PassMode mode;
};

/// Functions that are made for a type when something needs them.
enum class Generated : uint8_t { Equal, Less, Hash, Text };
/// Growing and shrinking of arrays that a collect fills.
enum class Resize : uint8_t { Grow, Shrink };

/// Closures nested deeper are called through the pair, so that recursion cannot make instances without end.
constexpr int kClosureDepth = 4;

class Lowering {
public:
    Lowering(const hir::Program &program, const access::Proofs &proofs, const Interner &names, diag::Emitter &emitter)
        : program(program), proofs(proofs), names(names), emitter(emitter), types(program.types) {}

    const hir::Program &program;
    const access::Proofs &proofs;
    const Interner &names;
    diag::Emitter &emitter;
    types::TypeStore types; ///< the program's, grown by substituted types
    pir::Module module;

    /// Lowers what has been asked for, and what that asks for.
    void run();

    // --- types (pir_types.cpp) ---
    PType type(HType id);
    bool owns(HType id) { return module.types.owns(type(id)); }
    bool isUnit(HType id) const { return types.is<types::UnitType>(id) || types.is<types::NeverType>(id); }
    /// As a read parameter: a view, a ref if it owns, else the value.
    PType readType(HType id);
    PassedParam passed(HType id, types::Mode mode);
    HType substitute(HType id, std::span<const HType> args);
    PType errorType() { return type(errorHType()); }
    HType errorHType() { return types.structure(program.error_struct, {}); }
    /// `List<T>`; its `T` then, else invalid.
    HType listItem(HType id) const;
    /// Struct of the library whose private fields are no part of its value (Map, Set).
    bool hidesFields(HType id) const;

    // --- instances (instances.cpp) ---
    pir::FunctionId instance(const InstanceKey &key);
    pir::FunctionId constant(hir::ConstId id);
    /// The constant as memory of the module; none if it is no table of literals.
    pir::DataId constantData(hir::ConstId id);
    pir::FunctionId closureInstance(BindingId id);
    BindingId bind(ClosureBinding binding);
    const ClosureBinding &binding(BindingId id) const { return *binding_list[id.raw]; }
    int depth(BindingId id) const;
    /// What is passed for a function parameter bound so: its captures, or the pair.
    void addCaptures(BindingId id, std::vector<PassedParam> &out);
    PType pairType(HType fn_type);
    const hir::Body &body(Owner owner) const;
    const access::FunctionProofs &proofsOf(Owner owner) const;
    /// Type that a capture is passed as: by value if it is small, plain and only read.
    PassedParam captureParam(const hir::Local &local, bool writes, std::span<const HType> type_args);

    // --- functions made for a type (generated.cpp) ---
    pir::FunctionId generated(Generated kind, HType type);
    /// Grow: (items: ref<array>, count). Shrink: the same, gives the first `count` items as an array of their own.
    pir::FunctionId resizer(Resize kind, PType array);

    void unsupported(source::Span span, std::string what);
    std::string uniqueName(std::string name);

    hir::Body no_body; ///< of builtins

private:
    PType makeType(HType id);
    PType structType(HType id, const types::StructType &t);
    PType enumType(HType id, const types::EnumType &t);
    std::string typeName(HType id, NameId name, const std::string &module);

    std::deque<std::function<void()>> work;
    std::map<HType, PType> type_map;
    std::map<std::string, HType> type_names;
    std::map<std::string, int> name_counts;
    std::map<InstanceKey, pir::FunctionId> instances;
    std::map<hir::ConstId, pir::FunctionId> constants;
    std::map<hir::ConstId, pir::DataId> constant_data;
    std::map<BindingId, pir::FunctionId> closure_instances;
    std::map<ClosureBinding, BindingId> binding_ids;
    std::vector<const ClosureBinding *> binding_list; ///< keys of `binding_ids`
    std::map<std::pair<Generated, HType>, pir::FunctionId> made;
    std::map<std::pair<Resize, PType>, pir::FunctionId> resizers;
};

} // namespace parlane::lower
