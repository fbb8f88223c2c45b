// What C hosts of exported functions see: the text of the last failure, and the release of arrays they were given.
#include "parlane/host.h"

#include <string>

namespace {

/// A host asks on the thread that called.
std::string &lastError() {
    static thread_local std::string text;
    return text;
}

} // namespace

extern "C" int32_t par_rt_host_leave(par_ctx *ctx, par_entry *entry, int32_t outcome) {
    if (outcome != PAR_OK) {
        par_str text{};
        lastError() = "stopped";
        if (outcome != PAR_STOPPED && par_rt_fault_render(ctx, &text) == PAR_OK) {
            par_view1 bytes{};
            if (par_rt_str_bytes(ctx, &bytes, &text) == PAR_OK)
                lastError().assign(static_cast<const char *>(bytes.data), static_cast<size_t>(bytes.n));
            par_rt_str_drop(ctx, nullptr, &text);
            while (lastError().ends_with('\n')) lastError().pop_back();
        }
        par_rt_fault_clear(ctx);
    }
    par_rt_leave(ctx, entry);
    return outcome;
}

extern "C" const char *par_last_error(void) { return lastError().c_str(); }

extern "C" void par_free(void *data, int64_t bytes) { par_rt_free(data, bytes); }

extern "C" const char *par_str_text(const par_str *text, int64_t *bytes) {
    par_view1 view{};
    par_rt_str_bytes(nullptr, &view, text);
    *bytes = view.n;
    return static_cast<const char *>(view.data);
}

extern "C" void par_str_free(par_str *text) { par_rt_str_drop(nullptr, nullptr, text); }
