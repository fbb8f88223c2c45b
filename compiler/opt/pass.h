// The list of passes on Pir, and running them by name.
#pragma once
#include "compiler/pir/pir.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace parlane::opt {

struct PassInfo {
    std::string_view name;
    void (*run)(pir::Module &module);
    int level; ///< of every function afterwards; -1: as before
};

/// In order of the pipeline.
std::span<const PassInfo> passes();
const PassInfo *passNamed(std::string_view name);

struct PassOptions {
    bool verify = true;
    bool poll_loops = false;                                            ///< polls at back edges of all loops (deadlines, Ctrl-C)
    std::string stop_after;                                             ///< name of the last pass; empty: all
    std::vector<std::string> skip;                                      ///< names of passes to leave out
    std::vector<std::string> dump_after;                                ///< names
    std::function<void(std::string_view pass, const std::string &text)> dump;
    std::function<void(std::string_view pass, double seconds)> timed;
};

/// Runs one pass with timing, verification and dump. Gives the verifier's complaints (broken invariants: an internal error); empty if fine.
std::vector<std::string> runPass(pir::Module &module, const PassInfo &pass, const PassOptions &options = {});
/// Runs the whole list, or a list of names separated by commas. Stops at the first complaint; an unknown name is one.
std::vector<std::string> runPasses(pir::Module &module, const PassOptions &options = {});
std::vector<std::string> runPassList(pir::Module &module, std::string_view names, const PassOptions &options = {});

#define PASS(name, function, level) void function(pir::Module &module);
#include "compiler/opt/passes.def"

/// `split_slots` and `simplify` for one function.
void splitSlotsOf(pir::Module &module, pir::FunctionId id);
void simplifyFunction(pir::Module &module, pir::FunctionId id);

} // namespace parlane::opt
