// What the user may choose about generated code.
#pragma once
#include <cstdint>
#include <string>

namespace parlane::codegen {

/// Lowest CPU the code runs on. V3 is x86-64-v3 (AVX2, FMA), V4 adds AVX-512, Native is this machine (never below V3).
enum class Cpu : uint8_t { V3, V4, Native };

struct Options {
    Cpu cpu = Cpu::Native;
    uint8_t level = 2;       ///< 0 and 1: light pipeline, 2 and 3: LLVM's -O3
    bool debug = false;      ///< DWARF: variables and lines; lines alone are always there
    bool pic = true;         ///< position independent (executables, shared libraries); the JIT does not care
    bool verify = true;      ///< run LLVM's verifier on what was generated
};

} // namespace parlane::codegen
