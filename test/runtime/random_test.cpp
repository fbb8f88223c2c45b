// Random programs of nested constructs, against their serial meaning: value, output, error and its place. The time is
// bounded, so a
// slow machine checks fewer programs; each failure prints its seed.
#include "test/runtime/harness.h"

#include <chrono>
#include <memory>
#include <random>

namespace parlane::rt::test {

namespace {

enum class Kind { Print, Work, Fail, Loop, Invoke, Sum, First, Pipe, Sequence };

/// A program; `site` distinguishes the loops in the fault.
struct Node {
    Kind kind;
    int64_t n = 0;   ///< iterations, branches, items
    int64_t at = -1; ///< Fail: fails only if the innermost index is this; First: what it looks for
    par_site site{};
    std::vector<std::unique_ptr<Node>> parts;
};

std::unique_ptr<Node> generate(std::mt19937_64 &random, int depth, uint32_t &line) {
    auto node = std::make_unique<Node>();
    auto pick = [&](int64_t below) { return static_cast<int64_t>(random() % static_cast<uint64_t>(below)); };
    int64_t choice = depth == 0 ? pick(8) : 8 + pick(12);
    node->site = siteAt(++line, "loop", "i");
    node->n = 1 + pick(6);
    auto children = [&](int64_t count) {
        for (int64_t i = 0; i < count; ++i) node->parts.push_back(generate(random, depth - 1, line));
    };
    if (choice < 4) {
        node->kind = Kind::Print;
    } else if (choice < 7) {
        node->kind = Kind::Work;
    } else if (choice < 8) {
        node->kind = Kind::Fail;
        node->at = pick(9); // often none
    } else if (choice < 12) {
        node->kind = Kind::Loop;
        if (pick(4) == 0) node->n = 40;
        children(1);
    } else if (choice < 14) {
        node->kind = Kind::Invoke;
        children(node->n);
    } else if (choice < 16) {
        node->kind = Kind::Sum;
        node->n = 1 + pick(30);
        children(1);
    } else if (choice < 17) {
        node->kind = Kind::First;
        node->n = 1 + pick(50);
        node->at = pick(60);
    } else if (choice < 18) {
        node->kind = Kind::Pipe;
        node->n = pick(12);
        children(3);
    } else {
        node->kind = Kind::Sequence;
        children(2 + pick(2));
    }
    return node;
}

/// For a failure's message.
std::string text(const Node &node, size_t indent) {
    static constexpr const char *names[] = {"print", "work", "fail", "loop", "invoke", "sum", "first", "pipe", "sequence"};
    std::string out = std::string(indent * 2, ' ') + names[static_cast<size_t>(node.kind)] + " " +
                      std::to_string(node.site.line) + ": n " + std::to_string(node.n) + ", at " +
                      std::to_string(node.at) + "\n";
    for (auto &part : node.parts) out += text(*part, indent + 1);
    return out;
}

struct Outcome {
    bool failed = false;
    int64_t value = 0;
    std::string out;
    std::vector<int64_t> indices; ///< innermost first
};

/// The meaning.
bool serial(const Node &node, int64_t index, Outcome &o) {
    switch (node.kind) {
    case Kind::Print: o.out += std::to_string(node.site.line) + ":" + std::to_string(index) + "\n"; return true;
    case Kind::Work: o.value += index + node.n; return true;
    case Kind::Fail: return node.at != index;
    case Kind::Loop:
    case Kind::Sum:
        for (int64_t i = 0; i < node.n; ++i)
            if (!serial(*node.parts[0], i, o)) {
                o.indices.push_back(i);
                return false;
            }
        if (node.kind == Kind::Sum) o.value += node.n;
        return true;
    case Kind::First:
        if (node.at < node.n) o.value += node.at;
        return true;
    case Kind::Pipe:
        for (int64_t i = 0; i < node.n; ++i)
            for (auto &stage : node.parts)
                if (!serial(*stage, i, o)) return false;
        return true;
    case Kind::Invoke:
    case Kind::Sequence:
        for (auto &part : node.parts)
            if (!serial(*part, index, o)) return false;
        return true;
    }
    return true;
}

/// The same through the runtime. `value` is added to atomically: sums do not depend on order.
struct Runner {
    std::atomic<int64_t> value{0};

    int32_t run(par_ctx *ctx, const Node &node, int64_t index) {
        switch (node.kind) {
        case Kind::Print: {
            std::string text = std::to_string(node.site.line) + ":" + std::to_string(index);
            par_str s = literal(text.c_str());
            return par_rt_print(ctx, nullptr, &s);
        }
        case Kind::Work:
            if (node.n == 3) burn(3000);
            value += index + node.n;
            return PAR_OK;
        case Kind::Fail: return node.at == index ? throwNumber(ctx, node.site.line) : PAR_OK;
        case Kind::Loop:
            return parFor(ctx, &node.site, node.n, [&](par_ctx *c, int64_t i) { return run(c, *node.parts[0], i); });
        case Kind::Sum: return runSum(ctx, node);
        case Kind::First: return runFirst(ctx, node);
        case Kind::Pipe: return runPipe(ctx, node);
        case Kind::Invoke:
            return invokeN(ctx, &node.site, static_cast<int32_t>(node.parts.size()),
                           [&](par_ctx *c, int32_t k) { return run(c, *node.parts[static_cast<size_t>(k)], index); });
        case Kind::Sequence:
            for (auto &part : node.parts)
                if (int32_t o = run(ctx, *part, index)) return o;
            return PAR_OK;
        }
        return PAR_OK;
    }

    struct Env {
        Runner *runner;
        const Node *node;
        int64_t next;
    };

    int32_t runSum(par_ctx *ctx, const Node &node) {
        par_loop loop{};
        loop.site = &node.site;
        loop.block = 4;
        loop.acc_size = 16;
        loop.strip = [](par_ctx *c, void *raw, int64_t lo, int64_t hi, void *acc) -> int32_t {
            auto &env = *static_cast<Env *>(raw);
            for (int64_t i = lo; i < hi; ++i) {
                if (int32_t o = env.runner->run(c, *env.node->parts[0], i)) {
                    if (o != PAR_STOPPED) par_rt_fault_index(c, &env.node->site, 1, &i);
                    return o;
                }
                *static_cast<int64_t *>(acc) += 1;
            }
            return PAR_OK;
        };
        loop.combine = [](par_ctx *, void *, void *left, void *right) -> int32_t {
            *static_cast<int64_t *>(left) += *static_cast<int64_t *>(right);
            return PAR_OK;
        };
        Env env{this, &node, 0};
        int64_t sum[2] = {};
        int32_t o = par_rt_fold(ctx, &loop, &env, node.n, sum);
        if (o == PAR_OK) value += sum[0];
        return o;
    }

    int32_t runFirst(par_ctx *ctx, const Node &node) {
        par_loop loop{};
        loop.site = &node.site;
        loop.block = 3;
        loop.acc_size = 16;
        loop.strip = [](par_ctx *, void *raw, int64_t lo, int64_t hi, void *acc) -> int32_t {
            int64_t at = static_cast<Env *>(raw)->node->at;
            int64_t hit = lo > at ? lo : at;
            if (hit >= hi) return PAR_OK;
            *static_cast<int64_t *>(acc) = hit;
            return PAR_DONE;
        };
        Env env{this, &node, 0};
        int64_t found[2] = {};
        int32_t o = par_rt_first(ctx, &loop, &env, node.n, found);
        if (o == PAR_DONE) value += found[0];
        return o == PAR_DONE ? int32_t{PAR_OK} : o;
    }

    int32_t runPipe(par_ctx *ctx, const Node &node) {
        static constexpr uint8_t kinds[] = {PAR_STAGE_PARALLEL, PAR_STAGE_SERIAL, PAR_STAGE_PARALLEL};
        static int32_t (*const stages[])(par_ctx *, void *, void *) = {stage<0>, stage<1>, stage<2>};
        auto source = [](par_ctx *, void *raw, void *token) -> int32_t {
            auto &env = *static_cast<Env *>(raw);
            if (env.next == env.node->n) return PAR_DONE;
            *static_cast<int64_t *>(token) = env.next++;
            return PAR_OK;
        };
        par_pipe pipe{&node.site, 3, 8, kinds, source, stages, nullptr};
        Env env{this, &node, 0};
        return par_rt_pipeline(ctx, &pipe, &env, node.n % 4);
    }

    template <size_t Number> static int32_t stage(par_ctx *ctx, void *raw, void *token) {
        auto &env = *static_cast<Env *>(raw);
        return env.runner->run(ctx, *env.node->parts[Number], *static_cast<int64_t *>(token));
    }
};

void check(uint64_t seed) {
    std::mt19937_64 random(seed);
    uint32_t line = 0;
    auto program = generate(random, 1 + static_cast<int>(seed % 5), line);
    Outcome expected;
    expected.failed = !serial(*program, 0, expected);
    Captured captured;
    Runner runner;
    {
        Entered ctx;
        int32_t o = runner.run(ctx, *program, 0);
        ASSERT_EQ(o, expected.failed ? PAR_THROWN : PAR_OK) << "seed " << seed;
        if (expected.failed) {
            ASSERT_EQ(ctx->fault->index_count, std::min<size_t>(expected.indices.size(), PAR_FAULT_INDICES));
            for (uint32_t k = 0; k < ctx->fault->index_count; ++k)
                EXPECT_EQ(ctx->fault->indices[k].value, expected.indices[k]) << "seed " << seed;
            caught(ctx);
        } else {
            EXPECT_EQ(runner.value, expected.value) << "seed " << seed;
        }
    }
    std::string out = captured.text();
    size_t at = 0;
    while (at < out.size() && at < expected.out.size() && out[at] == expected.out[at]) ++at;
    ASSERT_TRUE(out == expected.out) << "failed " << expected.failed << ", seed " << seed << ", at byte " << at
                                     << ", got:\n" << out.substr(at, 60) << "\ninstead of:\n"
                                     << expected.out.substr(at, 60) << "\nin the program:\n" << text(*program, 0);
}

TEST(Random, programs_mean_what_they_mean_serially) {
    const char *first = getenv("PARLANE_TEST_SEED");
    uint64_t seed = first ? strtoull(first, nullptr, 10) : 1;
    auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
    auto isTime = [&] { return std::chrono::steady_clock::now() < until; };
    for (int programs = 0; programs < 3000 && isTime() && !HasFatalFailure(); ++programs) check(seed++);
}

} // namespace

} // namespace parlane::rt::test
