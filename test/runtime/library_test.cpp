#include "test/runtime/harness.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <set>
#include <unistd.h>

namespace parlane::rt::test {

namespace {

/// A string that the test owns.
struct Str {
    par_str s{};
    ~Str() { par_rt_str_drop(nullptr, nullptr, &s); }
    operator std::string() const { return toString(s); }
};

template <class T, class F> std::string formatted(par_ctx *ctx, F format, const char *spec, T value) {
    Str result;
    par_str wanted = literal(spec);
    EXPECT_EQ(format(ctx, &result.s, &wanted, &value), PAR_OK);
    return result;
}

TEST(Library, numbers_are_formatted_as_fmt_does) {
    Entered ctx;
    EXPECT_EQ(formatted<int64_t>(ctx, par_rt_format_i64, "", INT64_MIN), "-9223372036854775808");
    EXPECT_EQ(formatted<int64_t>(ctx, par_rt_format_i64, "05", 42), "00042");
    EXPECT_EQ(formatted<uint64_t>(ctx, par_rt_format_u64, "#x", 255), "0xff");
    EXPECT_EQ(formatted<double>(ctx, par_rt_format_f64, "", 0.1), "0.1");
    EXPECT_EQ(formatted<double>(ctx, par_rt_format_f64, "", 1.0), "1");
    EXPECT_EQ(formatted<double>(ctx, par_rt_format_f64, ".3", 3.14159), "3.14");
    EXPECT_EQ(formatted<double>(ctx, par_rt_format_f64, ".3f", 2.0), "2.000");
    EXPECT_EQ(formatted<float>(ctx, par_rt_format_f32, "", 0.1f), "0.1");
    EXPECT_EQ(formatted<double>(ctx, par_rt_format_f64, "", -std::numeric_limits<double>::quiet_NaN()), "nan");
    EXPECT_EQ(formatted<double>(ctx, par_rt_format_f64, "", -HUGE_VAL), "-inf");
    EXPECT_EQ(formatted<uint8_t>(ctx, par_rt_format_bool, "", 1), "true");
    EXPECT_EQ(formatted<par_str>(ctx, par_rt_format_str, ">5", literal("ab")), "   ab");
}

TEST(Library, text_that_is_no_number_throws_with_the_text) {
    Entered ctx;
    int64_t i = 0;
    uint64_t u = 0;
    double d = 0;
    float f = 0;
    auto text = [](const char *t) { return literal(t); };
    par_str s = text("-17");
    EXPECT_EQ(par_rt_parse_i64(ctx, &i, &s), PAR_OK);
    EXPECT_EQ(i, -17);
    s = text("18446744073709551615");
    EXPECT_EQ(par_rt_parse_u64(ctx, &u, &s), PAR_OK);
    EXPECT_EQ(u, UINT64_MAX);
    s = text("1e-3");
    EXPECT_EQ(par_rt_parse_f64(ctx, &d, &s), PAR_OK);
    EXPECT_EQ(d, 1e-3);
    s = text("0.1");
    EXPECT_EQ(par_rt_parse_f32(ctx, &f, &s), PAR_OK);
    EXPECT_EQ(f, 0.1f);
    for (const char *bad : {"", " 1", "1x", "--1", "+-1", "9223372036854775808"}) {
        s = text(bad);
        ASSERT_EQ(par_rt_parse_i64(ctx, &i, &s), PAR_THROWN) << bad;
        EXPECT_NE(caught(ctx).find(bad), std::string::npos);
    }
}

TEST(Library, strings_concatenate_compare_slice_and_walk_by_characters) {
    Entered ctx;
    par_str parts[] = {literal("grüße, "), literal("a longer piece of text"), literal("")};
    par_view1 view{parts, 3};
    Str all;
    ASSERT_EQ(par_rt_str_concat(ctx, &all.s, &view), PAR_OK);
    EXPECT_EQ(std::string(all), "grüße, a longer piece of text");
    Str copy;
    ASSERT_EQ(par_rt_str_copy(ctx, &copy.s, &all.s), PAR_OK);
    uint8_t equal = 0;
    par_rt_str_equal(ctx, &equal, &copy.s, &all.s);
    EXPECT_EQ(equal, 1);
    uint64_t h1 = 0, h2 = 0;
    par_rt_str_hash(ctx, &h1, &copy.s);
    par_rt_str_hash(ctx, &h2, &all.s);
    EXPECT_EQ(h1, h2);
    Str part;
    int64_t lo = 2, hi = 6;
    ASSERT_EQ(par_rt_str_slice(ctx, &part.s, &all.s, &lo, &hi), PAR_OK);
    EXPECT_EQ(std::string(part), "üß");
    lo = 3;
    EXPECT_EQ(par_rt_str_slice(ctx, &part.s, &all.s, &lo, &hi), PAR_TRAPPED);
    EXPECT_EQ(ctx->fault->trap, static_cast<uint32_t>(PAR_TRAP_border));
    hi = 1000;
    EXPECT_EQ(par_rt_str_slice(ctx, &part.s, &all.s, &lo, &hi), PAR_TRAPPED);
    EXPECT_EQ(ctx->fault->trap, static_cast<uint32_t>(PAR_TRAP_slice));
    par_rt_fault_clear(ctx);
    int64_t at = 0;
    std::vector<uint32_t> codes;
    while (at < 9) {
        uint32_t code = 0;
        par_rt_str_next(ctx, &code, &all.s, &at);
        codes.push_back(code);
    }
    EXPECT_EQ(codes, (std::vector<uint32_t>{'g', 'r', 0xFC, 0xDF, 'e', ',', ' '}));
}

TEST(Library, bytes_become_text_only_if_they_are_well_formed) {
    Entered ctx;
    auto isText = [&](std::string bytes) {
        Str result;
        par_view1 view{bytes.data(), static_cast<int64_t>(bytes.size())};
        int32_t o = par_rt_str_from_bytes(ctx, &result.s, &view);
        if (o == PAR_THROWN) caught(ctx);
        return o == PAR_OK && std::string(result) == bytes;
    };
    EXPECT_TRUE(isText("plain"));
    EXPECT_TRUE(isText("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80"));
    EXPECT_FALSE(isText("\xC3"));
    EXPECT_FALSE(isText("\xC0\x80"));
    EXPECT_FALSE(isText("\xED\xA0\x80"));
    EXPECT_FALSE(isText("\xF4\x90\x80\x80"));
    EXPECT_FALSE(isText("\xFF"));
}

TEST(Library, files_are_written_read_and_reported_when_missing) {
    Entered ctx;
    std::string name = "/tmp/parlane_runtime_test_" + std::to_string(getpid());
    par_str path = literal(name.c_str());
    std::string data(100000, 'x');
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7);
    par_view1 bytes{data.data(), static_cast<int64_t>(data.size())};
    ASSERT_EQ(par_rt_write_file(ctx, nullptr, &path, &bytes), PAR_OK);
    par_array all{};
    ASSERT_EQ(par_rt_read_file(ctx, &all, &path), PAR_OK);
    ASSERT_EQ(all.n, bytes.n);
    EXPECT_EQ(memcmp(all.data, data.data(), data.size()), 0);
    par_rt_free(all.data, all.n);
    par_file file{};
    ASSERT_EQ(par_rt_file_open(ctx, &file, &path), PAR_OK);
    int64_t n = 60000, total = 0;
    for (;;) {
        par_array part{};
        ASSERT_EQ(par_rt_file_read(ctx, &part, &file, &n), PAR_OK);
        if (part.n == 0) break;
        EXPECT_EQ(memcmp(part.data, data.data() + total, static_cast<size_t>(part.n)), 0);
        total += part.n;
        par_rt_free(part.data, part.n);
    }
    EXPECT_EQ(total, bytes.n);
    par_rt_file_close(ctx, nullptr, &file);
    EXPECT_EQ(file.handle, 0);
    unlink(name.c_str());
    EXPECT_EQ(par_rt_read_file(ctx, &all, &path), PAR_THROWN);
    EXPECT_NE(caught(ctx).find(name), std::string::npos);
}

TEST(Library, memory_is_aligned_zeroed_and_traps_when_it_is_out) {
    Entered ctx;
    for (int64_t bytes : {int64_t{1}, int64_t{64}, int64_t{65}, int64_t{5000}, int64_t{40000}, int64_t{9} << 20}) {
        auto *p = static_cast<uint8_t *>(par_rt_alloc(ctx, bytes, 0));
        ASSERT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0u);
        memset(p, 255, static_cast<size_t>(bytes));
        par_rt_free(p, bytes);
        p = static_cast<uint8_t *>(par_rt_alloc(ctx, bytes, 1));
        for (int64_t i = 0; i < bytes; ++i) ASSERT_EQ(p[i], 0);
        par_rt_free(p, bytes);
    }
    EXPECT_EQ(par_rt_alloc(ctx, INT64_MAX, 0), nullptr);
    EXPECT_EQ(ctx->fault->trap, static_cast<uint32_t>(PAR_TRAP_memory));
    EXPECT_EQ(par_rt_alloc(ctx, int64_t{1} << 60, 0), nullptr);
    par_rt_fault_clear(ctx);
    par_rt_free(par_rt_alloc(ctx, 0, 1), 0);
}

TEST(Library, large_blocks_are_used_again_and_begin_at_different_distances_from_a_page) {
    Entered ctx;
    int64_t bytes = int64_t{5} << 20;
    std::set<uintptr_t> distances;
    std::vector<void *> blocks;
    for (int i = 0; i < 3; ++i) {
        blocks.push_back(par_rt_alloc(ctx, bytes, 0));
        distances.insert(reinterpret_cast<uintptr_t>(blocks.back()) % 4096);
    }
    EXPECT_EQ(distances.size(), 3u);
    par_rt_free(blocks[1], bytes);
    EXPECT_EQ(par_rt_alloc(ctx, bytes, 0), blocks[1]);
    for (void *block : blocks) par_rt_free(block, bytes);
    auto *fresh = static_cast<uint8_t *>(par_rt_alloc(ctx, bytes, 1)); // zeroed ones are fresh pages
    for (void *block : blocks) EXPECT_NE(fresh, block);
    par_rt_free(fresh, bytes);
}

TEST(Library, faults_name_the_place_the_values_and_every_iteration) {
    Entered ctx;
    constexpr par_site place = siteAt(3, nullptr), loop = siteAt(2, "par for", "i, j");
    int64_t values[] = {9, 5}, indices[] = {3, 1};
    EXPECT_EQ(par_rt_trap(ctx, PAR_TRAP_index, &place, 2, values), PAR_TRAPPED);
    par_rt_fault_index(ctx, &loop, 2, indices);
    Str text;
    ASSERT_EQ(par_rt_fault_render(ctx, &text.s), PAR_OK);
    EXPECT_EQ(std::string(text), "trap[X5001]: index 9 is out of bounds: the length is 5\n  at test.par:3:1\n"
                                 "  in iteration i = 3, j = 1 of `par for` at test.par:2:1\n");
    par_rt_fault_clear(ctx);
}

TEST(Library, thrown_values_of_any_size_move_into_the_fault_and_out_again) {
    Entered ctx;
    struct Big {
        int64_t numbers[10];
    } big{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}, back{};
    EXPECT_EQ(par_rt_throw(ctx, nullptr, 77, &big, sizeof big, nullptr), PAR_THROWN);
    EXPECT_EQ(par_rt_thrown_type(ctx), 77u);
    par_rt_catch(ctx, &back, sizeof back);
    EXPECT_EQ(memcmp(&big, &back, sizeof big), 0);
    EXPECT_EQ(ctx->fault->outcome, PAR_OK);
}

TEST(Library, the_table_of_calls_has_the_functions_of_the_header) {
    // A row without a function does not link.
    const void *functions[] = {
#define RT(name, fails, effects, result, operands) reinterpret_cast<const void *>(&par_rt_##name),
#include "compiler/pir/runtime_calls.def"
    };
    for (const void *function : functions) EXPECT_NE(function, nullptr);
}

} // namespace

} // namespace parlane::rt::test
