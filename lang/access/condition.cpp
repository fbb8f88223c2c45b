// Conditions over terms, substitution, and terms as text.
#include "lang/access/term.h"

#include <algorithm>
#include <fmt/format.h>

namespace parlane::access {

CondId TermStore::internCond(Cond cond) {
    std::vector<uint32_t> key = {static_cast<uint32_t>(cond.kind), cond.term.raw, cond.left.raw, cond.right.raw};
    if (auto found = cond_index.find(key); found != cond_index.end()) return found->second;
    CondId id = conds.add(cond);
    cond_index.emplace(std::move(key), id);
    return id;
}

CondId TermStore::notNegative(TermId a) {
    const Interval range = interval(a);
    if (range.lo >= 0) return yes;
    if (range.hi < 0) return no;
    return internCond({CondKind::NotNegative, a, {}, {}});
}

CondId TermStore::zero(TermId a) {
    const Interval range = interval(a);
    if (range.lo == 0 && range.hi == 0) return yes;
    if (range.lo > 0 || range.hi < 0) return no;
    return internCond({CondKind::Zero, a, {}, {}});
}

CondId TermStore::both(CondId a, CondId b) {
    if (a == yes || a == b) return b;
    if (b == yes) return a;
    if (a == no || b == no) return no;
    return internCond({CondKind::And, {}, a, b});
}

CondId TermStore::either(CondId a, CondId b) {
    if (a == no || a == b) return b;
    if (b == no) return a;
    if (a == yes || b == yes) return yes;
    return internCond({CondKind::Or, {}, a, b});
}

CondId TermStore::negate(CondId a) {
    const Cond c = conds[a];
    switch (c.kind) {
    case CondKind::True: return no;
    case CondKind::False: return yes;
    case CondKind::Unknown: return perhaps;
    case CondKind::NotNegative: return notNegative(addConstant(scale(c.term, -1), -1));
    case CondKind::Zero:
        return either(notNegative(addConstant(c.term, -1)), notNegative(addConstant(scale(c.term, -1), -1)));
    case CondKind::And: return either(negate(c.left), negate(c.right));
    case CondKind::Or: return both(negate(c.left), negate(c.right));
    }
    return perhaps;
}

TermId TermStore::substituteSymbol(SymbolId id, const Map &map) {
    const Symbol s = symbols[id];
    std::vector<TermId> args;
    switch (s.kind) {
    case SymbolKind::Free:
    case SymbolKind::Index: {
        TermId replaced = map(id);
        return replaced ? replaced : symbol(id);
    }
    case SymbolKind::Quotient: return quotient(substitute(s.args[0], map), substitute(s.args[1], map));
    case SymbolKind::Remainder: return remainder(substitute(s.args[0], map), substitute(s.args[1], map));
    case SymbolKind::Min: return min(substitute(s.args[0], map), substitute(s.args[1], map));
    case SymbolKind::Max: return max(substitute(s.args[0], map), substitute(s.args[1], map));
    case SymbolKind::Wrapped: return wrap(substitute(s.args[0], map), s.bits, s.is_signed);
    case SymbolKind::Opaque: {
        // What it depends on besides its arguments belongs to the callee: a new value, unless the map knows it.
        TermId replaced = map(id);
        return replaced ? replaced : symbol(id);
    }
    }
    return symbol(id);
}

TermId TermStore::substitute(TermId id, const Map &map) {
    const Term term = terms[id];
    TermId sum = constant(term.constant);
    for (const Monomial &m : term.monomials) {
        TermId part = constant(m.factor);
        for (SymbolId s : m.symbols) part = mul(part, substituteSymbol(s, map));
        sum = add(sum, part);
    }
    return sum;
}

CondId TermStore::substitute(CondId id, const Map &map) {
    const Cond c = conds[id];
    switch (c.kind) {
    case CondKind::NotNegative: return notNegative(substitute(c.term, map));
    case CondKind::Zero: return zero(substitute(c.term, map));
    case CondKind::And: return both(substitute(c.left, map), substitute(c.right, map));
    case CondKind::Or: return either(substitute(c.left, map), substitute(c.right, map));
    default: return id;
    }
}

CondId TermStore::unwrapped(CondId id, std::vector<SymbolId> &wrapped) {
    const Cond c = conds[id];
    switch (c.kind) {
    case CondKind::NotNegative: return notNegative(unwrapped(c.term, wrapped));
    case CondKind::Zero: return zero(unwrapped(c.term, wrapped));
    case CondKind::And: return both(unwrapped(c.left, wrapped), unwrapped(c.right, wrapped));
    case CondKind::Or: return either(unwrapped(c.left, wrapped), unwrapped(c.right, wrapped));
    default: return id;
    }
}

bool TermStore::mentions(TermId id, SymbolId wanted) const {
    for (const Monomial &m : terms[id].monomials)
        for (SymbolId s : m.symbols)
            if (s == wanted || std::any_of(symbols[s].args.begin(), symbols[s].args.end(),
                                           [&](TermId arg) { return mentions(arg, wanted); }))
                return true;
    return false;
}

bool TermStore::mentions(CondId id, SymbolId wanted) const {
    const Cond &c = conds[id];
    if (c.kind == CondKind::And || c.kind == CondKind::Or) return mentions(c.left, wanted) || mentions(c.right, wanted);
    return c.term && mentions(c.term, wanted);
}

void TermStore::doubt(CondId id, TermId operand) {
    const Cond c = conds[id];
    if (c.kind == CondKind::And || c.kind == CondKind::Or) {
        doubt(c.left, operand);
        return doubt(c.right, operand);
    }
    if (c.kind != CondKind::NotNegative && c.kind != CondKind::Zero) return;
    auto add = [&](CondId cond) {
        std::vector<TermId> &all = doubts[cond];
        if (std::find(all.begin(), all.end(), operand) == all.end()) all.push_back(operand);
    };
    add(id);
    const CondId no = negate(id);
    const Cond n = conds[no];
    if (n.kind == CondKind::Or) { // of an equation
        add(n.left);
        add(n.right);
    } else if (n.kind == CondKind::NotNegative) {
        add(no);
    }
}

void TermStore::addDoubts(CondId id, std::vector<TermId> &out) const {
    const Cond &c = conds[id];
    if (c.kind == CondKind::And || c.kind == CondKind::Or) {
        addDoubts(c.left, out);
        return addDoubts(c.right, out);
    }
    if (auto found = doubts.find(id); found != doubts.end())
        out.insert(out.end(), found->second.begin(), found->second.end());
}

namespace {

std::string symbolText(const TermStore &terms, SymbolId id) {
    const Symbol &s = terms[id];
    if (!s.text.empty()) return s.text;
    auto arg = [&](size_t k) {
        std::string text = terms.text(s.args[k]);
        return text.find(' ') == std::string::npos ? text : "(" + text + ")";
    };
    switch (s.kind) {
    case SymbolKind::Quotient: return arg(0) + " / " + arg(1);
    case SymbolKind::Remainder: return arg(0) + " % " + arg(1);
    case SymbolKind::Min: return fmt::format("min({}, {})", terms.text(s.args[0]), terms.text(s.args[1]));
    case SymbolKind::Max: return fmt::format("max({}, {})", terms.text(s.args[0]), terms.text(s.args[1]));
    case SymbolKind::Wrapped:
        return fmt::format("{}{}({})", s.is_signed ? 'i' : 'u', s.bits, terms.text(s.args[0]));
    default: return fmt::format("?{}", id.raw);
    }
}

} // namespace

std::string TermStore::text(TermId id) const {
    const Term &term = terms[id];
    std::string out;
    auto append = [&](int64_t factor, const std::string &body) {
        const bool negative = factor < 0;
        const uint64_t size = negative ? 0 - static_cast<uint64_t>(factor) : static_cast<uint64_t>(factor);
        if (out.empty())
            out += negative ? "-" : "";
        else
            out += negative ? " - " : " + ";
        if (body.empty())
            out += fmt::format("{}", size);
        else
            out += size == 1 ? body : fmt::format("{}*{}", size, body);
    };
    for (const Monomial &m : term.monomials) {
        std::string body;
        for (SymbolId s : m.symbols) body += (body.empty() ? "" : "*") + symbolText(*this, s);
        append(m.factor, body);
    }
    if (term.constant != 0 || out.empty()) append(term.constant, "");
    return out;
}

} // namespace parlane::access
