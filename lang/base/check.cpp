#include "lang/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace parlane {

void invariantBroken(const char *file, int line, const char *condition, const std::string &message) {
    fmt::print(stderr, "internal error: {}:{}: {} {}\n", file, line, condition, message);
    std::fflush(nullptr);
    std::_Exit(70);
}

} // namespace parlane
