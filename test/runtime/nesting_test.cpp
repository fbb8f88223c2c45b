// Constructs inside constructs: results, errors, places of traps and the order of output are those of the serial run.
#include "test/runtime/harness.h"

#include <cstdlib>

namespace parlane::rt::test {

namespace {

constexpr par_site kSites[] = {siteAt(10, "par for", "i"), siteAt(11, "invoke"),       siteAt(12, "par for", "j"),
                               siteAt(13, "invoke"),       siteAt(14, "par for", "k"), siteAt(15, "reduce", "l")};

int32_t printLine(par_ctx *ctx, const std::string &line) {
    par_str text = literal(line.c_str());
    return par_rt_print(ctx, nullptr, &text);
}

/// Six levels, each a different construct; the leaves print their path and fail where told. `serial` is the oracle.
struct Tree {
    std::string fail;
    int width;

    int32_t leaf(par_ctx *ctx, const std::string &path) const {
        if (path == fail) return throwNumber(ctx, static_cast<int64_t>(path.size()));
        return ctx ? printLine(ctx, path) : PAR_OK;
    }
    int32_t level(par_ctx *ctx, int depth, const std::string &path) const {
        if (depth == 6) return leaf(ctx, path);
        auto child = [this, depth, path](par_ctx *c, int64_t i) -> int32_t {
            if (depth % 3 == 0)
                if (int32_t o = printLine(c, path + "<")) return o;
            int32_t o = level(c, depth + 1, path + static_cast<char>('a' + i));
            if (o == PAR_OK && depth % 2 == 1) o = printLine(c, path + ">");
            return o;
        };
        const par_site *site = &kSites[depth];
        if (depth % 2 == 0) return parFor(ctx, site, width, child);
        return invokeN(ctx, site, width, [&](par_ctx *c, int32_t k) { return child(c, k); });
    }
    bool serial(std::string &out, int depth, const std::string &path) const {
        if (depth == 6) {
            if (path == fail) return false;
            out += path + "\n";
            return true;
        }
        for (int i = 0; i < width; ++i) {
            if (depth % 3 == 0) out += path + "<\n";
            if (!serial(out, depth + 1, path + static_cast<char>('a' + i))) return false;
            if (depth % 2 == 1) out += path + ">\n";
        }
        return true;
    }
};

TEST(Nesting, six_levels_print_in_serial_order) {
    for (int width : {1, 2, 3}) {
        Tree tree{"", width};
        std::string expected;
        tree.serial(expected, 0, "");
        for (int round = 0; round < (width == 3 ? 3 : 10); ++round) {
            Captured captured;
            {
                Entered ctx;
                ASSERT_EQ(tree.level(ctx, 0, ""), PAR_OK);
            }
            ASSERT_EQ(captured.text(), expected);
        }
    }
}

TEST(Nesting, an_error_leaves_through_six_levels_with_all_indices_and_everything_before_it_has_printed) {
    for (const char *fail : {"aaaaaa", "abbaba", "bbbbbb", "baabba"}) {
        Tree tree{fail, 2};
        std::string expected;
        tree.serial(expected, 0, "");
        for (int round = 0; round < 10; ++round) {
            Captured captured;
            {
                Entered ctx;
                ASSERT_EQ(tree.level(ctx, 0, ""), PAR_THROWN);
                ASSERT_EQ(ctx->fault->index_count, 3u);
                for (uint32_t k = 0; k < 3; ++k) {
                    EXPECT_EQ(ctx->fault->indices[k].site, &kSites[4 - 2 * k]);
                    EXPECT_EQ(ctx->fault->indices[k].value, fail[4 - 2 * k] - 'a');
                }
                EXPECT_EQ(caught(ctx), "e6");
            }
            ASSERT_EQ(captured.text(), expected); // and nothing of what later pieces printed before they were stopped
        }
    }
}

TEST(Nesting, a_long_output_of_a_later_piece_waits_for_its_turn) {
    std::string line(1000, 'x');
    Captured captured;
    {
        Entered ctx;
        auto body = [&](par_ctx *c, int64_t i) -> int32_t {
            if (i == 0) burn(3'000'000);
            for (int k = 0; k < 100; ++k)
                if (int32_t o = printLine(c, std::to_string(i) + line)) return o;
            return PAR_OK;
        };
        ASSERT_EQ(parFor(ctx, &kSites[0], 40, body), PAR_OK);
    }
    std::string expected;
    for (int i = 0; i < 40; ++i)
        for (int k = 0; k < 100; ++k) expected += std::to_string(i) + line + "\n";
    ASSERT_TRUE(captured.text() == expected);
}

TEST(Nesting, output_before_between_and_behind_constructs_keeps_its_place) {
    for (int round = 0; round < 30; ++round) {
        Captured captured;
        {
            Entered ctx;
            for (int step = 0; step < 5; ++step) {
                printLine(ctx, "before");
                auto inner = [](par_ctx *c, int64_t i) {
                    burn(i % 3 * 3000);
                    return printLine(c, "inner " + std::to_string(i));
                };
                auto one = [&](par_ctx *c) {
                    printLine(c, "one");
                    int32_t o = parFor(c, &kSites[0], 4, inner);
                    printLine(c, "one ends");
                    return o;
                };
                auto two = [&](par_ctx *c) { return printLine(c, "two"); };
                ASSERT_EQ(invoke2(ctx, &kSites[1], one, two), PAR_OK);
                printLine(ctx, "behind");
            }
        }
        std::string expected;
        for (int step = 0; step < 5; ++step)
            expected += "before\none\ninner 0\ninner 1\ninner 2\ninner 3\none ends\ntwo\nbehind\n";
        ASSERT_EQ(captured.text(), expected);
    }
}

TEST(Nesting, deep_recursion_is_a_trap_on_every_thread) {
    Entered ctx;
    struct Deep {
        static int32_t down(par_ctx *c, int64_t n) {
            if (int32_t o = par_fast_poll(c)) return o;
            char frame[4096];
            __asm__ volatile("" ::"r"(frame) : "memory"); // so that it takes room
            int32_t o = n < 0 ? PAR_OK : down(c, n + 1);
            __asm__ volatile("" ::"r"(frame) : "memory");
            return o;
        }
    };
    EXPECT_EQ(Deep::down(ctx, 0), PAR_TRAPPED);
    EXPECT_EQ(ctx->fault->trap, static_cast<uint32_t>(PAR_TRAP_stack));
    par_rt_fault_clear(ctx);
    auto both = [](par_ctx *c) { return Deep::down(c, 0); };
    EXPECT_EQ(invoke2(ctx, &kSites[1], both, both), PAR_TRAPPED);
    par_rt_fault_clear(ctx);
}

TEST(Nesting, two_sleeping_branches_take_the_time_of_the_longer) {
    if (par_rt_threads() < 2) GTEST_SKIP();
    Entered ctx;
    auto sleeper = [](double seconds) {
        return [seconds](par_ctx *c) { return par_rt_sleep(c, nullptr, &seconds); };
    };
    double before, after;
    par_rt_now(ctx, &before);
    ASSERT_EQ(invoke2(ctx, &kSites[1], sleeper(0.15), sleeper(0.1)), PAR_OK);
    par_rt_now(ctx, &after);
    EXPECT_GE(after - before, 0.15);
    EXPECT_LT(after - before, 0.24);
}

} // namespace

} // namespace parlane::rt::test
