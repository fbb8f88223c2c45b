// libparlane: the C face of the compiler.
#include "compiler/embed/parlane.h"

#include "compiler/codegen/codegen.h"
#include "compiler/jit/jit.h"
#include "compiler/session/session.h"
#include "lang/diag/render.h"
#include "runtime/include/parlane/host.h"

#include <list>
#include <optional>

using namespace parlane;

struct parlane_function {
    std::string name;
    void (*address)();
    int32_t (*boxed)(void *const *arguments);
    std::string signature;
};

struct parlane_context {
    std::list<jit::Jit> code; ///< one a program
    std::list<parlane_function> functions;
    std::string error;

    int32_t fail(std::string text) {
        error = std::move(text);
        return 1;
    }
};

namespace {

std::string typeText(const pir::Module &module, pir::TypeId id) {
    const pir::Type &type = module.types[id];
    if (type.kind == pir::TypeKind::Unit) return "()";
    if (type.kind == pir::TypeKind::Ref) return typeText(module, type.elem);
    if (type.kind == pir::TypeKind::View || type.kind == pir::TypeKind::Array)
        return typeText(module, type.elem) + "[" + std::string(static_cast<size_t>(type.dims[0]) - 1, ',') + "]";
    std::string text = module.types.text(id);
    text.erase(0, text.find_first_not_of("@$"));
    return text;
}

std::string signatureText(const pir::Module &module, const pir::Function &function) {
    std::string text = "(";
    for (size_t k = 0; k < function.params().size(); ++k) {
        if (k) text += ", ";
        if (k < function.modes.size() && function.modes[k] == pir::PassMode::Inout) text += "inout ";
        if (k < function.modes.size() && function.modes[k] == pir::PassMode::Sink) text += "sink ";
        text += typeText(module, function.type(function.params()[k]));
    }
    return text + ") -> " + typeText(module, function.result);
}

/// Finds the exports of a fresh program and their addresses.
std::optional<std::string> publish(parlane_context &context, jit::Jit &code, const pir::Module &module) {
    std::list<parlane_function> made;
    for (const pir::Function &function : module.functions) {
        if (function.export_name.empty()) continue;
        auto plain = code.address(function.export_name), boxed = code.address(function.export_name + ".boxed");
        if (!plain) return plain.error();
        if (!boxed) return boxed.error();
        made.push_back({function.export_name, reinterpret_cast<void (*)()>(*plain),
                        reinterpret_cast<int32_t (*)(void *const *)>(*boxed), signatureText(module, function)});
    }
    for (const parlane_function &function : made)
        for (const parlane_function &other : context.functions)
            if (function.name == other.name) return fmt::format("`{}` is exported twice", function.name);
    context.functions.splice(context.functions.end(), made);
    return std::nullopt;
}

} // namespace

parlane_context *parlane_create(void) {
    auto made = std::make_unique<parlane_context>();
    return jit::Jit::create({}) ? made.release() : nullptr;
}

void parlane_destroy(parlane_context *context) { delete context; }

int32_t parlane_compile(parlane_context *context, const char *name, const char *source) {
    session::Session session;
    session.add(name, source);
    lower::Lowered *program = session.optimise();
    if (!program) return context->fail(diag::render(session.emitter.sorted(), session.sources, {}));
    jit::JitOptions options;
    codegen::Artifact artifact = codegen::generate(program->module, session.sources, options.code, {});
    auto code = jit::Jit::create(options);
    if (!code) return context->fail(code.error());
    if (auto added = code->add(std::move(artifact)); !added) return context->fail(added.error());
    if (auto problem = publish(*context, *code, program->module)) return context->fail(*problem);
    context->code.push_back(std::move(*code));
    return 0;
}

const parlane_function *parlane_get(parlane_context *context, const char *name, void (**address)(void)) {
    for (const parlane_function &function : context->functions) {
        if (function.name != name) continue;
        if (address) *address = function.address;
        return &function;
    }
    context->fail(fmt::format("no exported function is called `{}`", name));
    return nullptr;
}

int32_t parlane_call(parlane_context *context, const parlane_function *function, void *const *arguments) {
    int32_t outcome = function->boxed(arguments);
    if (outcome != 0) context->fail(par_last_error());
    return outcome;
}

int32_t parlane_invoke(const parlane_function *function, void *const *arguments) { return function->boxed(arguments); }

const char *parlane_signature(const parlane_function *function) { return function->signature.c_str(); }

const char *parlane_str_text(const void *text, int64_t *bytes) {
    return par_str_text(static_cast<const par_str *>(text), bytes);
}

void parlane_str_free(void *text) { par_str_free(static_cast<par_str *>(text)); }

const char *parlane_error(const parlane_context *context) { return context->error.c_str(); }

const char *parlane_last_error(void) { return par_last_error(); }

void parlane_free(void *data, int64_t bytes) { par_free(data, bytes); }
