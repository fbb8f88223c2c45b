// The only file that sees isl.
#include "lang/access/solver.h"

#include "lang/base/check.h"

#include <isl/aff.h>
#include <isl/constraint.h>
#include <isl/ctx.h>
#include <isl/local_space.h>
#include <isl/options.h>
#include <isl/point.h>
#include <isl/set.h>
#include <isl/space.h>
#include <isl/val.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace parlane::access {

namespace {

/// More alternatives than this are not looked at one by one; the answer is Unknown.
constexpr size_t kMaxAlternatives = 512;
/// Witnesses are looked for in growing boxes, so that they come out small.
constexpr int64_t kBoxes[] = {8, 64, 4096};

struct Conjunct {
    std::vector<const Formula *> atoms;
};

/// Disjunctive normal form; false if it grows too large.
bool expand(const Formula &formula, std::vector<Conjunct> &out) {
    switch (formula.kind) {
    case Formula::Kind::True: return true;
    case Formula::Kind::False: out.clear(); return true;
    case Formula::Kind::NotNegative:
    case Formula::Kind::Zero:
        for (Conjunct &c : out) c.atoms.push_back(&formula);
        return true;
    case Formula::Kind::And:
        for (const Formula &part : formula.parts)
            if (!expand(part, out)) return false;
        return true;
    case Formula::Kind::Or: {
        std::vector<Conjunct> all;
        for (const Formula &part : formula.parts) {
            std::vector<Conjunct> one = out;
            if (!expand(part, one)) return false;
            all.insert(all.end(), one.begin(), one.end());
            if (all.size() > kMaxAlternatives) return false;
        }
        out = std::move(all);
        return true;
    }
    }
    return false;
}

/// A contradiction that needs no solver: one equation without a solution, or two opposite bounds.
bool plainlyEmpty(const Conjunct &conjunct) {
    for (size_t k = 0; k < conjunct.atoms.size(); ++k) {
        const Formula &atom = *conjunct.atoms[k];
        const Linear &linear = atom.linear;
        if (linear.terms.empty()) {
            if (atom.kind == Formula::Kind::Zero ? linear.constant != 0 : linear.constant < 0) return true;
            continue;
        }
        if (atom.kind == Formula::Kind::Zero) {
            int64_t divisor = 0;
            for (auto [var, factor] : linear.terms) divisor = std::gcd(divisor, factor);
            if (divisor != 0 && linear.constant % divisor != 0) return true;
            continue;
        }
        for (size_t j = 0; j < k; ++j) {
            const Formula &other = *conjunct.atoms[j];
            if (other.kind != Formula::Kind::NotNegative || other.linear.terms.size() != linear.terms.size()) continue;
            auto opposite = [](auto a, auto b) { return a.first == b.first && a.second == -b.second; };
            if (std::equal(linear.terms.begin(), linear.terms.end(), other.linear.terms.begin(), opposite) &&
                __int128(linear.constant) + other.linear.constant < 0)
                return true;
        }
    }
    return false;
}

void encode(const Formula &formula, std::string &out) {
    auto number = [&](int64_t v) {
        uint64_t z = (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
        for (; z >= 128; z >>= 7) out.push_back(static_cast<char>(z | 128));
        out.push_back(static_cast<char>(z));
    };
    out.push_back(static_cast<char>(formula.kind));
    if (formula.kind == Formula::Kind::NotNegative || formula.kind == Formula::Kind::Zero) {
        number(static_cast<int64_t>(formula.linear.terms.size()));
        for (auto [var, factor] : formula.linear.terms) {
            number(var);
            number(factor);
        }
        number(formula.linear.constant);
    }
    number(static_cast<int64_t>(formula.parts.size()));
    for (const Formula &part : formula.parts) encode(part, out);
}

Formula::Kind constantKind(bool value) { return value ? Formula::Kind::True : Formula::Kind::False; }

} // namespace

Formula Formula::notNegative(Linear linear) {
    if (linear.terms.empty()) return {constantKind(linear.constant >= 0), {}, {}};
    return {Kind::NotNegative, std::move(linear), {}};
}

Formula Formula::zero(Linear linear) {
    if (linear.terms.empty()) return {constantKind(linear.constant == 0), {}, {}};
    return {Kind::Zero, std::move(linear), {}};
}

Formula Formula::both(Formula a, Formula b) {
    if (a.kind == Kind::True || b.kind == Kind::False) return b;
    if (b.kind == Kind::True || a.kind == Kind::False) return a;
    if (a.kind != Kind::And) a = {Kind::And, {}, {std::move(a)}};
    if (b.kind != Kind::And)
        a.parts.push_back(std::move(b));
    else
        std::move(b.parts.begin(), b.parts.end(), std::back_inserter(a.parts));
    return a;
}

Formula Formula::either(Formula a, Formula b) {
    if (a.kind == Kind::False || b.kind == Kind::True) return b;
    if (b.kind == Kind::False || a.kind == Kind::True) return a;
    if (a.kind != Kind::Or) a = {Kind::Or, {}, {std::move(a)}};
    a.parts.push_back(std::move(b));
    return a;
}

__int128 evaluate(const Linear &linear, const std::vector<int64_t> &values) {
    __int128 sum = linear.constant;
    for (auto [var, factor] : linear.terms) sum += __int128(factor) * values[var];
    return sum;
}

bool holds(const Formula &formula, const std::vector<int64_t> &values) {
    auto here = [&](const Formula &part) { return holds(part, values); };
    switch (formula.kind) {
    case Formula::Kind::True: return true;
    case Formula::Kind::False: return false;
    case Formula::Kind::NotNegative: return evaluate(formula.linear, values) >= 0;
    case Formula::Kind::Zero: return evaluate(formula.linear, values) == 0;
    case Formula::Kind::And: return std::all_of(formula.parts.begin(), formula.parts.end(), here);
    case Formula::Kind::Or: return std::any_of(formula.parts.begin(), formula.parts.end(), here);
    }
    return false;
}

struct Solver::Library {
    isl_ctx *ctx;
    unsigned long operations;

    explicit Library(unsigned long operations) : ctx(isl_ctx_alloc()), operations(operations) {
        isl_options_set_on_error(ctx, ISL_ON_ERROR_CONTINUE);
    }
    ~Library() {
        isl_ctx_set_max_operations(ctx, 0);
        isl_ctx_free(ctx);
    }

    void start() {
        isl_ctx_reset_error(ctx);
        isl_ctx_reset_operations(ctx);
        isl_ctx_set_max_operations(ctx, operations);
    }
    bool failed() { return isl_ctx_last_error(ctx) != isl_error_none; }

    isl_constraint *constraint(isl_local_space *space, const Formula &atom) {
        isl_constraint *c = atom.kind == Formula::Kind::Zero ? isl_constraint_alloc_equality(space)
                                                             : isl_constraint_alloc_inequality(space);
        for (auto [var, factor] : atom.linear.terms)
            c = isl_constraint_set_coefficient_val(c, isl_dim_set, static_cast<int>(var),
                                                   isl_val_int_from_si(ctx, factor));
        return isl_constraint_set_constant_val(c, isl_val_int_from_si(ctx, atom.linear.constant));
    }

    isl_basic_set *build(uint32_t vars, const Conjunct &conjunct) {
        isl_space *space = isl_space_set_alloc(ctx, 0, vars);
        isl_local_space *local = isl_local_space_from_space(isl_space_copy(space));
        isl_basic_set *set = isl_basic_set_universe(space);
        for (const Formula *atom : conjunct.atoms)
            set = isl_basic_set_add_constraint(set, constraint(isl_local_space_copy(local), *atom));
        isl_local_space_free(local);
        return set;
    }

    /// Adds `lo <= v <= hi` for each variable.
    isl_basic_set *box(isl_basic_set *set, uint32_t vars, int64_t lo, int64_t hi) {
        for (uint32_t v = 0; v < vars; ++v) {
            set = isl_basic_set_lower_bound_val(set, isl_dim_set, v, isl_val_int_from_si(ctx, lo));
            set = isl_basic_set_upper_bound_val(set, isl_dim_set, v, isl_val_int_from_si(ctx, hi));
        }
        return set;
    }

    /// The values of a point; nothing if it is void, or a value does not fit. Takes `point`.
    std::optional<std::vector<int64_t>> values(isl_point *point, uint32_t vars) {
        std::optional<std::vector<int64_t>> out;
        if (point && isl_point_is_void(point) == isl_bool_false) {
            out.emplace();
            for (uint32_t v = 0; v < vars && out; ++v) {
                isl_val *value = isl_point_get_coordinate_val(point, isl_dim_set, static_cast<int>(v));
                if (value && isl_val_n_abs_num_chunks(value, 8) == 1 && isl_val_is_int(value) == isl_bool_true)
                    out->push_back(isl_val_get_num_si(value));
                else
                    out.reset();
                isl_val_free(value);
            }
        }
        isl_point_free(point);
        return out;
    }

    Answer::Kind decide(uint32_t vars, const std::vector<Conjunct> &all) {
        start();
        for (const Conjunct &conjunct : all) {
            if (plainlyEmpty(conjunct)) continue;
            isl_basic_set *set = build(vars, conjunct);
            const isl_bool empty = isl_basic_set_is_empty(set);
            isl_basic_set_free(set);
            if (empty == isl_bool_error || failed()) return Answer::Kind::Unknown;
            if (empty == isl_bool_false) return Answer::Kind::Witness;
        }
        return Answer::Kind::Empty;
    }

    std::optional<std::vector<int64_t>> smallest(uint32_t vars, const std::vector<Conjunct> &all, int64_t lo,
                                                 int64_t hi) {
        std::optional<std::vector<int64_t>> best;
        for (const Conjunct &conjunct : all) {
            if (plainlyEmpty(conjunct)) continue;
            start();
            isl_set *set = isl_basic_set_lexmin(box(build(vars, conjunct), vars, lo, hi));
            auto found = values(isl_set_sample_point(set), vars);
            if (found && (!best || *found < *best)) best = std::move(found);
        }
        return best;
    }

    std::optional<std::vector<int64_t>> any(uint32_t vars, const std::vector<Conjunct> &all) {
        for (const Conjunct &conjunct : all) {
            if (plainlyEmpty(conjunct)) continue;
            start();
            if (auto found = values(isl_basic_set_sample_point(build(vars, conjunct)), vars)) return found;
        }
        return std::nullopt;
    }
};

Solver::Solver(unsigned long operations) : library(std::make_unique<Library>(operations)) {}
Solver::~Solver() = default;

Answer::Kind Solver::decide(const System &system) {
    if (system.formula.kind == Formula::Kind::False) return Answer::Kind::Empty;
    std::string key;
    encode(system.formula, key);
    ++asked;
    if (auto found = decided.find(key); found != decided.end()) {
        ++from_cache;
        return found->second;
    }
    std::vector<Conjunct> all(1);
    const Answer::Kind kind =
        expand(system.formula, all) ? library->decide(system.vars, all) : Answer::Kind::Unknown;
    decided.emplace(std::move(key), kind);
    return kind;
}

Answer Solver::solve(const System &system) {
    const Answer::Kind kind = decide(system);
    if (kind != Answer::Kind::Witness) return {kind, {}};
    std::vector<Conjunct> all(1);
    if (!expand(system.formula, all)) return {};
    std::optional<std::vector<int64_t>> found;
    for (int64_t size : kBoxes)
        if (!found) found = library->smallest(system.vars, all, 0, size);
    for (int64_t size : kBoxes)
        if (!found) found = library->smallest(system.vars, all, -size, size);
    if (!found) found = library->any(system.vars, all);
    if (!found || !holds(system.formula, *found)) return {};
    return {Answer::Kind::Witness, std::move(*found)};
}

} // namespace parlane::access
