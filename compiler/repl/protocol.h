// The engine as a process that speaks JSON, one object a line: for the prompt, notebooks and tests.
//
//   {"cell": "text"}            run a cell
//   {"type": "expression"}      its type
//   {"list": "variables"}       or "definitions"
//   {"reset": true}
//
// Each is answered by any number of {"output": "text"}, what the program prints while it runs, and one last object:
//   {"good": true, "value": "…", "type": "…", "notes": ["…"], "seconds": 0.1}, or {"good": false, "problems": "…"}
//   {"variables": [{"name", "type", "mutable"}]} or {"definitions": ["text"]}
// SIGINT ends the running cell. What is no request is answered by {"good": false, "problems": …}.
#pragma once

namespace parlane::repl {

/// Serves standard input until it ends; returns the exit status.
int serve();

} // namespace parlane::repl
