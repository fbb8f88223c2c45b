#include "lang/check/exhaustive.h"

#include "lang/base/match.h"
#include "lang/check/const_value.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace parlane::check {

using hir::PatternId;
using types::TypeId;
using Int = __int128;

namespace {

/// Constructors of one column: which of them there are, and what is inside each.
struct Constructor {
    std::vector<TypeId> parts;
    std::string text; ///< with `{}` for each part
    Int lo = 0, hi = 0;
    PatternId literal; ///< of floats and strings
};

constexpr int kMaxSteps = 20000;

class Checker {
public:
    Checker(types::TypeStore &types, const hir::Body &body, const Interner &names) : types(types), body(body),
        names(names) {}

    /// An invalid pattern stands for `_`.
    using Row = std::vector<PatternId>;

    /// A value that `rows` do not cover, as texts of its parts; nothing if all are covered.
    std::optional<std::vector<std::string>> uncovered(const std::vector<Row> &rows, const std::vector<TypeId> &columns,
        const Row *wanted) {
        if (++steps > kMaxSteps) return std::nullopt;
        if (columns.empty()) return rows.empty() ? std::optional(std::vector<std::string>{}) : std::nullopt;
        for (const Row &row : rows)
            if (std::ranges::all_of(row, [&](PatternId p) { return wild(p); })) return std::nullopt;
        const TypeId type = columns[0];
        bool open = false;
        std::vector<Constructor> all = constructors(type, rows, wanted, open);
        for (const Constructor &one : all) {
            std::vector<TypeId> rest = one.parts;
            rest.insert(rest.end(), columns.begin() + 1, columns.end());
            std::vector<Row> inside;
            for (const Row &row : rows) specialise(row, one, type, inside);
            Row wanted_row;
            if (wanted) {
                std::vector<Row> mine;
                specialise(*wanted, one, type, mine);
                if (mine.empty()) continue;
                wanted_row = mine.front();
            }
            auto found = uncovered(inside, rest, wanted ? &wanted_row : nullptr);
            if (found) return assemble(one, *found);
        }
        if (!open || steps > kMaxSteps) return std::nullopt;
        // Values that no pattern of the column names.
        if (wanted && !wild(wanted->front())) return std::vector<std::string>(columns.size(), "_");
        std::vector<Row> inside;
        for (const Row &row : rows)
            if (wild(row[0])) inside.emplace_back(row.begin() + 1, row.end());
        Row rest_row;
        if (wanted) rest_row.assign(wanted->begin() + 1, wanted->end());
        auto found = uncovered(inside, {columns.begin() + 1, columns.end()}, wanted ? &rest_row : nullptr);
        if (found) found->insert(found->begin(), "_");
        return found;
    }

    int steps = 0;

private:
    bool wild(PatternId id) const {
        if (!id.valid()) return true;
        const hir::PatternNode &node = body.patterns[id].node;
        return std::holds_alternative<hir::WildPattern>(node) || std::holds_alternative<hir::BindPattern>(node);
    }

    static std::vector<std::string> assemble(const Constructor &one, const std::vector<std::string> &found) {
        std::string inside;
        for (size_t i = 0; i < one.parts.size(); ++i) inside += (i ? ", " : "") + found[i];
        std::vector<std::string> result{one.parts.empty() ? one.text : one.text + "(" + inside + ")"};
        // The value of an optional stands for itself.
        if (one.text == "some") result[0] = inside;
        result.insert(result.end(), found.begin() + static_cast<std::ptrdiff_t>(one.parts.size()), found.end());
        return result;
    }

    std::optional<std::pair<Int, Int>> interval(PatternId id) const {
        const hir::Pattern &p = body.patterns[id];
        auto value = [&](hir::ExprId e) -> std::optional<Int> {
            const auto *i = std::get_if<hir::IntLit>(&body.exprs[e].node);
            if (!i) return std::nullopt;
            return types.isSigned(p.type) ? Int(static_cast<int64_t>(i->bits)) : Int(i->bits);
        };
        auto [least, most] = limits(p.type);
        if (const auto *l = std::get_if<hir::LiteralPattern>(&p.node)) {
            auto v = value(l->value);
            return v ? std::optional(std::pair(*v, *v)) : std::nullopt;
        }
        if (const auto *r = std::get_if<hir::RangePattern>(&p.node)) {
            auto lo = r->lo.valid() ? value(r->lo) : std::optional(least);
            auto hi = r->hi.valid() ? value(r->hi) : std::optional(most);
            if (!lo || !hi) return std::nullopt;
            return std::pair(*lo, r->hi.valid() && !r->inclusive ? *hi - 1 : *hi);
        }
        return std::nullopt;
    }

    std::pair<Int, Int> limits(TypeId type) const {
        auto scalar = types.scalarOf(type);
        const int bits = scalar ? types::TypeStore::bits(*scalar) : 64;
        if (types.isSigned(type)) return {-(Int(1) << (bits - 1)), (Int(1) << (bits - 1)) - 1};
        return {0, (Int(1) << bits) - 1};
    }

    /// The range of an integer type, cut where a pattern of the column begins or ends.
    std::vector<Constructor> intervals(TypeId type, const std::vector<Row> &rows, const Row *wanted) const {
        auto [least, most] = limits(type);
        std::vector<Int> cuts{least};
        auto cut = [&](const Row &row) {
            if (wild(row[0])) return;
            auto range = interval(row[0]);
            if (!range || range->first > range->second) return;
            cuts.push_back(range->first);
            if (range->second < most) cuts.push_back(range->second + 1);
        };
        for (const Row &row : rows) cut(row);
        if (wanted) cut(*wanted);
        std::ranges::sort(cuts);
        cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
        std::vector<Constructor> result;
        for (size_t i = 0; i < cuts.size(); ++i) {
            Constructor one;
            one.lo = cuts[i];
            one.hi = i + 1 < cuts.size() ? cuts[i + 1] - 1 : most;
            const auto lo = static_cast<int64_t>(one.lo), hi = static_cast<int64_t>(one.hi);
            const bool huge = !types.isSigned(type) && one.hi > Int(INT64_MAX);
            if (one.lo == one.hi) one.text = fmt::format("{}", lo);
            else if (one.lo == least && one.hi == most) one.text = "_";
            else if (one.lo == least) one.text = fmt::format("..={}", hi);
            else if (one.hi == most || huge) one.text = fmt::format("{}..", lo);
            else one.text = fmt::format("{}..={}", lo, hi);
            result.push_back(std::move(one));
        }
        return result;
    }

    std::vector<Constructor> constructors(TypeId type, const std::vector<Row> &rows, const Row *wanted, bool &open) {
        if (type == types.boolean) {
            Constructor no, yes;
            no.text = "false", yes.text = "true", yes.lo = yes.hi = 1;
            return {no, yes};
        }
        if (types.isInteger(type)) return intervals(type, rows, wanted);
        if (const auto *e = types.as<types::EnumType>(type)) {
            std::vector<Constructor> all;
            const types::EnumInfo &info = types.info(e->decl);
            for (uint32_t i = 0; i < info.cases.size(); ++i) {
                Constructor one;
                one.text = std::string(names.text(info.cases[i].name));
                one.lo = one.hi = i;
                for (uint32_t k = 0; k < info.cases[i].payload.size();
                    ++k) one.parts.push_back(types.payloadType(type, i, k));
                all.push_back(std::move(one));
            }
            return all;
        }
        if (const auto *o = types.as<types::OptionalType>(type)) {
            Constructor none, some;
            none.text = "none", some.text = "some", some.lo = some.hi = 1;
            some.parts = {o->value};
            return {none, some};
        }
        if (const auto *t = types.as<types::TupleType>(type)) {
            Constructor one;
            one.parts = t->elems;
            return {one};
        }
        open = true;
        return {};
    }

    /// The row without its first pattern, whose parts come first, if it may fit the constructor.
    void specialise(const Row &row, const Constructor &one, TypeId type, std::vector<Row> &out) const {
        Row result;
        if (wild(row[0])) result.resize(one.parts.size());
        else {
            const hir::PatternNode &node = body.patterns[row[0]].node;
            bool fits = true;
            match(
                node, [&](const hir::TuplePattern &n) { result = n.elems; },
                [&](const hir::CasePattern &n) { fits = one.lo == n.case_index, result = n.payload; },
                [&](const hir::SomePattern &n) { fits = one.lo == 1, result = {n.value}; },
                [&](const hir::NonePattern &) { fits = one.lo == 0; },
                [&](const hir::LiteralPattern &n) {
                    if (type == types.boolean) fits =
                        std::get<hir::BoolLit>(body.exprs[n.value].node).value == (one.lo == 1);
                    else fits = covers(row[0], one);
                },
                [&](const hir::RangePattern &) { fits = covers(row[0], one); }, [&](const auto &) {});
            if (!fits) return;
        }
        result.insert(result.end(), row.begin() + 1, row.end());
        out.push_back(std::move(result));
    }

    bool covers(PatternId id, const Constructor &one) const {
        auto range = interval(id);
        return range && range->first <= one.lo && one.hi <= range->second;
    }

    types::TypeStore &types;
    const hir::Body &body;
    const Interner &names;
};

} // namespace

ExhaustiveResult checkArms(types::TypeStore &types, const hir::Body &body, const Interner &names,
    const hir::Match &match, TypeId type) {
    ExhaustiveResult result;
    std::vector<Checker::Row> rows;
    Checker checker(types, body, names);
    for (size_t i = 0; i < match.arms.size(); ++i) {
        bool useful = false;
        for (PatternId p : match.arms[i].patterns) {
            Checker::Row row{p};
            // Literals of floats and strings are not told apart here: such an arm counts as useful.
            useful |= rows.empty() || checker.uncovered(rows, {type}, &row).has_value() || checker.steps > kMaxSteps;
            const bool opaque = !types.isInteger(type) &&
                (std::holds_alternative<hir::LiteralPattern>(body.patterns[p].node) ||
                                                           std::holds_alternative<hir::RangePattern>(
                                                               body.patterns[p].node));
            useful |= opaque && type != types.boolean;
            if (!match.arms[i].guard.valid()) rows.push_back(row);
        }
        if (!useful) result.unreachable.push_back(i);
    }
    if (checker.steps <= kMaxSteps)
        if (auto missing = checker.uncovered(rows, {type}, nullptr)) result.missing = missing->front();
    result.too_hard = checker.steps > kMaxSteps;
    if (result.too_hard) result.missing.clear(), result.unreachable.clear();
    return result;
}

} // namespace parlane::check
