// What stands at the top level of a file.
#pragma once
#include "lang/ast/stmt.h"

namespace parlane::ast {

enum class Visibility : uint8_t { Module, Pub, Export };

/// `import a.b`
struct ImportItem {
    std::vector<Name> path;
};
/// `import c "zlib.h" link "z" pure { crc32 }`
struct ImportCItem {
    std::string header;
    std::vector<std::string> libraries;
    std::vector<Name> pure;
};

/// `T`, `T: Ordered`, `N: int`.
struct TypeParam {
    Name name;
    std::vector<Name> constraints; ///< `T: Ordered + Hash`
};
struct Param {
    Mode mode = Mode::Read;
    Name name; ///< invalid: `_`
    TypeExprId type;
    Span span;
};
/// `fn name<T>(params) throws E -> R { … }`; the name of an operator is its spelling (`+`).
struct FunctionItem {
    Visibility visibility = Visibility::Module;
    Name name;
    bool is_operator = false;
    std::vector<TypeParam> type_params;
    std::vector<Param> params;
    bool throws = false;
    TypeExprId error;  ///< `throws E`; invalid: any
    TypeExprId result; ///< invalid: nothing
    BlockId body;      ///< invalid: a builtin of the library
    Span head;         ///< without the body
};

struct Field {
    bool is_private = false;
    Name name;
    TypeExprId type;
    ExprId value; ///< default; invalid: zero
    std::string doc;
    Span span;
};
struct StructItem {
    Visibility visibility = Visibility::Module;
    Name name;
    std::vector<TypeParam> type_params;
    std::vector<Field> fields;
};
struct Case {
    Name name;
    std::vector<TypeExprId> payload;
    std::string doc;
    Span span;
};
struct EnumItem {
    Visibility visibility = Visibility::Module;
    Name name;
    std::vector<TypeParam> type_params;
    std::vector<Case> cases;
};
struct ConstItem {
    Visibility visibility = Visibility::Module;
    Name name;
    TypeExprId type; ///< invalid: from the value
    ExprId value;
};
/// `test "name" { … }`, `bench "name" { … }`
struct TestItem {
    bool bench = false;
    std::string name;
    BlockId body;
};
/// A statement of a script.
struct ScriptItem {
    StmtId statement;
};
/// What could not be parsed; reported.
struct ErrorItem {};

using ItemNode = std::variant<ImportItem, ImportCItem, FunctionItem, StructItem, EnumItem, ConstItem, TestItem,
                              ScriptItem, ErrorItem>;

struct Item {
    ItemNode node;
    Span span;
    std::string doc; ///< text of the `///` lines in front, without the slashes
};

} // namespace parlane::ast
