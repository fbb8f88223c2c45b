#include "lang/hir/print.h"

#include "lang/hir/printer.h"

namespace parlane::hir {

void Printer::line(const std::string &text) {
    out.append(static_cast<size_t>(depth) * 2, ' ');
    out += text;
    out += '\n';
}

std::string Printer::typeParams(const std::vector<types::ParamId> &params) const {
    if (params.empty()) return "";
    std::string list;
    for (types::ParamId id : params) {
        const types::ParamInfo &info = program.types.info(id);
        if (!list.empty()) list += ", ";
        list += name(info.name);
        if (info.integer) list += ": int";
        else if (info.constraint != types::Constraint::None) list += fmt::format(": {}", types::text(info.constraint));
        for (types::Constraint one : info.more) list += fmt::format(" + {}", types::text(one));
    }
    return "<" + list + ">";
}

void Printer::structure(const types::StructInfo &info) {
    std::string fields;
    for (const types::FieldInfo &field : info.fields)
        fields += fmt::format("{}{}{}: {}", fields.empty() ? "" : ", ", field.is_private ? "private " : "",
                              name(field.name), type(field.type));
    line(fmt::format("struct {}{} {{ {} }}", name(info.name), typeParams(info.params), fields));
}

void Printer::enumeration(const types::EnumInfo &info) {
    std::string cases;
    for (const types::CaseInfo &one : info.cases) {
        std::string payload;
        for (TypeId part : one.payload) payload += (payload.empty() ? "" : ", ") + type(part);
        cases += (cases.empty() ? "" : ", ") + name(one.name) + (payload.empty() ? "" : "(" + payload + ")");
    }
    line(fmt::format("enum {}{} {{ {} }}", name(info.name), typeParams(info.params), cases));
}

void Printer::constant(const Constant &constant) {
    body = &constant.body;
    const std::string value = body->root.valid() ? expr(body->blocks[body->root].value) : "?";
    line(fmt::format("const {}: {} = {}", name(constant.name), type(constant.type), value));
}

namespace {

const char *modeWord(Mode mode) {
    switch (mode) {
    case Mode::Inout: return "inout ";
    case Mode::Sink: return "sink ";
    case Mode::Read: break;
    }
    return "";
}

std::string_view introduction(FunctionKind kind) {
    switch (kind) {
    case FunctionKind::Builtin: return "builtin fn ";
    case FunctionKind::C: return "c fn ";
    case FunctionKind::Script: return "script ";
    case FunctionKind::Test: return "test ";
    case FunctionKind::Bench: return "bench ";
    case FunctionKind::Normal: break;
    }
    return "fn ";
}

} // namespace

void Printer::function(const Function &function) {
    std::string params;
    for (const Param &param : function.params) {
        std::string text = function.body && param.local.valid()
                               ? fmt::format("{}.{}", name(param.name), param.local.raw)
                               : name(param.name);
        params += fmt::format("{}{}{}: {}{}", params.empty() ? "" : ", ", modeWord(param.mode), text,
                              param.isView(program.types) ? "view " : "", type(param.type));
    }
    std::string head = function.is_export ? "export " : function.is_public ? "pub " : "";
    head += fmt::format("{}{}{}({})", introduction(function.kind), name(function.name),
                        typeParams(function.type_params), params);
    if (function.throws) head += function.error_type.valid() ? " throws " + type(function.error_type) : " throws";
    if (function.result.valid() && function.result != program.types.unit) head += " -> " + type(function.result);
    if (!function.body) {
        line(head);
        return;
    }
    body = &*function.body;
    line(head + " {");
    block(body->root);
    line("}");
}

std::string print(const Program &program, const Interner &names, PrintOptions options) {
    Printer printer(program, names);
    auto shown = [&](std::string_view module) { return options.library || !module.starts_with("std."); };
    for (uint32_t i = 0; i < program.types.structCount(); ++i)
        if (const auto &info = program.types.info(types::StructId(i)); shown(info.module)) printer.structure(info);
    for (uint32_t i = 0; i < program.types.enumCount(); ++i)
        if (const auto &info = program.types.info(types::EnumId(i)); shown(info.module)) printer.enumeration(info);
    for (const Constant &constant : program.constants)
        if (shown(program.modules[constant.module].name)) printer.constant(constant);
    for (const Function &function : program.functions)
        if (function.body && shown(program.modules[function.module].name)) printer.function(function);
    return std::move(printer.out);
}

std::string print(const Program &program, FunctionId function, const Interner &names) {
    Printer printer(program, names);
    printer.function(program.functions[function]);
    return std::move(printer.out);
}

} // namespace parlane::hir
