// The engine behind the prompt: compiles cells, runs them in this process, keeps what they define.
//
// A cell is compiled as a function between everything that was defined before. The variables of earlier cells are the
// fields of a parameter of that function, so values stay where they are and types are checked again at every use; what
// the cell binds comes back as its result. Nothing is kept of a cell that does not compile or that fails, except what it
// changed in older variables before it failed.
#pragma once
#include "compiler/repl/parts.h"
#include "compiler/session/session.h"

#include <atomic>
#include <deque>
#include <list>
#include <memory>

namespace parlane::repl {

struct Reply {
    bool good = false;
    std::string value, type; ///< of the expression at the end; empty: there is none, or it is nothing
    std::string problems;    ///< diagnostics, or the failure
    std::vector<std::string> notes;
    double seconds = 0; ///< the run alone
};

struct Variable {
    std::string name, type;
    bool is_mutable = false;
    bool owns = false;                  ///< must be dropped
    std::unique_ptr<uint64_t[]> memory; ///< the value, in native layout
    size_t bytes = 0;
};

/// One prompt. Not thread-safe but for `interrupt`.
class Engine {
public:
    Engine();
    ~Engine();
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    Reply run(std::string text);
    /// The type of an expression, which is not evaluated.
    Reply typeOf(std::string text);
    const std::vector<Variable> &variables() const { return vars; }
    const std::vector<Definition> &definitions() const { return defs; }
    /// Forgets everything.
    void reset();
    /// Ends the cell that is running or compiled, if any. From other threads too.
    void interrupt();

private:
    struct Bound; ///< what a cell binds, with its type
    struct Cell;  ///< one cell on its way

    void compose(Cell &cell, bool values) const;
    void composeVariables(Composition &out) const;
    void learn(Cell &cell, session::Session &session, hir::Program &program, const hir::Body &body) const;
    bool checkTypes(Cell &cell, Reply &reply);
    bool compile(Cell &cell, Reply &reply);
    jit::Jit *load(session::Session &session, std::string &problem);
    bool execute(Cell &cell, Reply &reply);
    void commit(Cell &cell, const pir::Type &values, const uint8_t *result, Reply &reply);
    void forgetReplaced(const Cell &cell, Reply &reply);
    void drop(Variable &variable);
    std::string inCells(std::string text, const Composition &composition) const;
    std::string render(session::Session &session, const Composition &composition) const;

    std::atomic<bool> stop_asked = false;
    std::deque<CellText> cells;
    std::vector<Definition> defs;
    std::vector<Variable> vars;
    std::list<jit::Jit> code; ///< of all cells: texts of values lie in it
};

} // namespace parlane::repl
