// The symbols are those of the file that cmake/runtime.cmake generates.
#include "compiler/backend/runtime_object.h"

extern "C" {
extern const char parlane_runtime_object[], parlane_runtime_object_end[];
extern const char parlane_start_object[], parlane_start_object_end[];
}

namespace parlane::backend {

std::string_view runtimeObject() { return {parlane_runtime_object, parlane_runtime_object_end}; }
std::string_view startObject() { return {parlane_start_object, parlane_start_object_end}; }

} // namespace parlane::backend
