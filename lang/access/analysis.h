// What the walks over all functions of a program share. Internal to lang/access.
#pragma once
#include "lang/access/conflict.h"
#include "lang/access/proofs.h"
#include "lang/base/interner.h"
#include "lang/diag/emitter.h"

namespace parlane::access {

/// What a call of a function touches, in terms of its parameters.
struct Summary {
    enum class State : uint8_t { New, Open, Ready };
    State state = State::New;
    bool whole = false;           ///< nothing finer is known: all of each parameter, as its mode says
    std::vector<Access> accesses; ///< rooted in parameters; conditions of their paths are among the facts of the places
    /// A symbol that stands for an integer parameter (`dim` < 0) or for an extent of an array parameter.
    struct Input {
        SymbolId symbol;
        uint32_t param = 0;
        int dim = -1;
    };
    std::vector<Input> inputs;
    /// A symbol that stands for a field of a parameter, or for an extent of one, as it was when the function was entered.
    struct Part {
        SymbolId symbol;
        uint32_t param = 0;
        std::vector<uint32_t> path;
        int dim = -1;
    };
    std::vector<Part> parts;
    Birth mark = 0; ///< later symbols are the callee's own
    TermId result;  ///< of an integer function without effects, if it is a term
    std::vector<bool> runs_in_parallel; ///< by parameter: a closure that is called inside a parallel construct
};

struct Analysis {
    Analysis(hir::Program &program, const Interner &names, diag::Emitter &emitter)
        : program(program), types(program.types), names(names), emitter(emitter), summaries(program.functions.size()),
          effects(program.functions.size()) {}

    hir::Program &program;
    types::TypeStore &types;
    const Interner &names;
    diag::Emitter &emitter;
    TermStore terms;
    Solver solver;
    std::vector<Summary> summaries; ///< by FunctionId
    std::vector<Effects> effects;   ///< by FunctionId
    Proofs proofs;

    /// The summary of a function; proves it first. Of one that is being proved (recursion): nothing finer than its modes.
    const Summary &summary(hir::FunctionId id);
};

/// Effects of every function, over all calls.
void inferEffects(Analysis &analysis);

} // namespace parlane::access
