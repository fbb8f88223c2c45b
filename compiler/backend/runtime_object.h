// What parc carries to make executables: objects embedded by cmake/runtime.cmake.
#pragma once
#include <string_view>

namespace parlane::backend {

/// The whole runtime, prelinked with what it needs of the C++ library.
std::string_view runtimeObject();
/// `_start` of an executable.
std::string_view startObject();

} // namespace parlane::backend
