#include "compiler/session/session.h"

#include "compiler/codegen/codegen.h"
#include "compiler/opt/outline.h"
#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"
#include "compiler/vectorize/vectorize.h"
#include "lang/parse/parse.h"

#include <filesystem>

namespace parlane::session {

std::optional<source::FileId> Session::load(const std::string &path) {
    auto file = sources.load(path);
    if (!file) {
        emitter.report(diag::Code::CannotRead, {}, file.error());
        return std::nullopt;
    }
    if (root_files.empty()) modules.root_folder = std::filesystem::path(path).parent_path().string();
    root_files.push_back(*file);
    return *file;
}

source::FileId Session::add(std::string path, std::string text) {
    source::FileId file = sources.add(std::move(path), std::move(text));
    root_files.push_back(file);
    return file;
}

ast::Ast Session::parse(source::FileId file) {
    return timed("parse", [&] { return parse::parse(sources, file, names, emitter); });
}

hir::Program *Session::check() {
    if (!program && !emitter.hasErrors())
        program = timed("check", [&] { return check::check(sources, names, modules, root_files, emitter, checking); });
    return program && !emitter.hasErrors() ? &*program : nullptr;
}

const access::Proofs *Session::prove() {
    hir::Program *checked = check();
    if (checked && !proofs) proofs = timed("access", [&] { return access::access(*checked, names, emitter); });
    return proofs && !emitter.hasErrors() ? &*proofs : nullptr;
}

lower::Lowered *Session::lower() {
    if (!lowered && prove()) {
        lowered = timed("lower", [&] { return lower::lower(*program, *proofs, names, emitter); });
        if (emitter.hasErrors() || !verified("lower")) return nullptr;
    }
    return lowered && !emitter.hasErrors() ? &*lowered : nullptr;
}

bool Session::runPasses() {
    dumpAfter("lower");
    lowered->module.poll_loops = passes.poll_loops;
    std::vector<std::string> complaints = timed("passes", [&] { return opt::runPasses(lowered->module, passes); });
    for (const std::string &complaint : complaints) emitter.report(diag::Code::InternalError, {}, complaint);
    return !emitter.hasErrors() && onLanes();
}

lower::Lowered *Session::optimise() {
    if (!lower() || optimised) return optimised && !emitter.hasErrors() ? &*lowered : nullptr;
    optimised = true;
    if (!runPasses()) return nullptr;
    timed("outline", [&] {
        opt::outline(lowered->module);
        return 0;
    });
    if (!verified("outline")) return nullptr;
    dumpAfter("outline");
    return &*lowered;
}

lower::Lowered *Session::optimiseForInterpreter() {
    if (!lower() || optimised || !runPasses()) return nullptr;
    optimised = true;
    opt::callLanes(lowered->module);
    dumpAfter("outline");
    return &*lowered;
}

/// Iterations become lanes; a `simd par for` that stays scalar is an error.
bool Session::onLanes() {
    if (!passes.stop_after.empty() && passes.stop_after != "vectorize") return true;
    auto start = std::chrono::steady_clock::now();
    loops = timed("vectorize", [&] { return vectorize::vectorize(lowered->module, lanes); });
    if (passes.timed) passes.timed("vectorize", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    dumpAfter("vectorize");
    if (!verified("vectorize")) return false;
    for (const vectorize::Miss &miss : vectorize::missedContracts(lowered->module, loops)) {
        const source::Span loop = lowered->module.locations[miss.loop].span;
        const source::Span at = miss.at.valid() ? lowered->module.locations[miss.at].span : loop;
        auto report = emitter.report(diag::Code::SimdNotPossible, at, miss.what);
        if (at != loop) report.label(loop, "this loop promises lanes");
        report.why("`simd par for` is a contract: on vector lanes or not at all; without `simd` the loop runs on threads");
    }
    return !emitter.hasErrors();
}

void Session::dumpAfter(std::string_view stage) {
    for (const std::string &name : passes.dump_after)
        if ((name == stage || name == "all") && passes.dump) passes.dump(stage, pir::print(lowered->module));
}

codegen::Artifact Session::generate(const codegen::Options &options, pir::FunctionId main) {
    std::vector<codegen::Entry> entries;
    if (main.valid()) entries.push_back({main, "parlane_program", true});
    return timed("codegen", [&] { return codegen::generate(lowered->module, sources, options, entries); });
}

std::expected<std::vector<par_main>, std::string> Session::compile(const codegen::Options &options,
                                                                   std::span<const pir::FunctionId> functions) {
    std::vector<codegen::Entry> entries;
    for (pir::FunctionId function : functions) entries.push_back({function, fmt::format("parlane_entry_{}", entries.size())});
    codegen::Artifact artifact =
        timed("codegen", [&] { return codegen::generate(lowered->module, sources, options, entries); });
    return timed("jit", [&]() -> std::expected<std::vector<par_main>, std::string> {
        auto made = jit::Jit::create({options, {}});
        if (!made) return std::unexpected(made.error());
        jit = std::move(*made);
        if (auto added = jit->add(std::move(artifact)); !added) return std::unexpected(added.error());
        std::vector<par_main> found;
        for (const codegen::Entry &entry : entries) {
            auto address = jit->address(entry.symbol);
            if (!address) return std::unexpected(address.error());
            found.push_back(reinterpret_cast<par_main>(*address));
        }
        return found;
    });
}

bool Session::verified(const char *stage) {
    for (const std::string &complaint : pir::verify(lowered->module))
        emitter.report(diag::Code::InternalError, {}, fmt::format("Pir is broken after {}: {}", stage, complaint));
    return !emitter.hasErrors();
}

} // namespace parlane::session
