// What check knows about a whole program: modules, the names in them, and what of it has been checked.
#pragma once
#include "lang/ast/ast.h"
#include "lang/check/check.h"
#include "lang/check/const_value.h"

#include <deque>
#include <unordered_map>

namespace parlane::check {

using diag::Code;
using diag::Span;
using hir::ConstId;
using hir::FunctionId;
using hir::ModuleId;
using types::EnumId;
using types::ParamId;
using types::StructId;
using types::TypeId;

/// What one name stands for in one module. Functions of a name may coexist with each other and with a type.
struct NameEntry {
    std::vector<FunctionId> functions;
    StructId structure;
    EnumId enumeration;
    ConstId constant;
    bool hasType() const { return structure.valid() || enumeration.valid(); }
    bool empty() const { return functions.empty() && !hasType() && !constant.valid(); }
};

struct ModuleData {
    ModuleId id;
    std::string name;
    ast::Ast ast;
    bool library = false; ///< below `std.`: may declare builtins, bodies are checked when reached
    bool prelude = false;
    std::unordered_map<NameId, NameEntry> names;
    std::unordered_map<NameId, ModuleId> module_names; ///< `b` of `import a.b`
    std::unordered_map<NameId, Span> script_variables; ///< for the message to functions that look for them
    std::vector<ast::StmtId> script;
};

enum class State : uint8_t { Declared, Running, Done };

/// The side table of `hir::Program::functions`.
struct FunctionData {
    ModuleId module;
    const ast::FunctionItem *item = nullptr; ///< null for scripts and tests
    ast::BlockId block;                      ///< of a test
    State state = State::Declared;
    std::string key; ///< parameter types, the same text for functions that hide each other
};
struct StructData {
    ModuleId module;
    const ast::StructItem *item = nullptr;
    bool is_public = false;
    bool broken_defaults = false; ///< reported where they stand
};
struct EnumData {
    ModuleId module;
    const ast::EnumItem *item = nullptr;
    bool is_public = false;
};
struct ConstData {
    const ast::ConstItem *item = nullptr;
    State state = State::Declared;
    std::optional<ConstValue> value; ///< if it is a scalar that can be computed now
};

/// Names that are spelled in the compiler.
struct KnownNames {
    explicit KnownNames(Interner &names);
    NameId main, len, shape, rows, cols, bytes, flat, view, copy, value, next, list, map, set, error, box, file;
    NameId bits, chunks, tiles, parts, zip, enumerate, message, merge, min, max, items, integer, keys, values, print;
};

/// Where type names are looked up: a module and the type parameters of the declaration around.
struct TypeScope {
    ModuleData *module = nullptr;
    const std::vector<ParamId> *params = nullptr;
    const std::vector<TypeId> *args = nullptr; ///< what the parameters stand for; null: for themselves
};

/// What a type is needed for: views are for parameters only.
enum class TypeUse : uint8_t { Value, Parameter };

class Context {
public:
    Context(source::SourceMap &sources, Interner &names, ModuleSource &source, diag::Emitter &emitter)
        : sources(sources), names(names), module_source(source), emitter(emitter), known(names) {}

    // modules.cpp
    void load(const std::vector<source::FileId> &roots);
    ModuleData &module(ModuleId id) { return modules[id.raw]; }

    // declare.cpp: names first, then the types behind them, so that the order in a file does not matter
    void declareNames(ModuleData &module);
    void declareTypes(ModuleData &module);
    void declareSignatures(ModuleData &module);

    // check_types.cpp
    TypeId resolve(ast::TypeExprId type, const TypeScope &scope, TypeUse use = TypeUse::Value);
    /// A struct or enum with its arguments checked against its parameters.
    TypeId applyType(const NameEntry &entry, std::vector<TypeId> args, Span span);
    /// The type of a name that is built in or a parameter; invalid if it is none.
    TypeId builtinType(NameId name, const TypeScope &scope);
    /// After `declareTypes` of all modules: recursion by value, constraints of type arguments.
    void finishTypes();
    /// Reports a type argument that does not satisfy its parameter.
    void checkConstraint(TypeId argument, ParamId param, Span span);

    // lookup.cpp
    /// Everything a plain name means in a module: own names, then imported, then those of the prelude.
    NameEntry lookup(const ModuleData &from, NameId name, Span use);
    /// Names of another module, as `module.name`; private ones are reported.
    NameEntry lookupIn(ModuleId target, NameId name, Span use);
    /// Functions that a dot call may mean beyond the visible ones: those of the module that declares the type.
    std::vector<FunctionId> functionsOf(const ModuleData &from, TypeId type, NameId name);
    /// All enums visible in a module with a case of that name.
    std::vector<EnumId> enumsWithCase(const ModuleData &from, NameId name);
    /// The nearest spelling among the candidates; empty if none is near.
    std::string similar(NameId wanted, const std::vector<NameId> &candidates) const;
    std::vector<NameId> visibleNames(const ModuleData &from) const;
    /// Advice for a name that is not visible: the module of the library that has it, who keeps it private, a near spelling.
    void advise(diag::Report &problem, const ModuleData &from, const ast::Name &name, const std::vector<NameId> &candidates);

    // check_bodies.cpp
    /// The body of a library function is wanted.
    void reach(FunctionId id);
    void checkReached(bool all);
    void checkFunction(FunctionId id);
    const ConstData &constant(ConstId id);
    /// The value of a constant expression outside of bodies: a size. Reports what is not constant.
    /// A size as written; invalid (and reported) if constants and integer parameters do not decide it.
    TypeId sizeOf(ast::ExprId expr, const TypeScope &scope);
    /// Whether a fixed array may have these dimensions; reports why not.
    bool checkFixed(TypeId type, Span span, Span inside = {});

    // growth.cpp
    /// The defaults of fields, in terms of the parameters of their struct.
    void checkDefaults();
    void checkGrowth();
    /// Sizes of fixed arrays that only the arguments for integer parameters make wrong.
    void checkSizes();

    std::string text(TypeId type) const { return program.types.text(type, names); }
    std::string text(NameId name) const { return name.valid() ? std::string(names.text(name)) : "_"; }
    types::TypeStore &types() { return program.types; }
    bool isMain(const ModuleData &module) const { return !root_modules.empty() && module.id == root_modules.front(); }

    source::SourceMap &sources;
    Interner &names;
    ModuleSource &module_source;
    diag::Emitter &emitter;
    KnownNames known;
    std::vector<NameId> ambient; ///< see Options
    hir::Program program;

    std::deque<ModuleData> modules; ///< by ModuleId
    std::vector<ModuleId> prelude, root_modules;
    std::vector<FunctionData> functions; ///< by FunctionId
    std::vector<StructData> structs;
    std::vector<EnumData> enums;
    std::deque<ConstData> constants;
    std::deque<FunctionId> reached;
    StructId map_struct, set_struct;

private:
    struct Loading;
    ModuleId loadModule(Loading &loading, source::FileId file, std::string name);
    void loadImports(Loading &loading, ModuleId id);
    ModuleId findModule(Loading &loading, const std::string &name, ModuleId importer, Span span);

    std::vector<ParamId> declareParams(const std::vector<ast::TypeParam> &params);
    void declareFunction(ModuleData &module, const ast::Item &item, const ast::FunctionItem &function);
    void declareStruct(ModuleData &module, const ast::StructItem &item);
    void declareEnum(ModuleData &module, const ast::EnumItem &item);
    void declareConst(ModuleData &module, const ast::ConstItem &item);
    void declareTest(ModuleData &module, const ast::Item &item, const ast::TestItem &test);
    void declareScript(ModuleData &module);
    void declareStructFields(ModuleData &module, StructId id);
    void declareEnumCases(ModuleData &module, EnumId id);
    void declareSignature(ModuleData &module, FunctionId id);
    void checkExport(const hir::Function &function);
    void checkOperator(const hir::Function &f);
    void checkMain(const hir::Function &function);
    void checkDuplicates(ModuleData &module);

    TypeId resolveNamed(const ast::NamedType &type, Span span, const TypeScope &scope);
    TypeId resolveFixed(const ast::FixedType &type, Span span, const TypeScope &scope);
    TypeId resolveFn(const ast::FnType &type, const TypeScope &scope, TypeUse use);
    std::vector<TypeId> resolveArgs(const std::vector<ast::TypeExprId> &args, const TypeScope &scope);
    void merge(NameEntry &into, const NameEntry &from, bool foreign);

    /// Constraints on type arguments wait until the members of all structs and enums are known.
    struct Pending {
        TypeId argument;
        ParamId param;
        Span span;
    };
    std::vector<Pending> pending;
    bool types_complete = false;
};

/// Size in bytes of a type; 0 if not known here.
int64_t knownSize(types::TypeStore &types, TypeId type);
/// Of a fixed array, in bytes.
constexpr int64_t kLargestFixed = 64 << 10;

} // namespace parlane::check
