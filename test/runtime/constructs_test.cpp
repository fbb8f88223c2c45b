#include "test/runtime/harness.h"

#include <atomic>
#include <chrono>
#include <numeric>

namespace parlane::rt::test {

void burn(int64_t ns) {
    auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(ns);
    while (std::chrono::steady_clock::now() < until) {}
}

namespace {

constexpr par_site kFor = siteAt(1, "par for", "i"), kInvoke = siteAt(3, "invoke");

TEST(Constructs, a_loop_runs_every_iteration_once) {
    Entered ctx;
    for (int64_t n : {0, 1, 2, 3, 10, 1000, 100000}) {
        std::vector<int> hits(static_cast<size_t>(n));
        auto body = [&](par_ctx *, int64_t i) { return ++hits[static_cast<size_t>(i)], PAR_OK; };
        ASSERT_EQ(parFor(ctx, &kFor, n, body), PAR_OK);
        for (int h : hits) ASSERT_EQ(h, 1);
    }
}

TEST(Constructs, the_error_of_a_loop_is_that_of_the_smallest_iteration_and_all_before_it_completed) {
    Entered ctx;
    for (int round = 0; round < 50; ++round) {
        std::vector<std::atomic<int>> done(2000);
        auto body = [&](par_ctx *c, int64_t i) -> int32_t {
            if (i % 700 == 699) return throwNumber(c, i);
            if (i % 100 == 0) burn(2000);
            done[static_cast<size_t>(i)] = 1;
            return PAR_OK;
        };
        ASSERT_EQ(parFor(ctx, &kFor, 2000, body), PAR_THROWN);
        ASSERT_EQ(ctx->fault->index_count, 1u);
        EXPECT_EQ(ctx->fault->indices[0].value, 699);
        EXPECT_EQ(caught(ctx), "e699");
        for (size_t i = 0; i < 699; ++i) ASSERT_EQ(done[i], 1) << i;
    }
}

int64_t serialFib(int64_t n) { return n < 2 ? n : serialFib(n - 1) + serialFib(n - 2); }

int32_t fib(par_ctx *ctx, int64_t n, int64_t &result) {
    if (n < 2) {
        result = n;
        return PAR_OK;
    }
    int64_t l = 0, r = 0;
    int32_t o = invoke2(
        ctx, &kInvoke, [&](par_ctx *c) { return fib(c, n - 1, l); }, [&](par_ctx *c) { return fib(c, n - 2, r); });
    result = l + r;
    return o;
}

TEST(Constructs, recursive_invokes_compute_fibonacci_numbers) {
    Entered ctx;
    for (int64_t n : {1, 2, 5, 18, 22}) {
        int64_t result = 0;
        ASSERT_EQ(fib(ctx, n, result), PAR_OK);
        EXPECT_EQ(result, serialFib(n));
    }
}

TEST(Constructs, all_branches_of_an_invoke_run_and_the_smallest_failing_one_wins) {
    Entered ctx;
    for (int round = 0; round < 200; ++round) {
        std::atomic<int> ran{0};
        auto good = [&](par_ctx *, int32_t k) -> int32_t { return ran += 1 << k, PAR_OK; };
        ASSERT_EQ(invokeN(ctx, &kInvoke, 5, good), PAR_OK);
        ASSERT_EQ(ran, 31);
        auto bad = [&](par_ctx *c, int32_t k) -> int32_t { return k % 2 ? throwNumber(c, k) : PAR_OK; };
        ASSERT_EQ(invokeN(ctx, &kInvoke, 6, bad), PAR_THROWN);
        ASSERT_EQ(caught(ctx), "e1");
    }
}

/// A sum in f64 that depends on the order: the tree of the language over leaves of `block`.
double treeSum(const std::vector<double> &leaves, size_t lo, size_t hi) {
    if (hi - lo == 1) return leaves[lo];
    size_t half = 1;
    while (half * 2 < hi - lo) half *= 2;
    return treeSum(leaves, lo, lo + half) + treeSum(leaves, lo + half, hi);
}

struct alignas(16) SumAcc {
    double value, unused;
};

double value(int64_t i) { return 1.0 / static_cast<double>(i * i % 1013 + 1); }

int32_t sumStrip(par_ctx *ctx, void *env, int64_t lo, int64_t hi, void *acc) {
    int64_t fail = *static_cast<int64_t *>(env);
    double sum = 0;
    for (int64_t i = lo; i < hi; ++i) {
        if (fail >= 0 && i >= fail && i % 97 == fail % 97) return throwNumber(ctx, i);
        sum += value(i);
    }
    static_cast<SumAcc *>(acc)->value = sum;
    return PAR_OK;
}

int32_t addAccs(par_ctx *, void *, void *left, void *right) {
    static_cast<SumAcc *>(left)->value += static_cast<SumAcc *>(right)->value;
    return PAR_OK;
}

TEST(Constructs, folds_have_the_bits_of_the_tree) {
    Entered ctx;
    par_loop loop{};
    loop.site = &kFor;
    loop.block = 64;
    loop.acc_size = sizeof(SumAcc);
    loop.strip = sumStrip;
    loop.combine = addAccs;
    for (int64_t n : {1, 63, 64, 65, 640, 6400, 64 * 77 + 3, 64 * 5000 + 1}) {
        std::vector<double> leaves;
        for (int64_t lo = 0; lo < n; lo += 64) {
            double sum = 0;
            for (int64_t i = lo; i < std::min(n, lo + 64); ++i) sum += value(i);
            leaves.push_back(sum);
        }
        SumAcc result{};
        int64_t fail = -1;
        ASSERT_EQ(par_rt_fold(ctx, &loop, &fail, n, &result), PAR_OK);
        EXPECT_EQ(result.value, treeSum(leaves, 0, leaves.size())) << n;
        if (n < 200) continue;
        fail = n / 2;
        ASSERT_EQ(par_rt_fold(ctx, &loop, &fail, n, &result), PAR_THROWN);
        EXPECT_EQ(caught(ctx), "e" + std::to_string(fail));
    }
    SumAcc nothing{1, 1};
    int64_t fail = -1;
    ASSERT_EQ(par_rt_fold(ctx, &loop, &fail, 0, &nothing), PAR_OK);
    EXPECT_EQ(nothing.value, 0);
}

TEST(Constructs, a_combination_that_fails_is_behind_what_its_right_part_printed) {
    constexpr int64_t kN = 8;
    par_loop loop{};
    loop.site = &kFor;
    loop.block = 1;
    loop.acc_size = 16;
    loop.strip = [](par_ctx *c, void *, int64_t lo, int64_t, void *acc) -> int32_t {
        if (lo == 0) burn(300'000); // whoever computes the leftmost leaf comes last and combines
        std::string text = std::to_string(lo);
        par_str s = literal(text.c_str());
        *static_cast<int64_t *>(acc) = 1;
        return par_rt_print(c, nullptr, &s);
    };
    loop.combine = [](par_ctx *c, void *, void *left, void *right) -> int32_t {
        *static_cast<int64_t *>(left) += *static_cast<int64_t *>(right);
        return *static_cast<int64_t *>(left) == kN ? throwNumber(c, 1) : int32_t{PAR_OK};
    };
    for (int round = 0; round < 20; ++round) {
        Captured captured;
        {
            Entered ctx;
            int64_t sum[2] = {};
            ASSERT_EQ(par_rt_fold(ctx, &loop, nullptr, kN, sum), PAR_THROWN);
            EXPECT_EQ(caught(ctx), "e1");
        }
        ASSERT_EQ(captured.text(), "0\n1\n2\n3\n4\n5\n6\n7\n");
    }
}

TEST(Constructs, a_histogram_needs_one_accumulator_a_worker) {
    Entered ctx;
    struct alignas(16) Histogram {
        int64_t count[256];
    };
    par_loop loop{};
    loop.site = &kFor;
    loop.block = 1000;
    loop.flags = PAR_LOOP_ANY_ORDER;
    loop.acc_size = sizeof(Histogram);
    loop.strip = [](par_ctx *, void *, int64_t lo, int64_t hi, void *acc) -> int32_t {
        for (int64_t i = lo; i < hi; ++i) ++static_cast<Histogram *>(acc)->count[i * i % 256];
        return PAR_OK;
    };
    loop.combine = [](par_ctx *, void *, void *left, void *right) -> int32_t {
        auto &l = *static_cast<Histogram *>(left), &r = *static_cast<Histogram *>(right);
        for (int k = 0; k < 256; ++k) l.count[k] += r.count[k];
        return PAR_OK;
    };
    Histogram result{}, expected{};
    for (int64_t i = 0; i < 200000; ++i) ++expected.count[i * i % 256];
    ASSERT_EQ(par_rt_fold(ctx, &loop, nullptr, 200000, &result), PAR_OK);
    EXPECT_EQ(memcmp(&result, &expected, sizeof result), 0);
}

TEST(Constructs, few_dear_values_of_one_block_are_computed_apart_and_folded_in_order) {
    Entered ctx;
    par_loop loop{};
    loop.site = &kFor;
    loop.block = 4096;
    loop.acc_size = sizeof(SumAcc);
    loop.value_size = sizeof(double);
    loop.strip = sumStrip;
    loop.combine = addAccs;
    loop.values = [](par_ctx *, void *, int64_t lo, int64_t hi, void *values) -> int32_t {
        for (int64_t i = lo; i < hi; ++i) {
            burn(20000);
            static_cast<double *>(values)[i - lo] = value(i);
        }
        return PAR_OK;
    };
    loop.fold_values = [](par_ctx *, void *, const void *values, int64_t count, void *acc) -> int32_t {
        double sum = 0;
        for (int64_t i = 0; i < count; ++i) sum += static_cast<const double *>(values)[i];
        static_cast<SumAcc *>(acc)->value = sum;
        return PAR_OK;
    };
    SumAcc result{};
    int64_t fail = -1;
    ASSERT_EQ(par_rt_fold(ctx, &loop, &fail, 100, &result), PAR_OK);
    double sum = 0;
    for (int64_t i = 0; i < 100; ++i) sum += value(i);
    EXPECT_EQ(result.value, sum);
}

struct ScanEnv {
    std::vector<int64_t> values;
};

TEST(Constructs, scans_are_exclusive_prefixes) {
    Entered ctx;
    par_loop loop{};
    loop.site = &kFor;
    loop.block = 100;
    loop.acc_size = 16;
    loop.strip = [](par_ctx *, void *env, int64_t lo, int64_t hi, void *acc) -> int32_t {
        auto &values = static_cast<ScanEnv *>(env)->values;
        for (int64_t i = lo; i < hi; ++i) *static_cast<int64_t *>(acc) += values[static_cast<size_t>(i)] = i % 7;
        return PAR_OK;
    };
    loop.combine = [](par_ctx *, void *, void *left, void *right) -> int32_t {
        *static_cast<int64_t *>(left) += *static_cast<int64_t *>(right);
        return PAR_OK;
    };
    loop.apply = [](par_ctx *, void *env, int64_t lo, int64_t hi, void *acc) -> int32_t {
        auto &values = static_cast<ScanEnv *>(env)->values;
        for (int64_t i = lo; i < hi; ++i) {
            int64_t &v = values[static_cast<size_t>(i)], before = *static_cast<int64_t *>(acc);
            *static_cast<int64_t *>(acc) += v;
            v = before;
        }
        return PAR_OK;
    };
    for (int64_t n : {1, 99, 100, 101, 12345}) {
        ScanEnv env{std::vector<int64_t>(static_cast<size_t>(n))};
        ASSERT_EQ(par_rt_scan(ctx, &loop, &env, n), PAR_OK);
        int64_t sum = 0;
        for (int64_t i = 0; i < n; ++i) {
            ASSERT_EQ(env.values[static_cast<size_t>(i)], sum) << i;
            sum += i % 7;
        }
    }
}

TEST(Constructs, filters_keep_the_order_and_may_give_several_values_an_iteration) {
    Entered ctx;
    const uint32_t sizes[] = {8, 2};
    par_filter filter{};
    filter.loop.site = &kFor;
    filter.loop.block = 50;
    filter.columns = 2;
    filter.sizes = sizes;
    filter.loop.strip = [](par_ctx *c, void *, int64_t lo, int64_t hi, void *acc) -> int32_t {
        auto &sink = *static_cast<par_sink *>(acc);
        for (int64_t i = lo; i < hi; ++i)
            for (int64_t k = 0; k < i % 5; ++k) {
                if (sink.count == sink.capacity)
                    if (int32_t o = par_rt_sink_grow(c, &sink, 1)) return o;
                reinterpret_cast<int64_t *>(sink.data[0])[sink.count] = i;
                reinterpret_cast<int16_t *>(sink.data[1])[sink.count++] = static_cast<int16_t>(k);
            }
        return PAR_OK;
    };
    for (int64_t n : {0, 1, 2, 49, 5000}) {
        par_array result[2] = {};
        ASSERT_EQ(par_rt_filter(ctx, &filter, nullptr, n, result), PAR_OK);
        int64_t at = 0;
        for (int64_t i = 0; i < n; ++i)
            for (int64_t k = 0; k < i % 5; ++k, ++at) {
                ASSERT_LT(at, result[0].n);
                ASSERT_EQ(static_cast<int64_t *>(result[0].data)[at], i);
                ASSERT_EQ(static_cast<int16_t *>(result[1].data)[at], k);
            }
        EXPECT_EQ(result[0].n, at);
        EXPECT_EQ(result[1].n, at);
        par_rt_free(result[0].data, at * 8);
        par_rt_free(result[1].data, at * 2);
    }
}

struct FirstEnv {
    int64_t hit, fail;
};

int32_t findStrip(par_ctx *ctx, void *env, int64_t lo, int64_t hi, void *acc) {
    auto &want = *static_cast<FirstEnv *>(env);
    for (int64_t i = lo; i < hi; ++i) {
        if (want.fail >= 0 && i >= want.fail && i % 11 == want.fail % 11) return throwNumber(ctx, i);
        if (want.hit >= 0 && i >= want.hit && i % 13 == want.hit % 13) {
            *static_cast<int64_t *>(acc) = i;
            return PAR_DONE;
        }
    }
    return PAR_OK;
}

TEST(Constructs, first_finds_the_smallest_hit_and_failures_count_only_below_it) {
    Entered ctx;
    par_loop loop{};
    loop.site = &kFor;
    loop.block = 20;
    loop.acc_size = 16;
    loop.strip = findStrip;
    for (int round = 0; round < 20; ++round)
        for (int64_t hit : {-1, 0, 5, 777, 9999})
            for (int64_t fail : {-1, 3, 776, 778}) {
                FirstEnv env{hit, fail};
                int64_t result[2] = {-1, 0};
                int32_t o = par_rt_first(ctx, &loop, &env, 10000, result);
                if (fail >= 0 && (hit < 0 || fail < hit)) {
                    ASSERT_EQ(o, PAR_THROWN);
                    EXPECT_EQ(caught(ctx), "e" + std::to_string(fail));
                } else {
                    ASSERT_EQ(o, hit < 0 ? PAR_OK : PAR_DONE);
                    if (hit >= 0) EXPECT_EQ(result[0], hit);
                }
            }
}

} // namespace

} // namespace parlane::rt::test
