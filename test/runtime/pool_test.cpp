// Threads of hosts, interruption, counters, memory in the steady state, fork.
#include "test/runtime/harness.h"

#include <algorithm>
#include <cstdlib>
#include <sys/wait.h>
#include <thread>

namespace {
std::atomic<int64_t> allocations{0};
} // namespace

// The C library's allocator, counted. Everything the runtime allocates comes through these.
extern "C" void *__libc_malloc(size_t);
extern "C" void *__libc_memalign(size_t, size_t);
#if !defined(__has_feature)
#define __has_feature(x) 0
#endif
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define COUNTS_ALLOCATIONS 1
extern "C" void *malloc(size_t bytes) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_malloc(bytes);
}
extern "C" void *aligned_alloc(size_t alignment, size_t bytes) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_memalign(alignment, bytes);
}
#else
#define COUNTS_ALLOCATIONS 0
#endif

namespace parlane::rt::test {

namespace {

constexpr par_site kLoop = siteAt(30, "par for", "i"), kForks[] = {siteAt(31, "invoke"), siteAt(32, "invoke")};

int32_t tree(par_ctx *ctx, int depth, std::atomic<int64_t> &leaves) {
    if (depth == 0) {
        burn(200);
        leaves.fetch_add(1);
        return PAR_OK;
    }
    auto half = [&](par_ctx *c) { return tree(c, depth - 1, leaves); };
    return invoke2(ctx, &kForks[0], half, half);
}

TEST(Pool, threads_of_a_host_enter_at_the_same_time_and_again) {
    std::atomic<int64_t> leaves{0};
    std::vector<std::thread> hosts;
    for (int t = 0; t < 4; ++t)
        hosts.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                Entered ctx;
                Entered nested;
                EXPECT_EQ(static_cast<par_ctx *>(ctx), static_cast<par_ctx *>(nested));
                EXPECT_EQ(tree(ctx, 5, leaves), PAR_OK);
            }
        });
    for (auto &host : hosts) host.join();
    EXPECT_EQ(leaves, 4 * 20 * 32);
}

TEST(Pool, an_interruption_ends_an_endless_loop_on_every_worker) {
    Entered ctx;
    std::thread other([] {
        burn(20'000'000);
        par_rt_interrupt();
    });
    auto endless = [](par_ctx *c, int64_t) -> int32_t {
        for (;;)
            if (int32_t o = par_fast_poll(c)) return o;
    };
    EXPECT_EQ(parFor(ctx, &kLoop, 8, endless), PAR_STOPPED);
    other.join();
    par_rt_interrupt_clear();
    EXPECT_EQ(parFor(ctx, &kLoop, 8, [](par_ctx *, int64_t) -> int32_t { return PAR_OK; }), PAR_OK);
}

TEST(Pool, a_failure_stops_what_runs_behind_it_at_its_next_poll) {
    Entered ctx;
    auto body = [](par_ctx *c, int64_t i) -> int32_t {
        if (i == 0) {
            burn(2'000'000);
            return throwNumber(c, 0);
        }
        for (;;) // only a stop ends this; serially it is never reached
            if (int32_t o = par_fast_poll(c)) return o;
    };
    EXPECT_EQ(parFor(ctx, &kLoop, 2, body), PAR_THROWN);
    EXPECT_EQ(caught(ctx), "e0");
}

std::string statsText(par_ctx *ctx) {
    par_str text{};
    EXPECT_EQ(par_rt_stats(ctx, &text), PAR_OK);
    std::string json = toString(text);
    par_rt_str_drop(ctx, nullptr, &text);
    return json;
}

/// The number behind `"name": ` in the object of this line of the source.
int64_t statOf(const std::string &json, uint32_t line, const char *name) {
    size_t at = json.find("\"line\": " + std::to_string(line) + ",");
    if (at == std::string::npos) return -1;
    at = json.find(std::string("\"") + name + "\": ", at);
    return at == std::string::npos ? -1 : atoll(json.c_str() + at + strlen(name) + 4);
}

constexpr par_site kDepths[6] = {siteAt(41, "par for", "i"), siteAt(42, "invoke"), siteAt(43, "pipeline"),
                                 siteAt(44, "reduce"),       siteAt(45, "first"),  siteAt(46, "par for", "j")};

int32_t level(par_ctx *ctx, size_t depth);

int32_t countStrip(par_ctx *ctx, void *, int64_t lo, int64_t hi, void *acc) {
    for (int64_t i = lo; i < hi; ++i)
        if (int32_t o = level(ctx, 4)) return o;
    *static_cast<int64_t *>(acc) += hi - lo;
    return PAR_OK;
}

int32_t searchStrip(par_ctx *ctx, void *, int64_t lo, int64_t hi, void *) {
    for (int64_t i = lo; i < hi; ++i)
        if (int32_t o = level(ctx, 5)) return o;
    return PAR_OK;
}

int32_t pipeAt(par_ctx *ctx) {
    static constexpr uint8_t kinds[] = {PAR_STAGE_PARALLEL};
    static int32_t (*const stages[])(par_ctx *, void *, void *) = {
        [](par_ctx *c, void *, void *) { return level(c, 3); }};
    static constexpr par_pipe pipe = {
        &kDepths[2], 1, 8, kinds,
        [](par_ctx *, void *left, void *) -> int32_t { return (*static_cast<int *>(left))-- > 0 ? PAR_OK : PAR_DONE; },
        stages, nullptr};
    int left = 3;
    return par_rt_pipeline(ctx, &pipe, &left, 0);
}

/// A different form at each depth.
int32_t level(par_ctx *ctx, size_t depth) {
    par_loop loop{};
    loop.site = &kDepths[depth < 6 ? depth : 0];
    loop.block = 1;
    loop.acc_size = 16;
    int64_t result[2] = {};
    auto next = [depth](par_ctx *c, int64_t) { return level(c, depth + 1); };
    switch (depth) {
    case 0:
    case 5: return parFor(ctx, loop.site, 3, next);
    case 1: return invokeN(ctx, loop.site, 3, [&](par_ctx *c, int32_t k) { return next(c, k); });
    case 2: return pipeAt(ctx);
    case 3:
        loop.strip = countStrip;
        loop.combine = [](par_ctx *, void *, void *left, void *right) -> int32_t {
            *static_cast<int64_t *>(left) += *static_cast<int64_t *>(right);
            return PAR_OK;
        };
        return par_rt_fold(ctx, &loop, nullptr, 3, result);
    case 4: loop.strip = searchStrip; return par_rt_first(ctx, &loop, nullptr, 3, result);
    default: burn(20'000); return PAR_OK;
    }
}

TEST(Pool, when_everything_is_stolen_two_workers_take_part_in_every_form_at_every_depth) {
    const char *schedule = getenv("PARLANE_SCHED");
    if (!schedule || strcmp(schedule, "steal-always") != 0 || par_rt_threads() < 2) GTEST_SKIP();
    Entered ctx;
    std::string json;
    auto isShared = [&](const par_site &site) {
        return statOf(json, site.line, "workers") >= 2 && statOf(json, site.line, "steals") >= 1;
    };
    // Counters add up over runs; on a busy machine the other threads may come late to the first ones.
    for (int round = 0; round < 20; ++round) {
        ASSERT_EQ(level(ctx, 0), PAR_OK);
        json = statsText(ctx);
        if (std::all_of(std::begin(kDepths), std::end(kDepths), isShared)) break;
    }
    for (auto &site : kDepths) {
        EXPECT_GE(statOf(json, site.line, "workers"), 2) << site.construct << "\n" << json;
        EXPECT_GE(statOf(json, site.line, "steals"), 1) << site.construct;
    }
}

TEST(Pool, nothing_is_allocated_once_the_pool_is_warm) {
    if (!COUNTS_ALLOCATIONS) GTEST_SKIP();
    Entered ctx;
    std::atomic<int64_t> leaves{0};
    auto work = [&] {
        ASSERT_EQ(tree(ctx, 8, leaves), PAR_OK);
        auto body = [&](par_ctx *, int64_t) -> int32_t { return burn(1000), PAR_OK; };
        ASSERT_EQ(parFor(ctx, &kLoop, 200, body), PAR_OK);
    };
    // Segments and regions go to free lists; a thread that meets more of them at once than ever before adds a few.
    // That comes to an end: some stretch of rounds allocates nothing at all.
    int64_t in_stretch = 1;
    for (int stretch = 0; stretch < 50 && in_stretch > 0; ++stretch) {
        int64_t before = allocations;
        for (int round = 0; round < 20; ++round) work();
        in_stretch = allocations - before;
    }
    EXPECT_EQ(in_stretch, 0);
}

TEST(Pool, a_forked_child_computes_with_a_pool_of_its_own) {
    std::atomic<int64_t> leaves{0};
    {
        Entered ctx;
        ASSERT_EQ(tree(ctx, 7, leaves), PAR_OK);
    }
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        std::atomic<int64_t> own{0};
        Entered ctx;
        int32_t o = tree(ctx, 9, own);
        _exit(o == PAR_OK && own == 512 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

} // namespace

} // namespace parlane::rt::test
