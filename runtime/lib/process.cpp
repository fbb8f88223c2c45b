// Arguments, environment, clocks.
#include "runtime/lib/text.h"
#include "runtime/print.h"
#include "runtime/sched/pool.h"

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <ctime>

using namespace parlane::rt;

extern "C" int32_t par_rt_args(par_ctx *ctx, void *result) {
    Worker &w = workerOf(ctx);
    int64_t count = pool.argc > 1 ? pool.argc - 1 : 0;
    par_array array{nullptr, 0};
    if (count > 0) {
        auto *strings = static_cast<par_str *>(par_rt_alloc(ctx, count * static_cast<int64_t>(sizeof(par_str)), 1));
        if (!strings) return PAR_TRAPPED;
        for (int64_t i = 0; i < count; ++i) {
            const char *text = pool.argv[i + 1];
            if (newText(w, strings + i, text, strlen(text)) == PAR_OK) continue;
            while (i-- > 0) dropText(strings[i]);
            par_rt_free(strings, count * static_cast<int64_t>(sizeof(par_str)));
            return PAR_TRAPPED;
        }
        array = {strings, count};
    }
    memcpy(result, &array, sizeof array);
    return PAR_OK;
}

extern "C" int32_t par_rt_env(par_ctx *ctx, void *result, const void *name) {
    struct Found {
        par_str value;
        uint8_t some;
    } found{};
    Text text = textOf(name);
    char *key = strndup(text.chars(), text.size());
    if (!key) return trapWith(workerOf(ctx), PAR_TRAP_memory, text.length);
    const char *value = getenv(key);
    free(key);
    if (value) {
        if (int32_t o = newText(workerOf(ctx), &found.value, value, strlen(value))) return o;
        found.some = 1;
    }
    memcpy(result, &found, sizeof found);
    return PAR_OK;
}

extern "C" int32_t par_rt_now(par_ctx *, void *result) {
    double seconds = static_cast<double>(nowNs()) * 1e-9;
    memcpy(result, &seconds, sizeof seconds);
    return PAR_OK;
}

extern "C" int32_t par_rt_unix_time(par_ctx *, void *result) {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    double seconds = static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
    memcpy(result, &seconds, sizeof seconds);
    return PAR_OK;
}

extern "C" int32_t par_rt_thread_count(par_ctx *, void *result) {
    int64_t threads = par_rt_threads();
    memcpy(result, &threads, sizeof threads);
    return PAR_OK;
}
