// Runs generated code in this process.
#pragma once
#include "compiler/codegen/llvm_module.h"

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parlane::jit {

struct JitOptions {
    codegen::Options code;
    std::vector<std::string> libraries; ///< shared libraries whose functions `call.c` may name
};

/// One set of loaded modules. Movable. Code lives as long as this does; nothing of it may run when it is destroyed. The
/// runtime's functions are those linked into this program.
class Jit {
public:
    static std::expected<Jit, std::string> create(const JitOptions &options);
    Jit(Jit &&) noexcept;
    Jit &operator=(Jit &&) noexcept;
    ~Jit();

    /// Hands a module over; it is optimised and compiled when one of its symbols is first asked for.
    std::expected<void, std::string> add(codegen::Artifact artifact);
    /// The error is a sentence, with the names of missing functions.
    std::expected<void *, std::string> address(std::string_view symbol);

private:
    struct Impl;
    explicit Jit(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl;
};

/// Function `name` of the runtime, for generated code and the interpreter. Null if there is none.
void *runtimeFunction(std::string_view name);

} // namespace parlane::jit
