// Running cells, and what becomes of variables.
#include "compiler/codegen/codegen.h"
#include "compiler/repl/cell.h"
#include "compiler/repl/show.h"
#include "runtime/include/parlane/host.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace parlane::repl {

namespace {

/// A struct of variables in memory, as the code of one cell wants it.
class Frame {
public:
    Frame(const pir::Module &module, pir::TypeId type) : type(module.types[type]), layouts(module.types), id(type) {
        memory = std::make_unique<uint64_t[]>(static_cast<size_t>(layouts.size(type) + 7) / 8);
    }
    uint8_t *bytes() const { return reinterpret_cast<uint8_t *>(memory.get()); }
    /// Copies between the struct and the variables of one kind, which are its fields behind the padding.
    void copy(std::vector<Variable> &vars, bool is_mutable, bool in) {
        size_t field = kPaddingFields;
        for (Variable &v : vars) {
            if (v.is_mutable != is_mutable) continue;
            uint8_t *at = bytes() + layouts.offset(id, static_cast<int64_t>(field++));
            if (in) std::memcpy(at, v.memory.get(), v.bytes);
            else std::memcpy(v.memory.get(), at, v.bytes);
        }
    }
    const pir::Type &type;

private:
    pir::Layouts layouts;
    pir::TypeId id;
    std::unique_ptr<uint64_t[]> memory;
};

pir::TypeId structOf(const pir::Module &module, pir::TypeId id) {
    return module.types.kind(id) == pir::TypeKind::Ref ? module.types[id].elem : id;
}

const pir::Function *exported(const pir::Module &module, std::string_view name) {
    for (const pir::Function &function : module.functions)
        if (function.export_name == name) return &function;
    return nullptr;
}

using Boxed = int32_t (*)(void *const *);

} // namespace

Engine::Engine() {
    par_entry entry; // from here on there is a worker that an interruption finds
    par_rt_leave(par_rt_enter(&entry), &entry);
}
Engine::~Engine() { reset(); }

void Engine::reset() {
    for (Variable &variable : vars) drop(variable);
    vars.clear();
    defs.clear();
    code.clear();
    cells.clear();
}

void Engine::interrupt() {
    stop_asked = true;
    par_rt_interrupt();
}

Reply Engine::run(std::string text) {
    stop_asked = false;
    par_rt_interrupt_clear();
    Reply reply;
    Cell cell;
    cells.push_back({static_cast<uint32_t>(cells.size() + 1), std::move(text)});
    cell.text = &cells.back();
    cell.parts = takeApart(*cell.text);
    reply.problems = cell.parts.problems;
    if (reply.problems.empty()) {
        cell.all = defs;
        for (const Definition &made : cell.parts.definitions) {
            std::erase_if(cell.all, [&](const Definition &old) { return old.key == made.key; });
            cell.all.push_back(made);
        }
        if (checkTypes(cell, reply) && compile(cell, reply)) reply.good = execute(cell, reply);
    }
    return reply;
}

Reply Engine::typeOf(std::string text) {
    Reply reply;
    Cell cell;
    CellText asked{static_cast<uint32_t>(cells.size() + 1), std::move(text)};
    cell.text = &asked;
    cell.parts = takeApart(asked);
    cell.all = defs;
    reply.problems = cell.parts.problems;
    if (!reply.problems.empty() || !checkTypes(cell, reply)) return reply;
    reply.good = true;
    reply.type = cell.shows_value && !cell.bound.empty() ? cell.bound.back().type : "()";
    return reply;
}

jit::Jit *Engine::load(session::Session &session, std::string &problem) {
    session.passes.poll_loops = true; // an endless loop must see an interruption
    lower::Lowered *program = session.optimise();
    if (!program) return nullptr;
    jit::JitOptions options;
    codegen::Artifact artifact = codegen::generate(program->module, session.sources, options.code, {});
    auto made = jit::Jit::create(options);
    if (!made) return problem = made.error(), nullptr;
    if (auto added = made->add(std::move(artifact)); !added) return problem = added.error(), nullptr;
    code.push_back(std::move(*made));
    return &code.back();
}

bool Engine::compile(Cell &cell, Reply &reply) {
    compose(cell, true);
    cell.session = std::make_unique<session::Session>();
    session::Session &session = *cell.session;
    session.checking.ambient = {session.names.intern(kMutable), session.names.intern(kFixed)};
    session.add(std::string(kComposed), cell.composition.text());
    std::string problem;
    cell.code = load(session, problem);
    reply.problems = render(session, cell.composition) + problem;
    return cell.code != nullptr;
}

bool Engine::execute(Cell &cell, Reply &reply) {
    const pir::Module &module = cell.session->lower()->module;
    const pir::Function *function = exported(module, kCell);
    auto boxed = cell.code->address(std::string(kCell) + ".boxed");
    if (!function || !boxed) return reply.problems = "internal error: the cell has no code", false;
    std::vector<Frame> frames;
    std::vector<bool> kinds;
    for (bool is_mutable : {true, false})
        if (std::ranges::any_of(vars, [&](const Variable &v) { return v.is_mutable == is_mutable; })) kinds.push_back(is_mutable);
    frames.reserve(kinds.size() + 1);
    for (size_t k = 0; k < kinds.size(); ++k) {
        frames.emplace_back(module, structOf(module, function->type(function->params()[k])));
        frames.back().copy(vars, kinds[k], true);
    }
    bool returns = module.types.kind(function->result) == pir::TypeKind::Struct;
    if (returns) frames.emplace_back(module, function->result);
    std::vector<void *> pointers, words;
    for (const Frame &frame : frames) pointers.push_back(frame.bytes());
    for (void *&pointer : pointers) words.push_back(&pointer);
    if (stop_asked) return reply.problems = "stopped\n", false; // while it was compiled
    auto start = std::chrono::steady_clock::now();
    int32_t outcome = reinterpret_cast<Boxed>(*boxed)(words.data());
    reply.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (size_t k = 0; k < kinds.size(); ++k) frames[k].copy(vars, kinds[k], false);
    if (outcome != 0) {
        reply.problems += inCells(par_last_error(), cell.composition) + "\n";
        return false;
    }
    forgetReplaced(cell, reply);
    defs = std::move(cell.all);
    if (returns) commit(cell, frames.back().type, frames.back().bytes(), reply);
    return true;
}

/// Variables whose name the cell binds again, and those of types that it redefines.
void Engine::forgetReplaced(const Cell &cell, Reply &reply) {
    auto mentions = [](const std::string &type, const std::string &name) {
        auto inName = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
        for (size_t at = type.find(name); at != std::string::npos; at = type.find(name, at + 1)) {
            size_t end = at + name.size();
            if ((at == 0 || !inName(type[at - 1])) && (end == type.size() || !inName(type[end]))) return true;
        }
        return false;
    };
    for (Variable &v : vars) {
        bool is_replaced = std::ranges::any_of(cell.bound, [&](const Bound &b) { return b.binding.name == v.name; });
        bool is_stale = std::ranges::any_of(cell.parts.definitions, [&](const Definition &made) {
            return made.is_type && mentions(v.type, made.name) &&
                   std::ranges::any_of(defs, [&](const Definition &old) { return old.key == made.key; });
        });
        if (!is_replaced && !is_stale) continue;
        if (is_stale && !is_replaced) reply.notes.push_back(v.name + " had the old " + v.type + " and is gone");
        drop(v);
    }
    std::erase_if(vars, [](const Variable &v) { return !v.memory; });
}

void Engine::commit(Cell &cell, const pir::Type &values, const uint8_t *result, Reply &reply) {
    const pir::Module &module = cell.session->lower()->module;
    pir::Layouts layouts(module.types);
    pir::TypeId whole = exported(module, kCell)->result;
    for (size_t k = 0; k < cell.bound.size(); ++k) {
        const Bound &b = cell.bound[k];
        Variable v{b.binding.name, b.type, b.binding.is_mutable, b.owns, nullptr, 0};
        v.bytes = static_cast<size_t>(layouts.size(values.parts[k]));
        v.memory = std::make_unique<uint64_t[]>((v.bytes + 8) / 8);
        const uint8_t *at = result + layouts.offset(whole, static_cast<int64_t>(k));
        std::memcpy(v.memory.get(), at, v.bytes);
        if (v.name == kValue) {
            reply.value = show(module.types, values.parts[k], at);
            reply.type = v.type;
        }
        vars.push_back(std::move(v));
    }
}

/// Runs what a value of the type does at its end, in the world that it was made in.
void Engine::drop(Variable &variable) {
    std::unique_ptr<uint64_t[]> memory = std::move(variable.memory);
    if (!variable.owns || !memory) return;
    Composition text;
    for (bool imports : {true, false})
        for (const Definition &definition : defs)
            if (definition.is_import == imports) {
                text.quote(definition.quote);
                text.write("\n");
            }
    text.write(fmt::format("struct __Old {{ {}, old: {} }}\nexport fn __drop(sink old: __Old) {{ _ = old.__a }}\n", kPadding, variable.type));
    session::Session session;
    session.add("drop", text.text());
    std::string problem;
    jit::Jit *loaded = load(session, problem);
    auto boxed = loaded ? loaded->address("__drop.boxed") : std::unexpected(problem);
    if (!boxed) return; // the memory is lost, nothing else
    const pir::Module &module = session.lower()->module;
    const pir::Function *function = exported(module, "__drop");
    pir::TypeId old = structOf(module, function->type(function->params()[0]));
    pir::Layouts layouts(module.types);
    auto frame = std::make_unique<uint64_t[]>(static_cast<size_t>(layouts.size(old) + 7) / 8);
    std::memcpy(reinterpret_cast<uint8_t *>(frame.get()) + layouts.offset(old, kPaddingFields), memory.get(), variable.bytes);
    void *pointer = frame.get();
    void *words[] = {&pointer};
    (void)reinterpret_cast<Boxed>(*boxed)(words);
}

} // namespace parlane::repl
