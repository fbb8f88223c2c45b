// A module through which Python calls an exported function of a shared library.
#pragma once
#include "compiler/pir/pir.h"

#include <string>

namespace parlane::codegen {

/// Text of a module that loads `library`, a file in its own folder. NumPy arrays and other buffers are passed without
/// copies, after element type, rank, contiguity and writability have been checked; arrays that come back release their
/// memory when Python forgets them. `source` is what the module says it was made of.
std::string pythonModule(const pir::Module &module, std::string_view library, std::string_view source);

} // namespace parlane::codegen
