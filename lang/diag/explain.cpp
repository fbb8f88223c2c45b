#include "lang/diag/explain.h"

#include <algorithm>
#include <span>

namespace parlane::diag {

namespace {

struct Page {
    const char *code;
    const char *text;
    uint64_t size;
};

} // namespace

// Generated from lang/diag/explain by cmake/explain.cmake.
extern "C" const Page parlane_explain_table[];
extern "C" const uint64_t parlane_explain_count;

std::string_view explanation(Code code) {
    std::span<const Page> pages(parlane_explain_table, parlane_explain_count);
    auto found =
        std::ranges::lower_bound(pages, info(code).code, {}, [](const Page &p) { return std::string_view(p.code); });
    if (found == pages.end() || found->code != info(code).code) return {};
    return {found->text, found->size};
}

} // namespace parlane::diag
