// From an LLVM module to files: text, objects, executables, shared libraries. No compiler and no LLVM tool is called; lld runs in the process.
#pragma once
#include "compiler/codegen/llvm_module.h"

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parlane::backend {

enum class Output : uint8_t { Llvm, Assembly, Object, Executable, Shared, Static };

struct LinkInputs {
    std::vector<std::string> libraries; ///< paths of shared libraries, or names as in `link "z"`
    std::vector<std::string> exports;   ///< symbols of a shared library that stay visible
};

/// Optimises the module (once; the artifact is used up) and writes `path`. Everything goes to a new file beside it that is renamed at the end,
/// so that an error leaves what was there before. `-` is standard output (text and objects only). The error is one sentence.
std::expected<void, std::string> write(codegen::Artifact artifact, Output output, const std::string &path, const LinkInputs &inputs = {});

/// Writes text in the same careful way (generated headers).
std::expected<void, std::string> writeFile(const std::string &path, std::string_view bytes, bool executable = false);

/// An archive of object bytes and the runtime, of which only its C functions can be seen, at `path`.
std::expected<void, std::string> archive(std::string_view object, const std::string &path);

/// Links object bytes with the embedded runtime into an executable or shared library at `path`, by the same rules.
std::expected<void, std::string> link(std::span<const std::string_view> objects, Output output, const std::string &path,
                                      const LinkInputs &inputs);

} // namespace parlane::backend
