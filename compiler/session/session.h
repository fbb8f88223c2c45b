// One compilation: owns the text, the names and the diagnostics, and has one function a stage. Two sessions may run in
// two threads; one session belongs to one thread.
//
// A stage runs those in front of it that have not run, once. Its result is null when something has been reported as an
// error; the emitter then says what.
#pragma once
#include "compiler/codegen/options.h"
#include "compiler/jit/jit.h"
#include "compiler/lower/lower.h"
#include "compiler/opt/pass.h"
#include "compiler/session/library.h"
#include "compiler/vectorize/vectorize.h"
#include "lang/access/proofs.h"
#include "lang/ast/ast.h"
#include "lang/base/interner.h"
#include "lang/check/check.h"
#include "lang/diag/emitter.h"
#include "lang/source/source_map.h"
#include "runtime/include/parlane/runtime.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace parlane::session {

/// How long a stage took, for `--time`.
struct StageTime {
    std::string name;
    double seconds = 0;
};

class Session {
public:
    /// Adds a root file: read from disk (H4001 if it cannot be), or from memory.
    std::optional<source::FileId> load(const std::string &path);
    source::FileId add(std::string path, std::string text);

    /// The tree of one file, for the tools that work on what was written.
    ast::Ast parse(source::FileId file);
    /// The checked program: names bound, types known.
    hir::Program *check();
    /// No race, no aliasing, no use after move: from here on the program is legal.
    const access::Proofs *prove();
    /// Pir of level 0, verified.
    lower::Lowered *lower();
    /// The same, ready for code generation (level 4), verified at every pass border.
    lower::Lowered *optimise();
    /// The same for the interpreter: loops that run on lanes do so, the other constructs are as they were.
    lower::Lowered *optimiseForInterpreter();
    /// LLVM's module with `main` (if valid) as C's main.
    codegen::Artifact generate(const codegen::Options &options, pir::FunctionId main);
    /// Loads the program into this process; the addresses of `functions`, which take no parameters. The code lives as
    /// long as the session. The error is one sentence.
    std::expected<std::vector<par_main>, std::string> compile(const codegen::Options &options,
                                                              std::span<const pir::FunctionId> functions);

    const std::vector<source::FileId> &roots() const { return root_files; }
    const std::vector<StageTime> &times() const { return stage_times; }

    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
    check::Options checking;
    opt::PassOptions passes; ///< dumps, timing and what is left out
    vectorize::Options lanes;
    std::vector<opt::Verdict> loops; ///< what became of each parallel construct, after `optimise`

private:
    /// Runs `work` and notes how long it took.
    template <class Work> auto timed(const char *name, Work work) {
        auto start = std::chrono::steady_clock::now();
        struct Note {
            std::vector<StageTime> &times;
            const char *name;
            std::chrono::steady_clock::time_point start;
            ~Note() {
                std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
                times.push_back({name, took.count()});
            }
        } note{stage_times, name, start};
        return work();
    }

    /// Complaints about broken invariants become I9002.
    bool verified(const char *stage);
    bool runPasses();
    bool onLanes();
    void dumpAfter(std::string_view stage);

    std::vector<source::FileId> root_files;
    std::vector<StageTime> stage_times;
    Modules modules;
    std::optional<hir::Program> program;
    std::optional<access::Proofs> proofs;
    std::optional<lower::Lowered> lowered;
    std::optional<jit::Jit> jit;
    bool optimised = false;
};

} // namespace parlane::session
