// Values of a running program as text, read from native memory.
#pragma once
#include "compiler/pir/layout.h"

#include <string>

namespace parlane::repl {

/// The value of a type of `types` at `value`: as a literal where there is one; long arrays by shape, ends, smallest,
/// mean and largest number. The memory must hold a value that lives.
std::string show(const pir::Types &types, pir::TypeId type, const void *value);

} // namespace parlane::repl
