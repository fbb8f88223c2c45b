// Names of a module, then the types behind them.
#include "lang/base/match.h"
#include "lang/check/context.h"

#include <algorithm>

namespace parlane::check {

namespace {

bool isPublic(ast::Visibility visibility) { return visibility != ast::Visibility::Module; }

} // namespace

void Context::declareFunction(ModuleData &module, const ast::Item &item, const ast::FunctionItem &function) {
    hir::Function f;
    f.name = function.name.id;
    f.name_span = function.name.span;
    f.span = item.span;
    f.module = module.id;
    f.is_public = isPublic(function.visibility);
    f.is_export = function.visibility == ast::Visibility::Export;
    f.throws = function.throws;
    f.result = types().unit;
    if (!function.body.valid()) {
        f.kind = hir::FunctionKind::Builtin;
        std::string home = module.prelude ? "core" : module.library ? module.name.substr(4) : module.name;
        f.builtin = home + "." + text(function.name.id);
        if (!module.library && !module.ast.has_errors)
            emitter.report(Code::MissingBody, function.head, text(function.name.id))
                .fix("write the body in braces behind the head");
    }
    FunctionId id = program.functions.add(std::move(f));
    functions.push_back({module.id, &function, {}, State::Declared, {}});
    if (function.name.valid()) module.names[function.name.id].functions.push_back(id);
    if (function.visibility == ast::Visibility::Export) program.exports.push_back(id);
}

void Context::declareStruct(ModuleData &module, const ast::StructItem &item) {
    StructId id = types().addStruct({item.name.id, item.name.span, module.name, declareParams(item.type_params), {}});
    structs.push_back({module.id, &item, isPublic(item.visibility)});
    NameEntry &entry = module.names[item.name.id];
    if (entry.hasType())
        emitter.report(Code::DeclaredTwice, item.name.span, text(item.name.id)).label(
            entry.structure.valid() ? types().info(entry.structure).span : types().info(entry.enumeration).span,
            "the first one");
    entry.structure = id;
    if (!module.prelude) return;
    if (item.name.id == known.list) program.list_struct = id;
    if (item.name.id == known.map) map_struct = id;
    if (item.name.id == known.set) set_struct = id;
    if (item.name.id == known.error) program.error_struct = id;
}

void Context::declareEnum(ModuleData &module, const ast::EnumItem &item) {
    EnumId id = types().addEnum({item.name.id, item.name.span, module.name, declareParams(item.type_params), {}});
    enums.push_back({module.id, &item, isPublic(item.visibility)});
    NameEntry &entry = module.names[item.name.id];
    if (entry.hasType())
        emitter.report(Code::DeclaredTwice, item.name.span, text(item.name.id)).label(
            entry.structure.valid() ? types().info(entry.structure).span : types().info(entry.enumeration).span,
            "the first one");
    entry.enumeration = id;
    // The names of the cases are wanted before the types of payloads are known.
    for (const ast::Case &one : item.cases) types().info(id).cases.push_back({one.name.id, one.name.span, {}});
}

void Context::declareConst(ModuleData &module, const ast::ConstItem &item) {
    NameEntry &entry = module.names[item.name.id];
    if (entry.constant.valid())
        emitter.report(Code::DeclaredTwice, item.name.span, text(item.name.id))
            .label(program.constants[entry.constant].name_span, "the first one");
    hir::Constant constant;
    constant.name = item.name.id;
    constant.name_span = item.name.span;
    constant.module = module.id;
    constant.is_public = isPublic(item.visibility);
    constant.type = types().error;
    entry.constant = program.constants.add(std::move(constant));
    constants.push_back({&item, State::Declared, {}});
}

void Context::declareTest(ModuleData &module, const ast::Item &item, const ast::TestItem &test) {
    hir::Function f;
    f.name = names.intern(test.name);
    f.name_span = f.span = item.span;
    f.module = module.id;
    f.kind = test.bench ? hir::FunctionKind::Bench : hir::FunctionKind::Test;
    f.result = types().unit;
    f.throws = true;
    FunctionId id = program.functions.add(std::move(f));
    functions.push_back({module.id, nullptr, test.body, State::Declared, {}});
    if (!module.library && std::ranges::find(root_modules,
        module.id) != root_modules.end()) program.tests.push_back(id);
}

void Context::declareScript(ModuleData &module) {
    if (module.script.empty()) return;
    const ast::Stmt &first = module.ast[module.script.front()];
    const bool root = std::ranges::find(root_modules, module.id) != root_modules.end();
    if (!root) {
        emitter.report(Code::StatementsInModule, first.span, module.name)
            .why("only the file that is run may have statements outside of functions");
        return;
    }
    for (ast::StmtId id : module.script) {
        const auto *let = std::get_if<ast::LetStmt>(&module.ast[id].node);
        if (!let || !let->pattern.valid()) continue;
        std::vector<ast::PatternId> open{let->pattern};
        while (!open.empty()) {
            const ast::Pattern &p = module.ast[open.back()];
            open.pop_back();
            if (const auto *bind = std::get_if<ast::BindPattern>(&p.node))
                module.script_variables.emplace(bind->name.id, bind->name.span);
            else if (const auto *tuple = std::get_if<ast::TuplePattern>(&p.node))
                open.insert(open.end(), tuple->parts.begin(), tuple->parts.end());
        }
    }
    hir::Function f;
    f.name = known.main;
    f.name_span = f.span = first.span;
    f.module = module.id;
    f.kind = hir::FunctionKind::Script;
    f.result = types().unit;
    f.throws = true;
    if (auto main = module.names.find(known.main); main != module.names.end() && !main->second.functions.empty())
        emitter.report(Code::ScriptAndMain, first.span)
            .label(program.functions[main->second.functions.front()].name_span, "`main` is here")
            .why("a file either has a `main` or is a script");
    FunctionId id = program.functions.add(std::move(f));
    functions.push_back({module.id, nullptr, {}, State::Declared, {}});
    if (module.id == root_modules.front()) program.main = id;
}

void Context::declareNames(ModuleData &module) {
    for (ast::ItemId id : module.ast.top) {
        const ast::Item &item = module.ast[id];
        match(
            item.node, [&](const ast::FunctionItem &n) { declareFunction(module, item, n); },
            [&](const ast::StructItem &n) { declareStruct(module, n); },
            [&](const ast::EnumItem &n) { declareEnum(module, n); },
            [&](const ast::ConstItem &n) { declareConst(module, n); },
            [&](const ast::TestItem &n) { declareTest(module, item, n); },
            [&](const ast::ScriptItem &n) { module.script.push_back(n.statement); }, [&](const auto &) {});
    }
    declareScript(module);
}

std::vector<ParamId> Context::declareParams(const std::vector<ast::TypeParam> &params) {
    static constexpr types::Constraint kAll[] = {types::Constraint::Copy,    types::Constraint::Hash,
                                                 types::Constraint::Ordered, types::Constraint::Number,
                                                 types::Constraint::Integer, types::Constraint::Float};
    std::vector<ParamId> result;
    for (const ast::TypeParam &param : params) {
        types::ParamInfo info{param.name.id, param.name.span, types::Constraint::None, false,
                              static_cast<uint32_t>(result.size()), {}};
        for (ParamId other : result)
            if (types().info(other).name == param.name.id)
                emitter.report(Code::DeclaredTwice, param.name.span, text(param.name.id))
                    .label(types().info(other).span, "the first one");
        for (const ast::Name &constraint : param.constraints) {
            const std::string_view word = names.text(constraint.id);
            const bool first = constraint.id == param.constraints.front().id;
            const auto *found = std::ranges::find_if(kAll, [&](types::Constraint c) { return types::text(c) == word; });
            if (found != std::end(kAll) && first) info.constraint = *found;
            else if (found != std::end(kAll) && !info.integer) info.more.push_back(*found);
            else if (word == "int" && first && param.constraints.size() == 1) info.integer = true;
            else
                emitter.report(Code::UnknownConstraint, constraint.span, word)
                    .why("the constraints are Number, Integer, Float, Ordered, Hash, Copy, and `int` for a size")
                    .fix("pass what the function needs as a parameter: `f: fn(T) -> U`");
        }
        result.push_back(types().addParam(info));
    }
    return result;
}

void Context::declareStructFields(ModuleData &module, StructId id) {
    const ast::StructItem &item = *structs[id.raw].item;
    const std::vector<ParamId> params = types().info(id).params;
    TypeScope scope{&module, &params};
    std::vector<types::FieldInfo> fields;
    for (const ast::Field &field : item.fields) {
        for (const types::FieldInfo &other : fields)
            if (other.name == field.name.id)
                emitter.report(Code::DeclaredTwice, field.name.span, text(field.name.id))
                    .label(other.span, "the first one");
        TypeId type = resolve(field.type, scope);
        if (types().is<types::FnType>(type)) {
            emitter.report(Code::FunctionStored, field.span)
                .why("functions and closures are passed down, never stored");
            type = types().error;
        }
        fields.push_back({field.name.id, type, field.name.span, field.is_private, field.value.valid()});
    }
    types().info(id).fields = std::move(fields);
}

void Context::declareEnumCases(ModuleData &module, EnumId id) {
    const ast::EnumItem &item = *enums[id.raw].item;
    const std::vector<ParamId> params = types().info(id).params;
    TypeScope scope{&module, &params};
    for (size_t i = 0; i < item.cases.size(); ++i) {
        for (size_t j = 0; j < i; ++j)
            if (item.cases[j].name.id == item.cases[i].name.id)
                emitter.report(Code::DeclaredTwice, item.cases[i].name.span, text(item.cases[i].name.id))
                    .label(item.cases[j].name.span, "the first one");
        std::vector<TypeId> payload;
        for (ast::TypeExprId part : item.cases[i].payload) payload.push_back(resolve(part, scope));
        types().info(id).cases[i].payload = std::move(payload);
    }
    if (item.cases.empty()) emitter.report(Code::EmptyEnum, item.name.span, text(item.name.id));
    else if (item.cases.size() > 256) emitter.report(Code::TooManyCases, item.name.span, text(item.name.id));
}

void Context::declareTypes(ModuleData &module) {
    for (uint32_t i = 0; i < structs.size(); ++i)
        if (structs[i].module == module.id) declareStructFields(module, StructId(i));
    for (uint32_t i = 0; i < enums.size(); ++i)
        if (enums[i].module == module.id) declareEnumCases(module, EnumId(i));
}

} // namespace parlane::check
