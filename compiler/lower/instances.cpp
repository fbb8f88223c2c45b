// Which functions exist: one for each (function, type arguments, closures passed) that something reaches.
#include "compiler/lower/function_lowering.h"
#include "compiler/lower/lowering.h"

#include <algorithm>

namespace parlane::lower {

using pir::PassMode;

const hir::Body &Lowering::body(Owner owner) const {
    if (!owner.function) return program.constants[owner.constant].body;
    const hir::Function &from = program.functions[owner.function];
    PAR_CHECK(from.body.has_value() || from.kind == hir::FunctionKind::Builtin, "`{}` has no body",
              names.text(from.name));
    return from.body ? *from.body : no_body;
}

const access::FunctionProofs &Lowering::proofsOf(Owner owner) const {
    return owner.function ? proofs[owner.function] : proofs[owner.constant];
}

std::string Lowering::uniqueName(std::string name) {
    int count = ++name_counts[name];
    return count == 1 ? name : uniqueName(fmt::format("{}.{}", name, count));
}

BindingId Lowering::bind(ClosureBinding binding) {
    auto [place, fresh] =
        binding_ids.try_emplace(std::move(binding), BindingId(static_cast<uint32_t>(binding_list.size())));
    if (fresh) binding_list.push_back(&place->first);
    return place->second;
}

int Lowering::depth(BindingId id) const {
    int deepest = 0;
    for (BindingId inner : binding(id).captured) deepest = std::max(deepest, depth(inner));
    return deepest + (binding(id).kind == ClosureBinding::Kind::Literal ? 1 : 0);
}

PType Lowering::pairType(HType fn_type) {
    const types::FnType fn = *types.as<types::FnType>(fn_type);
    std::vector<PType> parts;
    for (const types::FnParam &param : fn.params) parts.push_back(passed(param.type, param.mode).type);
    return module.types.closure(std::move(parts), type(fn.result));
}

PassedParam Lowering::captureParam(const hir::Local &local, bool writes, std::span<const HType> type_args) {
    HType id = substitute(local.type, type_args);
    PassMode mode = writes ? PassMode::Inout : PassMode::Read;
    if (types.is<types::ViewType>(id)) return {type(id), mode};
    if (!writes && isSmallPlain(module.types, type(id))) return {type(id), PassMode::Read};
    return {module.types.ref(type(id)), mode};
}

void Lowering::addCaptures(BindingId id, std::vector<PassedParam> &out) {
    const ClosureBinding bound = binding(id);
    switch (bound.kind) {
    case ClosureBinding::Kind::Function: return;
    case ClosureBinding::Kind::Pair: out.push_back({pairType(bound.type), PassMode::Read}); return;
    case ClosureBinding::Kind::Literal: break;
    }
    const hir::Body &from = body(bound.owner);
    size_t next = 0;
    for (const hir::Capture &capture : from.closures[bound.closure].captures) {
        const hir::Local &local = from.locals[capture.local];
        if (types.is<types::FnType>(local.type))
            addCaptures(bound.captured[next++], out);
        else
            out.push_back(captureParam(local, capture.writes, bound.type_args));
    }
}

pir::FunctionId Lowering::instance(const InstanceKey &key) {
    if (auto found = instances.find(key); found != instances.end()) return found->second;
    const hir::Function &from = program.functions[key.owner.function];
    std::string name(names.text(from.name));
    if (from.kind == hir::FunctionKind::Test) name = "test." + name;
    if (from.kind == hir::FunctionKind::Bench) name = "bench." + name;
    if (!key.type_args.empty()) {
        std::string inside;
        for (HType arg : key.type_args) inside += (inside.empty() ? "" : ", ") + types.text(arg, names);
        name += "<" + inside + ">";
    }
    HType result = substitute(from.result, key.type_args);
    PType throws;
    // What leaves `main` is printed: an `Error` knows its text.
    const bool typed = from.error_type.valid() && key.owner.function != program.main;
    if (from.throws) throws = typed ? type(substitute(from.error_type, key.type_args)) : errorType();
    pir::FunctionId id = pir::addFunction(module, uniqueName(std::move(name)), type(result), throws);
    instances.emplace(key, id);
    module.functions[id].loc = module.location({from.name_span, {}});
    if (from.is_export) module.functions[id].export_name = std::string(names.text(from.name));
    work.push_back([this, key, id] { FunctionLowering(*this, key.owner, key.type_args, id).lowerInstance(key); });
    std::vector<PassedParam> params;
    size_t next = 0;
    for (const hir::Param &param : from.params) {
        HType param_type = substitute(param.type, key.type_args);
        if (types.is<types::FnType>(param_type))
            addCaptures(key.closures[next++], params);
        else
            params.push_back(passed(param_type, param.mode));
        for (; module.functions[id].modes.size() < params.size();) {
            const PassedParam &added = params[module.functions[id].modes.size()];
            pir::addParameter(module, id, added.type, added.mode, names.text(param.name));
        }
    }
    return id;
}

pir::FunctionId Lowering::constant(hir::ConstId id) {
    if (auto found = constants.find(id); found != constants.end()) return found->second;
    const hir::Constant &from = program.constants[id];
    pir::FunctionId made =
        pir::addFunction(module, uniqueName("const." + std::string(names.text(from.name))), type(from.type));
    constants.emplace(id, made);
    module.functions[made].loc = module.location({from.name_span, {}});
    work.push_back([this, id, made] {
        FunctionLowering(*this, Owner{{}, id}, {}, made).lowerConstant(program.constants[id]);
    });
    return made;
}

pir::FunctionId Lowering::closureInstance(BindingId id) {
    if (auto found = closure_instances.find(id); found != closure_instances.end()) return found->second;
    const ClosureBinding bound = binding(id);
    PAR_CHECK(bound.kind != ClosureBinding::Kind::Pair, "a pair has no instance");
    if (bound.kind == ClosureBinding::Kind::Function) {
        pir::FunctionId made = functionValue(*this, bound);
        closure_instances.emplace(id, made);
        return made;
    }
    const types::FnType fn = *types.as<types::FnType>(bound.type);
    const hir::Body &from = body(bound.owner);
    const hir::Closure &closure = from.closures[bound.closure];
    std::string of(names.text(bound.owner.function ? program.functions[bound.owner.function].name
                                                   : program.constants[bound.owner.constant].name));
    pir::FunctionId made =
        pir::addFunction(module, uniqueName(of + ".closure"), type(fn.result), fn.throws ? errorType() : PType{});
    closure_instances.emplace(id, made);
    module.functions[made].loc = module.location({closure.span, {}});
    std::vector<PassedParam> captures;
    addCaptures(id, captures);
    for (const PassedParam &param : captures) pir::addParameter(module, made, param.type, param.mode);
    module.functions[made].captures = static_cast<uint32_t>(captures.size());
    for (size_t i = 0; i < fn.params.size(); ++i) {
        PassedParam param = passed(fn.params[i].type, fn.params[i].mode);
        std::string_view name = i < closure.params.size() ? names.text(from.locals[closure.params[i]].name) : "";
        pir::addParameter(module, made, param.type, param.mode, name);
    }
    work.push_back([this, id, made] {
        const ClosureBinding &of_closure = binding(id);
        FunctionLowering(*this, of_closure.owner, of_closure.type_args, made).lowerClosureBody(of_closure);
    });
    return made;
}

void Lowering::unsupported(source::Span span, std::string what) {
    emitter.report(diag::Code::NotSupportedYet, span, what);
}

void Lowering::run() {
    while (!work.empty()) {
        auto next = std::move(work.front());
        work.pop_front();
        next();
    }
}

Lowered lower(const hir::Program &program, const access::Proofs &proofs, const Interner &names,
              diag::Emitter &emitter) {
    Lowering lowering(program, proofs, names, emitter);
    lowering.errorType(); // the runtime throws it by this name
    Lowered out;
    auto root = [&](hir::FunctionId id) { return lowering.instance({Owner{id, {}}, {}, {}}); };
    if (program.main.valid()) out.main = root(program.main);
    for (hir::FunctionId id : program.exports) root(id);
    for (hir::FunctionId id : program.tests) {
        const hir::Function &from = program.functions[id];
        out.blocks.push_back({root(id), std::string(names.text(from.name)), from.kind == hir::FunctionKind::Bench});
    }
    lowering.run();
    out.module = std::move(lowering.module);
    return out;
}

} // namespace parlane::lower
