// Signatures of functions.
#include "lang/check/context.h"

#include <algorithm>

namespace parlane::check {

namespace {

/// Text that is equal for parameter lists that hide each other: type parameters by position.
std::string keyOf(const types::TypeStore &types, TypeId type, const Interner &names) {
    using namespace types;
    auto list = [&](const std::vector<TypeId> &ids) {
        std::string out;
        for (TypeId id : ids) out += keyOf(types, id, names) + ",";
        return out;
    };
    if (const auto *p = types.as<ParamType>(type)) return "#" + std::to_string(p->index);
    if (const auto *t = types.as<StructType>(type); t && !t->args.empty())
        return "s" + std::to_string(t->decl.raw) + "<" + list(t->args) + ">";
    if (const auto *t = types.as<EnumType>(type); t && !t->args.empty())
        return "e" + std::to_string(t->decl.raw) + "<" + list(t->args) + ">";
    if (const auto *t = types.as<ViewType>(type)) return keyOf(types, t->elem, names) + "[" + std::to_string(t->rank) +
        "]";
    if (const auto *t = types.as<ArrayType>(type)) return keyOf(types, t->elem, names) + "[" +
        std::to_string(t->rank) + "]";
    if (const auto *t = types.as<FixedType>(type)) return keyOf(types, t->elem, names) + "f[" + list(t->dims) + "]";
    if (const auto *t = types.as<TupleType>(type)) return "(" + list(t->elems) + ")";
    if (const auto *t = types.as<OptionalType>(type)) return keyOf(types, t->value, names) + "?";
    if (const auto *t = types.as<BoxType>(type)) return "Box<" + keyOf(types, t->value, names) + ">";
    if (const auto *t = types.as<FnType>(type)) {
        std::string out = "fn(";
        for (const FnParam &p : t->params) out += keyOf(types, p.type, names) + ",";
        return out + ")" + keyOf(types, t->result, names);
    }
    return std::to_string(type.raw);
}

} // namespace

void Context::declareSignature(ModuleData &module, FunctionId id) {
    const ast::FunctionItem &item = *functions[id.raw].item;
    hir::Function &f = program.functions[id];
    f.type_params = declareParams(item.type_params);
    TypeScope scope{&module, &f.type_params};
    std::string key;
    for (const ast::Param &param : item.params) {
        hir::Param p;
        p.name = param.name.id;
        p.mode = static_cast<types::Mode>(param.mode);
        p.span = param.name.valid() ? param.name.span : param.span;
        for (const hir::Param &other : f.params)
            if (p.name.valid() && other.name == p.name)
                emitter.report(Code::DeclaredTwice, p.span, text(p.name)).label(other.span, "the first one");
        const bool owner = p.mode == types::Mode::Sink;
        p.type = resolve(param.type, scope, owner ? TypeUse::Value : TypeUse::Parameter);
        if (owner && types().is<types::FnType>(p.type)) {
            emitter.report(Code::FunctionStored, param.span)
                .why("functions and closures are passed down, never stored");
            p.type = types().error;
        }
        key += keyOf(types(), p.type, names) + ";";
        f.params.push_back(p);
    }
    functions[id.raw].key = key;
    if (item.result.valid()) f.result = resolve(item.result, scope);
    if (types().is<types::FnType>(f.result)) {
        emitter.report(Code::FunctionStored, item.head).why("functions and closures are passed down, never returned");
        f.result = types().error;
    }
    if (item.error.valid()) {
        f.error_type = resolve(item.error, scope);
        const bool nominal = types().is<types::StructType>(f.error_type) || types().is<types::EnumType>(f.error_type) ||
                             types().is<types::ErrorType>(f.error_type);
        if (!nominal) emitter.report(Code::NotThrowable, item.head, text(f.error_type))
            .why("a struct or an enum can be thrown");
        // `throws Error` is plain `throws`.
        const auto *s = types().as<types::StructType>(f.error_type);
        if (!nominal || types().is<types::ErrorType>(f.error_type) ||
            (s && s->decl == program.error_struct)) f.error_type = {};
    }
    if (item.is_operator && (item.params.empty() || item.params.size() > 2))
        emitter.report(Code::OperatorArity, item.head, text(item.name.id)).why("operators take one or two operands");
    if (item.is_operator && !module.library) checkOperator(f);
    if (f.is_export) checkExport(f);
    if (f.name == known.main && std::ranges::find(root_modules, module.id) != root_modules.end()) {
        checkMain(f);
        if (isMain(module)) program.main = id;
    }
}

/// What an operator means between numbers and strings is not for a file to say.
void Context::checkOperator(const hir::Function &f) {
    auto builtin = [&](const hir::Param &param) {
        return types().scalarOf(param.type).has_value() || param.type == types().str;
    };
    if (f.params.empty() || f.params.size() > 2 || !std::ranges::all_of(f.params, builtin)) return;
    emitter.report(Code::OperatorOfBuiltins, f.name_span, text(f.name), text(f.params[0].type))
        .why("operators are functions for types of your own")
        .fix("give the function a name, or one of its parameters a struct or enum");
}

void Context::checkMain(const hir::Function &f) {
    if (f.params.empty() && f.type_params.empty() && f.result == types().unit) return;
    emitter.report(Code::MainSignature, f.name_span)
        .why("`main` is called without arguments and gives nothing back")
        .fix("`args()` gives the arguments of the command line");
}

void Context::checkExport(const hir::Function &f) {
    if (!f.type_params.empty()) {
        emitter.report(Code::ExportGeneric, f.name_span, text(f.name))
            .label(types().info(f.type_params.front()).span, "a parameter that C cannot fill")
            .why("an exported function gets one C symbol");
        return;
    }
    auto passable = [&](TypeId type) {
        return !types().is<types::FnType>(type) && !types().is<types::FileType>(type) &&
            !types().is<types::BoxType>(type);
    };
    for (const hir::Param &param : f.params)
        if (!passable(param.type))
            emitter.report(Code::ExportType, param.span, text(f.name), text(param.type)).why("C has no such values");
    if (!passable(f.result)) emitter.report(Code::ExportType, f.name_span, text(f.name), text(f.result))
        .why("C has no such values");
}

void Context::checkDuplicates(ModuleData &module) {
    std::vector<std::pair<FunctionId, FunctionId>> pairs;
    for (const auto &[name, entry] : module.names)
        for (size_t i = 0; i < entry.functions.size(); ++i)
            for (size_t j = 0; j < i; ++j)
                if (functions[entry.functions[i].raw].key == functions[entry.functions[j].raw].key)
                    pairs.emplace_back(entry.functions[j], entry.functions[i]);
    std::ranges::sort(pairs);
    for (auto [first, second] : pairs)
        emitter.report(Code::SameParameters, program.functions[second].name_span, text(program.functions[second].name))
            .label(program.functions[first].name_span, "the first one")
            .why("functions of one name must differ in the number or the types of their parameters");
}

void Context::declareSignatures(ModuleData &module) {
    for (uint32_t i = 0; i < functions.size(); ++i)
        if (functions[i].module == module.id && functions[i].item) declareSignature(module, FunctionId(i));
    checkDuplicates(module);
}

} // namespace parlane::check
