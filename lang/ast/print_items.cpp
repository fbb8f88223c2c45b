// Declarations and statements as lists.
#include "lang/ast/print.h"
#include "lang/ast/printer.h"

namespace parlane::ast {

std::string_view visibilityWord(Visibility visibility) {
    return visibility == Visibility::Module ? "" : visibility == Visibility::Pub ? "pub " : "export ";
}

Sexp Printer::block(BlockId id) const {
    Sexp out = Sexp::of("block");
    if (!id.valid()) return Sexp::atom("_");
    for (StmtId statement : ast[id].statements) out.add(stmt(statement));
    return out;
}

Sexp Printer::pipeline(const PipelineStmt &pipeline) const {
    Sexp out = Sexp::of(pipeline.while_let ? "pipeline while" : "pipeline", {source(pipeline.source)});
    optional(out, "limit", pipeline.limit);
    static constexpr const char *kStages[] = {"serial", "parallel", "unordered"};
    for (const Stage &stage : pipeline.stages)
        out.add(Sexp::of("stage", {Sexp::atom(kStages[static_cast<size_t>(stage.kind)]), block(stage.body)}));
    return out;
}

Sexp Printer::stmt(StmtId id) const {
    auto jump = [&](const char *word, Name label) {
        return label.valid() ? Sexp::of(word, {name(label)}) : Sexp::of(word);
    };
    return match(
        ast[id].node,
        [&](const LetStmt &s) {
            static constexpr const char *kBinders[] = {"let", "var", "inout"};
            Sexp out = Sexp::of(kBinders[static_cast<size_t>(s.binder)], {pattern(s.pattern)});
            if (s.type.valid()) out.add(Sexp::of(":", {type(s.type)}));
            out.add(expr(s.value));
            if (s.otherwise.valid()) out.add(Sexp::of("else", {block(s.otherwise)}));
            return out;
        },
        [&](const AssignStmt &s) {
            Sexp out = Sexp::of(std::string(spelling(s.op)), {expr(s.target), expr(s.value)});
            if (s.claim == Claim::None) return out;
            return Sexp::of(s.claim == Claim::Atomic ? "atomic" : "disjoint", {std::move(out)});
        },
        [&](const ExprStmt &s) { return expr(s.value); },
        [&](const ReturnStmt &s) { return s.value.valid() ? Sexp::of("return", {expr(s.value)}) : Sexp::of("return"); },
        [&](const BreakStmt &s) { return jump("break", s.label); },
        [&](const ContinueStmt &s) { return jump("continue", s.label); },
        [&](const ThrowStmt &s) { return Sexp::of("throw", {expr(s.value)}); },
        [&](const WhileStmt &s) {
            Sexp out = Sexp::of("while");
            if (s.label.valid()) out.add(Sexp::of("label", {name(s.label)}));
            return std::move(out.add(condition(s.condition)).add(block(s.body)));
        },
        [&](const InvokeStmt &s) { return Sexp::of("invoke", {block(s.branches)}); },
        [&](const PipelineStmt &s) { return pipeline(s); }, [&](const ErrorStmt &) { return Sexp::of("error"); });
}

Sexp Printer::typeParams(const std::vector<TypeParam> &params) const {
    Sexp out = Sexp::of("types");
    for (const TypeParam &param : params) {
        Sexp one = param.constraints.empty() ? name(param.name) : Sexp::of(":", {name(param.name)});
        for (const Name &constraint : param.constraints) one.add(name(constraint));
        out.add(one);
    }
    return out;
}

Sexp Printer::function(const FunctionItem &f) const {
    Sexp out = Sexp::of(std::string(visibilityWord(f.visibility)) + "fn", {name(f.name)});
    if (!f.type_params.empty()) out.add(typeParams(f.type_params));
    Sexp params = Sexp::of("");
    for (const Param &param : f.params) {
        Sexp one = Sexp::of(":", {name(param.name), type(param.type)});
        if (param.mode != Mode::Read) one = Sexp::of(std::string(modeWord(param.mode)), {std::move(one)});
        params.add(std::move(one));
    }
    out.add(std::move(params));
    if (f.throws) out.add(f.error.valid() ? Sexp::of("throws", {type(f.error)}) : Sexp::atom("throws"));
    if (f.result.valid()) out.add(Sexp::of("->", {type(f.result)}));
    if (f.body.valid()) out.add(block(f.body));
    return out;
}

Sexp Printer::structure(const StructItem &s) const {
    Sexp out = Sexp::of(std::string(visibilityWord(s.visibility)) + "struct", {name(s.name)});
    if (!s.type_params.empty()) out.add(typeParams(s.type_params));
    for (const Field &field : s.fields) {
        Sexp one = Sexp::of(field.is_private ? "private :" : ":", {name(field.name), type(field.type)});
        if (field.value.valid()) one.add(expr(field.value));
        if (!field.doc.empty()) one.add(Sexp::of("doc", {Sexp::atom(quoted(field.doc))}));
        out.add(std::move(one));
    }
    return out;
}

Sexp Printer::enumeration(const EnumItem &e) const {
    Sexp out = Sexp::of(std::string(visibilityWord(e.visibility)) + "enum", {name(e.name)});
    if (!e.type_params.empty()) out.add(typeParams(e.type_params));
    for (const Case &alternative : e.cases) {
        Sexp one = Sexp::of(name(alternative.name).head);
        for (TypeExprId part : alternative.payload) one.add(type(part));
        if (!alternative.doc.empty()) one.add(Sexp::of("doc", {Sexp::atom(quoted(alternative.doc))}));
        out.add(std::move(one));
    }
    return out;
}

Sexp Printer::item(ItemId id) const {
    Sexp out = match(
        ast[id].node, [&](const ImportItem &i) { return Sexp::of("import", {path(i.path)}); },
        [&](const ImportCItem &i) {
            Sexp import = Sexp::of("import-c", {Sexp::atom(quoted(i.header))});
            for (const std::string &library : i.libraries) import.add(Sexp::of("link", {Sexp::atom(quoted(library))}));
            for (const Name &pure : i.pure) import.add(Sexp::of("pure", {name(pure)}));
            return import;
        },
        [&](const FunctionItem &i) { return function(i); }, [&](const StructItem &i) { return structure(i); },
        [&](const EnumItem &i) { return enumeration(i); },
        [&](const ConstItem &i) {
            Sexp constant = Sexp::of(std::string(visibilityWord(i.visibility)) + "const", {name(i.name)});
            if (i.type.valid()) constant.add(Sexp::of(":", {type(i.type)}));
            return std::move(constant.add(expr(i.value)));
        },
        [&](const TestItem &i) {
            return Sexp::of(i.bench ? "bench" : "test", {Sexp::atom(quoted(i.name)), block(i.body)});
        },
        [&](const ScriptItem &i) { return stmt(i.statement); }, [&](const ErrorItem &) { return Sexp::of("error"); });
    if (ast[id].doc.empty()) return out;
    return Sexp::of("doc", {Sexp::atom(quoted(ast[id].doc)), std::move(out)});
}

std::string print(const Ast &ast, const Interner &names) {
    std::string out;
    for (ItemId id : ast.top) {
        print(Printer(ast, names).item(id), 0, out);
        out += '\n';
    }
    return out;
}

} // namespace parlane::ast
