// `parc repl`: reads cells from a terminal or a file and shows what becomes of them. The engine is a process of its own,
// so that nothing a cell does ends the prompt.
#pragma once
#include <string>

namespace parlane::repl {

/// `program`: the path of parc itself, which is started again as the engine. Returns the exit status.
int prompt(const std::string &program);

} // namespace parlane::repl
