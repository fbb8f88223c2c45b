#include "lang/access/guard.h"

#include <algorithm>

namespace parlane::access {

namespace {

/// Larger predicates are not cheap.
constexpr size_t kMostProducts = 48;
constexpr int kDeepest = 6;
constexpr int64_t kLimit = int64_t(1) << 62;

} // namespace

std::optional<GuardBuilder::Sum> GuardBuilder::times(const Sum &a, const Sum &b) {
    if (a.size() * b.size() > kMostProducts) return std::nullopt;
    Sum out;
    for (const Product &x : a)
        for (const Product &y : b) {
            Product product = x;
            if (__builtin_mul_overflow(x.factor, y.factor, &product.factor)) return std::nullopt;
            product.quantities.insert(product.quantities.end(), y.quantities.begin(), y.quantities.end());
            out.push_back(std::move(product));
        }
    return out;
}

std::optional<GuardBuilder::Sum> GuardBuilder::magnitude(SymbolId id, int depth) {
    if (depth > kDeepest) return std::nullopt;
    const Symbol &symbol = terms[id];
    if (auto found = quantities.values.find(id); found != quantities.values.end()) return Sum{{1, {found->second}}};
    if (auto found = quantities.ends->find(id); found != quantities.ends->end()) {
        auto sum = magnitude(found->second.first, depth + 1);
        const auto other = magnitude(found->second.second, depth + 1);
        if (sum && other && sum->size() + other->size() <= kMostProducts) {
            sum->insert(sum->end(), other->begin(), other->end());
            return sum;
        }
    }
    const Wide size = std::max(-symbol.range.lo, symbol.range.hi);
    auto both = [&]() -> std::optional<Sum> {
        auto sum = magnitude(symbol.args[0], depth + 1);
        const auto other = magnitude(symbol.args[1], depth + 1);
        if (!sum || !other) return std::nullopt;
        sum->insert(sum->end(), other->begin(), other->end());
        return sum;
    };
    if (size > kLimit || (symbol.kind != SymbolKind::Free && symbol.kind != SymbolKind::Index)) {
        switch (symbol.kind) {
        case SymbolKind::Quotient: return magnitude(symbol.args[0], depth + 1);
        case SymbolKind::Remainder:
            if (auto sum = magnitude(symbol.args[1], depth + 1)) return sum;
            return magnitude(symbol.args[0], depth + 1);
        case SymbolKind::Min:
        case SymbolKind::Max: return both();
        case SymbolKind::Wrapped: // no farther from 0 than what was wrapped
            if (!symbol.is_signed && terms.interval(symbol.args[0]).lo < 0) break;
            if (auto sum = magnitude(symbol.args[0], depth + 1)) return sum;
            break;
        default: break;
        }
    }
    if (size > kLimit) return std::nullopt;
    return Sum{{std::max<int64_t>(1, static_cast<int64_t>(size)), {}}};
}

std::optional<GuardBuilder::Sum> GuardBuilder::magnitude(TermId id, int depth) {
    Sum out;
    const Term &term = terms[id];
    if (term.constant == INT64_MIN) return std::nullopt;
    if (term.constant != 0) out.push_back({term.constant < 0 ? -term.constant : term.constant, {}});
    for (const Monomial &m : term.monomials) {
        if (m.factor == INT64_MIN) return std::nullopt;
        std::optional<Sum> part = Sum{{m.factor < 0 ? -m.factor : m.factor, {}}};
        for (SymbolId s : m.symbols) {
            const auto factor = magnitude(s, depth);
            if (!factor) return std::nullopt;
            part = times(*part, *factor);
            if (!part) return std::nullopt;
        }
        out.insert(out.end(), part->begin(), part->end());
        if (out.size() > kMostProducts) return std::nullopt;
    }
    return out;
}

std::optional<Guard> GuardBuilder::small(TermId term, int64_t limit) {
    auto sum = magnitude(term, 0);
    if (!sum) return std::nullopt;
    Guard guard{Guard::Kind::Small, {}, 0, limit};
    for (Product &product : *sum) {
        auto before = [](const Quantity &a, const Quantity &b) {
            return std::tie(a.local.raw, a.path, a.extent) < std::tie(b.local.raw, b.path, b.extent);
        };
        std::sort(product.quantities.begin(), product.quantities.end(), before);
        if (product.quantities.empty()) {
            if (__builtin_add_overflow(guard.constant, product.factor, &guard.constant)) return std::nullopt;
            continue;
        }
        auto same = std::find_if(guard.sum.begin(), guard.sum.end(),
                                 [&](const Product &other) { return other.quantities == product.quantities; });
        if (same == guard.sum.end())
            guard.sum.push_back(std::move(product));
        else if (__builtin_add_overflow(same->factor, product.factor, &same->factor))
            return std::nullopt;
    }
    if (guard.sum.empty() && guard.constant > limit) return std::nullopt;
    return guard;
}

/// Over quantities alone: a loop index has no value yet.
std::optional<Guard> GuardBuilder::notNegative(TermId id) {
    const Term &term = terms[id];
    Guard guard{Guard::Kind::NotNegative, {}, term.constant, 0};
    for (const Monomial &m : term.monomials) {
        Product product{m.factor, {}};
        for (SymbolId s : m.symbols) {
            auto found = quantities.values.find(s);
            if (found == quantities.values.end()) return std::nullopt;
            product.quantities.push_back(found->second);
        }
        guard.sum.push_back(std::move(product));
    }
    return guard;
}

std::optional<std::vector<Guard>> GuardBuilder::build(const Needs &needs) {
    std::vector<Guard> out;
    auto add = [&](std::optional<Guard> guard) {
        if (!guard) return false;
        // What holds anyway needs no test.
        if (guard->kind == Guard::Kind::Small && guard->sum.empty()) return true;
        out.push_back(std::move(*guard));
        return true;
    };
    std::vector<TermId> sums = needs.sums;
    for (size_t k = 0; k < sums.size(); ++k) {
        // What is computed from a sum needs that one too.
        for (const Monomial &m : terms[sums[k]].monomials)
            for (SymbolId s : m.symbols)
                if (terms[s].assumed)
                    for (TermId arg : terms[s].args)
                        if (std::find(sums.begin(), sums.end(), arg) == sums.end()) sums.push_back(arg);
        if (!terms.fits(sums[k]) && !add(small(sums[k], kLimit))) return std::nullopt;
    }
    for (SymbolId id : needs.narrow) {
        const Symbol &symbol = terms[id];
        const Interval range = TermStore::rangeOf(symbol.bits, symbol.is_signed);
        if (terms.interval(symbol.args[0]).lo < 0 && !symbol.is_signed) return std::nullopt;
        if (!add(small(symbol.args[0], static_cast<int64_t>(std::min<Wide>(range.hi, kLimit))))) return std::nullopt;
    }
    auto condition = [&](auto &self, CondId id) -> bool {
        const Cond &c = terms[id];
        if (c.kind == CondKind::True) return true;
        if (c.kind == CondKind::And) return self(self, c.left) && self(self, c.right);
        return c.kind == CondKind::NotNegative && add(notNegative(c.term));
    };
    for (CondId cond : needs.conds)
        if (!condition(condition, cond)) return std::nullopt;
    return out;
}

} // namespace parlane::access
