// Arithmetic on the sizes of fixed arrays where integer parameters decide them.
#include "lang/types/type_store.h"

#include <algorithm>
#include <map>

namespace parlane::types {

namespace {

int64_t wrapping(uint64_t value) { return static_cast<int64_t>(value); }

std::vector<uint32_t> keyOf(const std::vector<TypeId> &factors) {
    std::vector<uint32_t> key;
    for (TypeId factor : factors) key.push_back(factor.raw);
    return key;
}

} // namespace

bool TypeStore::isSize(TypeId id) const {
    const auto *p = as<ParamType>(id);
    return is<SizeType>(id) || is<SizeSumType>(id) || (p && params[p->param].integer);
}

std::vector<SizeSumType::Term> TypeStore::termsOf(TypeId size) const {
    if (const auto *value = as<SizeType>(size)) return {{{}, value->value}};
    if (const auto *sum = as<SizeSumType>(size)) return sum->terms;
    return {{{size}, 1}};
}

TypeId TypeStore::sizeOf(std::vector<SizeSumType::Term> terms) {
    std::map<std::vector<uint32_t>, SizeSumType::Term> merged;
    for (SizeSumType::Term &term : terms) {
        auto [place, fresh] = merged.try_emplace(keyOf(term.factors), term);
        if (!fresh)
            place->second.count =
                wrapping(static_cast<uint64_t>(place->second.count) + static_cast<uint64_t>(term.count));
    }
    terms.clear();
    for (auto &[key, term] : merged)
        if (term.count != 0) terms.push_back(std::move(term));
    if (terms.empty()) return size(0);
    if (terms.size() == 1 && terms[0].factors.empty()) return size(terms[0].count);
    if (terms.size() == 1 && terms[0].factors.size() == 1 && terms[0].count == 1) return terms[0].factors[0];
    return intern(SizeSumType{std::move(terms)});
}

TypeId TypeStore::sizeSum(TypeId a, TypeId b, int64_t times_b) {
    std::vector<SizeSumType::Term> terms = termsOf(a);
    for (SizeSumType::Term term : termsOf(b)) {
        term.count = wrapping(static_cast<uint64_t>(term.count) * static_cast<uint64_t>(times_b));
        terms.push_back(std::move(term));
    }
    return sizeOf(std::move(terms));
}

TypeId TypeStore::sizeProduct(TypeId a, TypeId b) {
    std::vector<SizeSumType::Term> terms;
    for (const SizeSumType::Term &x : termsOf(a))
        for (const SizeSumType::Term &y : termsOf(b)) {
            SizeSumType::Term term{x.factors, wrapping(static_cast<uint64_t>(x.count) * static_cast<uint64_t>(y.count))};
            term.factors.insert(term.factors.end(), y.factors.begin(), y.factors.end());
            std::ranges::sort(term.factors, {}, &TypeId::raw);
            terms.push_back(std::move(term));
        }
    return sizeOf(std::move(terms));
}

} // namespace parlane::types
