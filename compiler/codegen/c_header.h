// The C declarations of a module's exports.
#pragma once
#include "compiler/pir/pir.h"

#include <string>

namespace parlane::codegen {

/// A header that C11 and C++ read. `name` becomes the include guard. Structs come in order of use, functions in order of the module.
std::string cHeader(const pir::Module &module, std::string_view name);

} // namespace parlane::codegen
