// Broken invariants of our own. User errors are diagnostics (lang/diag), never these.
#pragma once
#include <fmt/core.h>
#include <string>

namespace parlane {

/// Prints the message with its place and ends the process with status 70.
[[noreturn]] void invariantBroken(const char *file, int line, const char *condition, const std::string &message);

} // namespace parlane

/// Dies with a message (fmt syntax) when an invariant of ours does not hold. Stays on in release builds.
#define PAR_CHECK(condition, ...)                                                                                      \
    do {                                                                                                               \
        if (!(condition)) [[unlikely]]                                                                                 \
            ::parlane::invariantBroken(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__));                 \
    } while (0)

#define PAR_UNREACHABLE(...)                                                                                           \
    ::parlane::invariantBroken(__FILE__, __LINE__, "unreachable", ::fmt::format("" __VA_ARGS__))

#ifdef NDEBUG
#define PAR_DCHECK(condition, ...) ((void)0)
#else
#define PAR_DCHECK(condition, ...) PAR_CHECK(condition, __VA_ARGS__)
#endif
