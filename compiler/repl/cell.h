// A cell on its way through the engine. Internal to this folder.
#pragma once
#include "compiler/repl/engine.h"

namespace parlane::repl {

inline constexpr std::string_view kValue = "it"; ///< what the value of the last expression is called afterwards
inline constexpr std::string_view kComposed = "composed.par"; ///< the file that is compiled
inline constexpr std::string_view kMutable = "__variables", kFixed = "__constants", kCell = "__cell";
/// Makes a struct too large for registers, so that it always comes by address.
inline constexpr std::string_view kPadding = "__a: i64, __b: i64, __c: i64";
inline constexpr size_t kPaddingFields = 3;

/// What a cell binds, with its type as the user would write it.
struct Engine::Bound {
    Binding binding;
    std::string type;
    bool owns = false;
};

struct Engine::Cell {
    const CellText *text = nullptr;
    Parts parts;
    std::vector<Definition> all; ///< as they will stand when the cell is kept
    std::vector<Bound> bound;
    bool shows_value = false;  ///< the expression at the end is bound to `it`
    bool copies_value = false; ///< … as a copy: it names a place that stays
    Composition composition;
    std::unique_ptr<session::Session> session;
    jit::Jit *code = nullptr;
};

} // namespace parlane::repl
