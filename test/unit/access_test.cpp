// The disjointness solver against brute force: random systems and random accesses, all pairs of iterations enumerated.
// A larger campaign: PARLANE_FUZZ_ROUNDS=1000000.
#include "lang/access/conflict.h"

#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <random>

namespace parlane::access {
namespace {

int rounds(int few) {
    const char *wanted = std::getenv("PARLANE_FUZZ_ROUNDS");
    return wanted ? std::max(1, std::atoi(wanted)) : few;
}

struct Random {
    std::mt19937 engine;
    int64_t in(int64_t lo, int64_t hi) { return lo + static_cast<int64_t>(engine() % static_cast<uint64_t>(hi - lo + 1)); }
    bool maybe(int percent) { return in(0, 99) < percent; }
};

/// Whatever a proof needs is tested in front of the region.
const std::function<bool(const Needs &)> kGuarded = [](const Needs &) { return true; };

// ---- systems ----------------------------------------------------------------------------------------------------

Formula randomFormula(Random &random, uint32_t vars, int depth) {
    if (depth > 0 && random.maybe(60)) {
        Formula a = randomFormula(random, vars, depth - 1);
        Formula b = randomFormula(random, vars, depth - 1);
        return random.maybe(60) ? Formula::both(std::move(a), std::move(b)) : Formula::either(std::move(a), std::move(b));
    }
    Linear linear;
    for (uint32_t v = 0; v < vars; ++v)
        if (int64_t factor = random.in(-3, 3); factor != 0 && random.maybe(60)) linear.terms.emplace_back(v, factor);
    linear.constant = random.in(-6, 6);
    return random.maybe(40) ? Formula::zero(std::move(linear)) : Formula::notNegative(std::move(linear));
}

TEST(AccessSolver, AgreesWithBruteForceOnRandomSystems) {
    Random random{std::mt19937(7)};
    Solver solver;
    for (int round = 0; round < rounds(300); ++round) {
        const uint32_t vars = static_cast<uint32_t>(random.in(1, 3));
        constexpr int64_t kSide = 3;
        System system{vars, randomFormula(random, vars, 2)};
        for (uint32_t v = 0; v < vars; ++v) {
            system.formula = Formula::both(system.formula, Formula::notNegative({{{v, 1}}, kSide}));
            system.formula = Formula::both(system.formula, Formula::notNegative({{{v, -1}}, kSide}));
        }
        bool expected = false;
        std::vector<int64_t> values(vars, -kSide);
        while (!expected) {
            expected = holds(system.formula, values);
            uint32_t v = 0;
            while (v < vars && values[v] == kSide) values[v++] = -kSide;
            if (v == vars) break;
            ++values[v];
        }
        const Answer answer = solver.solve(system);
        ASSERT_EQ(answer.kind, expected ? Answer::Kind::Witness : Answer::Kind::Empty) << "round " << round;
        if (expected) ASSERT_TRUE(holds(system.formula, answer.values)) << "round " << round;
    }
}

TEST(AccessSolver, StopsAtACountOfOperations) {
    Solver solver(1);
    System system{2, Formula::both(Formula::zero({{{0, 6}, {1, 4}}, -2}), Formula::notNegative({{{0, 1}}, 0}))};
    EXPECT_EQ(solver.solve(system).kind, Answer::Kind::Unknown);
}

// ---- accesses ---------------------------------------------------------------------------------------------------

/// An index expression both as a term and as a function of (i, k).
struct Expression {
    TermId term;
    std::function<int64_t(int64_t, int64_t)> eval;
};

struct Loops {
    TermStore terms;
    PathStore paths;
    Solver solver;
    Conflicts conflicts{terms, paths, solver};
    PathId path;
    TermId i, k;
    int64_t n = 0, m = 0, step = 1;
    Birth mark = 0;

    TermId index(int64_t count) {
        return terms.symbol(terms.fresh(SymbolKind::Index, "i", {0, std::max<int64_t>(1, count - 1)}));
    }
};

Expression randomIndex(Random &random, Loops &loops, bool narrow) {
    TermStore &terms = loops.terms;
    const int64_t a = random.in(-4, 4), b = random.maybe(50) ? random.in(-3, 3) : 0, c = random.in(0, 12);
    TermId term = terms.add(terms.add(terms.scale(loops.i, a), terms.scale(loops.k, b)), terms.constant(c));
    Expression out{term, [=](int64_t i, int64_t k) { return a * i + b * k + c; }};
    const int64_t by = random.in(2, 5);
    auto inner = out.eval;
    if (narrow && random.maybe(60)) {
        const bool is_signed = random.maybe(50);
        const int64_t scale = random.in(1, 40);
        out.term = terms.wrap(terms.scale(out.term, scale), 8, is_signed);
        out.eval = [=](int64_t i, int64_t k) {
            const int64_t v = scale * inner(i, k);
            return is_signed ? int64_t(static_cast<int8_t>(v)) : int64_t(static_cast<uint8_t>(v));
        };
    } else if (random.maybe(25)) {
        out.term = terms.quotient(out.term, terms.constant(by));
        out.eval = [=](int64_t i, int64_t k) { return inner(i, k) / by; };
    } else if (random.maybe(25)) {
        out.term = terms.remainder(out.term, terms.constant(by));
        out.eval = [=](int64_t i, int64_t k) { return inner(i, k) % by; };
    }
    return out;
}

struct Guarded {
    Access access;
    Expression index, guard;
    int64_t last = 0; ///< end of the range; the index itself if `count` is 1
    int64_t count = 1;
};

Guarded randomAccess(Random &random, Loops &loops, int64_t length, bool narrow) {
    TermStore &terms = loops.terms;
    Guarded out;
    out.index = randomIndex(random, loops, narrow);
    out.access.path = loops.path;
    out.access.place.root = hir::LocalId(0);
    Step step;
    step.kind = StepKind::Elements;
    step.shape = {terms.constant(length)};
    if (random.maybe(20)) out.count = random.in(0, 3);
    step.dims = {{out.index.term, out.count == 1 ? TermId() : terms.constant(out.count)}};
    out.access.place.steps.push_back(step);
    out.guard = {terms.constant(0), [](int64_t, int64_t) { return int64_t(0); }};
    if (random.maybe(40)) {
        out.guard = randomIndex(random, loops, narrow);
        const int64_t limit = random.in(0, 6);
        const bool below = random.maybe(50);
        CondId cond = terms.less(out.guard.term, terms.constant(limit));
        if (!below) cond = terms.negate(cond);
        out.access.path = loops.paths.add(loops.path, cond, true);
        auto value = out.guard.eval;
        out.guard.eval = [=](int64_t i, int64_t k) { return int64_t((value(i, k) < limit) != below); };
    }
    return out;
}

bool touches(const Guarded &a, int64_t i, int64_t k, int64_t length) {
    const int64_t at = a.index.eval(i, k);
    return a.guard.eval(i, k) == 0 && at >= 0 && at + a.count <= length && a.count > 0;
}

void fuzzAccesses(uint32_t seed, bool narrow, int count) {
    Random random{std::mt19937(seed)};
    for (int round = 0; round < count; ++round) {
        Loops loops;
        TermStore &terms = loops.terms;
        loops.n = random.in(1, 7);
        loops.m = random.in(1, 4);
        loops.mark = terms.now();
        loops.i = loops.index(loops.n);
        loops.path = loops.paths.add({}, terms.less(loops.i, terms.constant(loops.n)), true);
        loops.k = loops.index(loops.m);
        const bool triangular = random.maybe(30);
        loops.path = loops.paths.add(loops.path, terms.less(loops.k, terms.constant(loops.m)), true);
        if (triangular) loops.path = loops.paths.add(loops.path, terms.less(loops.k, loops.i), true);
        const int64_t length = random.in(1, 20);
        Guarded a = randomAccess(random, loops, length, narrow);
        Guarded b = randomAccess(random, loops, length, narrow);
        a.access.kind = AccessKind::Write;

        bool expected = false;
        auto inner = [&](int64_t i) { return triangular ? std::min(i, loops.m) : loops.m; };
        for (int64_t i = 0; i < loops.n; ++i)
            for (int64_t j = 0; j < loops.n; ++j)
                for (int64_t k = 0; k < inner(i); ++k)
                    for (int64_t l = 0; l < inner(j); ++l) {
                        if (i == j || !touches(a, i, k, length) || !touches(b, j, l, length)) continue;
                        const int64_t x = a.index.eval(i, k), y = b.index.eval(j, l);
                        expected |= x < y + b.count && y < x + a.count;
                    }
        const Finding finding = loops.conflicts.check(a.access, b.access, {loops.mark, {loops.i}, false});
        ASSERT_EQ(finding.verdict, expected ? Verdict::Collide : Verdict::Apart)
            << "seed " << seed << " round " << round << ": a[" << terms.text(a.index.term) << "] x" << a.count << " and a["
            << terms.text(b.index.term) << "] x" << b.count << ", n=" << loops.n << " m=" << loops.m << " length=" << length;
        if (!expected) continue;
        const auto i = finding.model.value(terms, loops.i, 0), j = finding.model.value(terms, loops.i, 1);
        ASSERT_TRUE(i && j && *i != *j) << "round " << round;
    }
}

TEST(AccessConflicts, AgreeWithAllPairsOfIterations) { fuzzAccesses(11, false, rounds(300)); }
TEST(AccessConflicts, AgreeOnEightBitArithmetic) { fuzzAccesses(13, true, rounds(300)); }

// ---- symbolic widths --------------------------------------------------------------------------------------------

/// An index over (w, i, j), with products and divisions by `w`.
struct Symbolic {
    TermId term;
    std::function<std::optional<int64_t>(int64_t, int64_t, int64_t)> eval; ///< nothing: it traps
};

Symbolic randomSymbolic(Random &random, TermStore &terms, TermId w, TermId i, TermId j) {
    const int64_t a = random.in(-1, 2), b = random.in(-1, 2), c = random.in(-2, 2), d = random.in(-1, 1);
    const int64_t e = random.maybe(70) ? random.in(0, 1) : random.in(-1, 2);
    // (a*w + e*(1 or 0)) * i + b*j + c + d*w
    const bool flat = random.maybe(60);
    TermId term = flat ? terms.mul(terms.scale(i, a), terms.addConstant(w, e)) : terms.scale(i, a);
    term = terms.add(term, terms.add(terms.scale(j, b), terms.constant(c)));
    term = terms.add(term, terms.scale(w, d));
    auto plain = [=](int64_t width, int64_t x, int64_t y) {
        return (flat ? a * x * (width + e) : a * x) + b * y + c + d * width;
    };
    switch (random.in(0, 4)) {
    case 0:
        return {terms.quotient(term, w), [=](int64_t width, int64_t x, int64_t y) -> std::optional<int64_t> {
                    return width == 0 ? std::nullopt : std::optional(plain(width, x, y) / width);
                }};
    case 1:
        return {terms.remainder(term, w), [=](int64_t width, int64_t x, int64_t y) -> std::optional<int64_t> {
                    return width == 0 ? std::nullopt : std::optional(plain(width, x, y) % width);
                }};
    default:
        return {term, [=](int64_t width, int64_t x, int64_t y) -> std::optional<int64_t> { return plain(width, x, y); }};
    }
}

struct Family {
    TermStore terms;
    PathStore paths;
    Solver solver;
    Conflicts conflicts{terms, paths, solver};
    TermId w, n, i, j;
    PathId path;
    Birth mark = 0;
    bool inner_is_width = true;

    explicit Family(Random &random) {
        w = terms.freshTerm("w", TermStore::rangeOf(64, true));
        n = terms.freshTerm("n", TermStore::rangeOf(64, true));
        mark = terms.now();
        i = terms.symbol(terms.fresh(SymbolKind::Index, "i", {0, Wide(1) << 62}));
        path = paths.add({}, terms.less(i, n), true);
        j = terms.symbol(terms.fresh(SymbolKind::Index, "j", {0, Wide(1) << 62}));
        inner_is_width = random.maybe(70);
        path = paths.add(path, terms.less(j, inner_is_width ? w : terms.addConstant(w, 1)), true);
    }
    Access access(const std::vector<Symbolic> &dims) {
        Access out;
        out.kind = AccessKind::Write;
        out.path = path;
        out.place.root = hir::LocalId(0);
        Step step;
        step.kind = StepKind::Elements;
        for (const Symbolic &dim : dims) {
            step.dims.push_back({dim.term, {}});
            step.shape.push_back(terms.freshTerm("len", {0, Wide(1) << 60}));
        }
        out.place.steps.push_back(step);
        return out;
    }
};

bool collides(const Family &family, const std::vector<Symbolic> &a, const std::vector<Symbolic> &b) {
    for (int64_t w = -2; w <= 4; ++w)
        for (int64_t x = 0; x < 5; ++x)
            for (int64_t y = 0; y < 5; ++y)
                for (int64_t j = 0; j < w + !family.inner_is_width; ++j)
                    for (int64_t l = 0; l < w + !family.inner_is_width; ++l) {
                        bool same = x != y;
                        for (size_t d = 0; d < a.size() && same; ++d) {
                            const auto p = a[d].eval(w, x, j), q = b[d].eval(w, y, l);
                            same = p && q && *p == *q && *p >= 0;
                        }
                        if (same) return true;
                    }
    return false;
}

TEST(AccessConflicts, NeverCallIterationsApartThatMeetForSomeWidth) {
    Random random{std::mt19937(17)};
    int apart = 0;
    for (int round = 0; round < rounds(60); ++round) {
        Family family(random);
        std::vector<Symbolic> a, b;
        for (int64_t d = random.in(1, 2); d > 0; --d) {
            a.push_back(randomSymbolic(random, family.terms, family.w, family.i, family.j));
            b.push_back(random.maybe(50) ? a.back()
                                         : randomSymbolic(random, family.terms, family.w, family.i, family.j));
        }
        const Finding finding =
            family.conflicts.check(family.access(a), family.access(b), {family.mark, {family.i}, false, &kGuarded, {}});
        const bool meet = collides(family, a, b);
        std::string text;
        for (size_t d = 0; d < a.size(); ++d)
            text += fmt::format(" [{} | {}]", family.terms.text(a[d].term), family.terms.text(b[d].term));
        if (meet) ASSERT_NE(finding.verdict, Verdict::Apart) << "round " << round << text;
        apart += finding.verdict == Verdict::Apart;
        if (finding.verdict != Verdict::Collide) continue;
        // The witness is one.
        auto value = [&](TermId term, int run) { return finding.model.value(family.terms, term, run).value_or(0); };
        for (size_t d = 0; d < a.size(); ++d) {
            const auto p = a[d].eval(value(family.w, 0), value(family.i, 0), value(family.j, 0));
            const auto q = b[d].eval(value(family.w, 1), value(family.i, 1), value(family.j, 1));
            ASSERT_TRUE(p && q && *p == *q) << "round " << round << text;
        }
    }
    EXPECT_GT(apart, 0);
}

// ---- what the solver cannot multiply ----------------------------------------------------------------------------

struct Flat : Loops {
    TermId w, h, j;
    Flat() {
        w = terms.freshTerm("w", TermStore::rangeOf(64, true));
        h = terms.freshTerm("h", TermStore::rangeOf(64, true));
        mark = terms.now();
        i = terms.symbol(terms.fresh(SymbolKind::Index, "i", {0, Wide(1) << 62}));
        path = paths.add({}, terms.less(i, h), true);
        j = terms.symbol(terms.fresh(SymbolKind::Index, "j", {0, Wide(1) << 62}));
        path = paths.add(path, terms.less(j, w), true);
    }
    Verdict verdict(TermId x, TermId y, const std::function<bool(const Needs &)> *can_guard = &kGuarded) {
        auto access = [&](TermId index) {
            Access out;
            out.kind = AccessKind::Write;
            out.path = path;
            out.place.root = hir::LocalId(0);
            Step step;
            step.kind = StepKind::Elements;
            step.shape = {terms.symbol(terms.fresh(SymbolKind::Free, "len", {0, Wide(1) << 60}))};
            step.dims = {{index, {}}};
            out.place.steps.push_back(step);
            return out;
        };
        return conflicts.check(access(x), access(y), {mark, {i}, false, can_guard, {}}).verdict;
    }
};

TEST(AccessRadix, AFlatIndexWithASymbolicWidthIsTwoIndices) {
    Flat f;
    const TermId index = f.terms.add(f.terms.mul(f.i, f.w), f.j);
    EXPECT_EQ(f.verdict(index, index), Verdict::Apart);
}

TEST(AccessRadix, AProductThatMayWrapIsNoIndexWithoutAGuard) {
    Flat f;
    const TermId index = f.terms.add(f.terms.mul(f.i, f.w), f.j);
    EXPECT_NE(f.verdict(index, index, nullptr), Verdict::Apart);
}

TEST(AccessWrapping, AUnitStrideStaysInjectiveAFactorOfFourDoesNot) {
    Flat f;
    EXPECT_EQ(f.verdict(f.terms.add(f.i, f.w), f.terms.add(f.i, f.w), nullptr), Verdict::Apart);
    EXPECT_EQ(f.verdict(f.terms.scale(f.i, 3), f.terms.scale(f.i, 3), nullptr), Verdict::Apart);
    EXPECT_NE(f.verdict(f.terms.scale(f.i, 4), f.terms.scale(f.i, 4), nullptr), Verdict::Apart);
    EXPECT_EQ(f.verdict(f.terms.scale(f.i, 4), f.terms.scale(f.i, 4)), Verdict::Apart);
}

TEST(AccessRadix, ADigitThatReachesTheWidthIsNot) {
    Flat f;
    const TermId index = f.terms.add(f.terms.mul(f.i, f.w), f.j);
    EXPECT_NE(f.verdict(index, f.terms.addConstant(index, 1)), Verdict::Apart);
}

TEST(AccessRadix, TheWidthMayBeASum) {
    Flat f;
    const TermId wider = f.terms.addConstant(f.w, 1);
    const TermId index = f.terms.add(f.terms.mul(f.i, wider), f.j);
    EXPECT_EQ(f.verdict(index, index), Verdict::Apart);
    EXPECT_EQ(f.verdict(index, f.terms.addConstant(index, 1)), Verdict::Apart);
    EXPECT_NE(f.verdict(index, f.terms.addConstant(index, 2)), Verdict::Apart);
}

TEST(AccessRadix, QuotientAndRemainderOfOneDivisionAreTheDividend) {
    TermStore terms;
    const TermId w = terms.freshTerm("w", {1, 1 << 20});
    const Birth mark = terms.now();
    const TermId i = terms.symbol(terms.fresh(SymbolKind::Index, "i", {0, 1 << 20}));
    EXPECT_TRUE(determines(terms, {terms.quotient(i, w), terms.remainder(i, w)}, {i}, mark, false));
    EXPECT_FALSE(determines(terms, {terms.quotient(i, w)}, {i}, mark, false));
}

} // namespace
} // namespace parlane::access
