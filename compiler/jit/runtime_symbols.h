// The runtime's functions that are linked into this program, by name.
#pragma once
#include <span>

namespace parlane::jit {

struct RuntimeSymbol {
    const char *name;
    void *address;
};

/// Sorted by name.
std::span<const RuntimeSymbol> runtimeSymbols();

} // namespace parlane::jit
