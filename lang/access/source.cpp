// Sources of loops: their indices as symbols, their parts as places.
#include "lang/access/walk.h"

#include <algorithm>

namespace parlane::access {

using namespace hir;

namespace {

constexpr Wide kMostParts = Wide(1) << 62;
/// Rounds of a serial loop in a few hundred years.
constexpr Wide kMostRounds = Wide(1) << 61;

bool isSum(const Term &term) {
    return std::all_of(term.monomials.begin(), term.monomials.end(),
                       [](const Monomial &m) { return m.symbols.size() == 1; });
}

/// The local that a pattern binds as a whole, or the first one of a tuple.
LocalId firstLocal(const Body &body, PatternId id) {
    std::vector<LocalId> bound;
    addBindings(body, id, bound);
    return bound.empty() ? LocalId() : bound.front();
}

} // namespace

Walker::Parts Walker::enter(SourceId id) {
    const Source &source = body.sources[id];
    Parts out;
    out.source = id;
    if (auto *node = std::get_if<RangeSource>(&source.node)) {
        out.lo = value(node->lo).term;
        if (node->hi) out.hi = value(node->hi).term;
        out.step = node->step ? value(node->step).term : terms.constant(1);
        out.integer = body.exprs[node->lo].type;
        if (node->inclusive && out.hi) out.hi = terms.addConstant(out.hi, 1);
        if (!out.lo || !out.hi || !out.step) out.lo = {};
        if (out.lo && terms.constantValue(out.step) == 1) {
            // The number of its indices, as the length of what is collected over it.
            TermId count = terms.sub(out.hi, out.lo);
            if (terms.interval(count).lo < 0) {
                const TermId some = count;
                count = terms.max(count, terms.constant(0));
                if (terms.fits(some)) assume(terms.lessEqual(some, count));
            }
            out.extents = {count};
        }
    } else if (auto *node = std::get_if<ElementsSource>(&source.node)) {
        ExprId at = node->place;
        if (auto *consume = std::get_if<Consume>(&body.exprs[at].node)) at = consume->place;
        out.place_type = body.exprs[at].type;
        if (isPlace(at)) {
            out.place = place(at);
            openView(out.place, out.place_type);
            touchHeader(out.place, body.exprs[at].span);
            source_places[node->place] = out.place;
            out.extents = extents(out.place, out.place_type);
        } else {
            out.extents = value(at).shape;
        }
        for (int d = static_cast<int>(out.extents.size()); d < std::max(1, types.rankOf(out.place_type)); ++d)
            out.extents.push_back(terms.freshTerm({}, {0, kMostParts}));
    } else if (auto *node = std::get_if<ZipSource>(&source.node)) {
        for (SourceId part : node->sources) out.inner.push_back(enter(part));
        for (const Parts &part : out.inner)
            if (part.extents.size() > out.extents.size()) out.extents = part.extents;
    } else if (auto *node = std::get_if<EnumerateSource>(&source.node)) {
        out.inner.push_back(enter(node->source));
        out.extents = out.inner[0].extents;
    } else if (auto *node = std::get_if<PartsSource>(&source.node)) {
        out.place_type = body.exprs[node->place].type;
        if (isPlace(node->place)) {
            out.place = place(node->place);
            openView(out.place, out.place_type);
            touchHeader(out.place, body.exprs[node->place].span);
            source_places[node->place] = out.place;
            if (node->kind == PartKind::Rows) out.extents = {extents(out.place, out.place_type)[0]};
        } else {
            value(node->place);
        }
        for (ExprId arg : node->args) {
            TermId how = value(arg).term;
            if (!how && isPlace(arg)) how = contents(place(arg));
            out.cut_by.push_back(how ? how : terms.freshTerm({}, {}));
        }
        out.cut = ++cuts;
    } else if (auto *node = std::get_if<StrSource>(&source.node)) {
        value(node->text);
    } else if (auto *node = std::get_if<NextSource>(&source.node)) {
        if (node->init) {
            const Value start = value(node->init);
            if (node->owned) declare(node->owned, start);
        }
    }
    return out;
}

/// Index of a range: a symbol, or its start plus steps counted by a symbol.
void Walker::rangeIndex(Parts &parts, PatternId pattern, Region *region) {
    const LocalId local = firstLocal(body, pattern);
    const std::string name = local ? localText(local) : "_";
    const source::Span span = local ? body.locals[local].span : source::Span{};
    TermId index;
    if (!parts.lo) {
        index = parts.integer && isInteger(parts.integer) ? freshInteger(parts.integer, name, span) : TermId();
        if (region && index) region->iteration.push_back(index);
    } else {
        const Interval type = isInteger(parts.integer) ? rangeOf(parts.integer) : TermStore::rangeOf(64, true);
        const Interval lo = terms.interval(parts.lo), hi = terms.interval(parts.hi);
        const auto step = terms.constantValue(parts.step);
        auto settled = [&](TermId end) { return !terms.assumes(end) && terms.interval(end).within(type); };
        Interval range{settled(parts.lo) ? std::max(type.lo, lo.lo) : type.lo,
                       settled(parts.hi) ? std::min(type.hi, hi.hi - 1) : type.hi};
        // One round after the other nobody gets this far.
        const bool serial = !region || !region->loop;
        if (serial && step == 1) range.hi = std::min(range.hi, std::max(range.lo, lo.hi) + kMostRounds);
        range.hi = std::max(range.lo, range.hi);
        if (step == 1 && isSum(terms[parts.lo])) {
            if (range.lo == range.hi) range.hi += 1; // a symbol all the same: messages name it
            index = terms.symbol(terms.fresh(SymbolKind::Index, name, range, span));
            index_ends[*terms.asSymbol(index)] = {parts.lo, parts.hi};
            assumeCompared(terms.lessEqual(parts.lo, index), parts.lo, index);
            assumeCompared(terms.less(index, parts.hi), index, parts.hi);
            if (region) region->iteration.push_back(index);
        } else {
            Interval rounds{0, kMostParts};
            const bool known = settled(parts.lo) && settled(parts.hi);
            if (known && step && *step > 0) rounds.hi = std::max<Wide>(1, (hi.hi - 1 - lo.lo) / *step);
            if (known && step && *step < 0) rounds.hi = std::max<Wide>(1, (lo.hi - hi.lo - 1) / -Wide(*step));
            if (serial) rounds.hi = std::min(rounds.hi, kMostRounds);
            const TermId round = terms.symbol(terms.fresh(SymbolKind::Index, name, rounds, span));
            index_ends[*terms.asSymbol(round)] = {parts.lo, parts.hi};
            index = terms.add(parts.lo, terms.mul(parts.step, round));
            const CondId up = terms.less(index, parts.hi), down = terms.less(parts.hi, index);
            if (step) {
                assumeCompared(*step > 0 ? up : down, index, parts.hi);
            } else {
                const CondId rising = terms.notNegative(terms.addConstant(parts.step, -1));
                // Else the range is empty.
                const CondId forward = terms.both(rising, terms.less(parts.lo, parts.hi));
                const CondId backward = terms.both(terms.negate(rising), terms.less(parts.hi, parts.lo));
                assumeInexact(terms.either(terms.both(forward, up), terms.both(backward, down)),
                              {parts.lo, parts.hi, parts.step});
            }
            if (region) region->iteration.push_back(round);
        }
    }
    if (region && index) region->shown.emplace_back(name, index);
    Value bound;
    bound.term = index;
    parts.index = {index};
    bind(pattern, bound, nullptr);
}

void Walker::assumeCompared(CondId cond, TermId a, TermId b) { assumeInexact(cond, {a, b}); }

void Walker::assumeInexact(CondId cond, const std::vector<TermId> &operands) {
    for (TermId operand : operands)
        if (!terms.fits(operand)) terms.doubt(cond, operand);
    assume(cond);
}

/// Starts an iteration: makes its indices and binds the pattern.
void Walker::advance(Parts &parts, PatternId pattern, Region *region) {
    const Source &source = body.sources[parts.source];
    if (std::holds_alternative<RangeSource>(source.node)) return rangeIndex(parts, pattern, region);
    if (auto *node = std::get_if<WhileSource>(&source.node)) {
        if (CondId cond = value(node->condition).truth) assume(cond);
        return;
    }
    if (auto *node = std::get_if<WhileLetSource>(&source.node)) {
        if (isPlace(node->value)) {
            const Place from = place(node->value);
            return bind(pattern, {}, from.root ? &from : nullptr);
        }
        const Value next = value(node->value);
        return bind(pattern, next, nullptr);
    }
    if (auto *node = std::get_if<NextSource>(&source.node)) {
        value(node->call);
        if (region) region->iteration.push_back(terms.symbol(terms.fresh(SymbolKind::Index, "", {0, kMostParts})));
        return bind(pattern, {}, nullptr);
    }
    size_t dims = std::max<size_t>(1, parts.extents.size());
    std::vector<TermId> index;
    LocalId named = std::holds_alternative<EnumerateSource>(source.node) ? firstLocal(body, pattern) : LocalId();
    for (size_t d = 0; d < dims; ++d) {
        Interval range{0, kMostParts};
        if (d < parts.extents.size()) range.hi = std::max<Wide>(1, terms.interval(parts.extents[d]).hi - 1);
        const std::string name = named ? localText(named) : dims == 1 ? kNumber : d == 0 ? "row" : "column";
        index.push_back(terms.symbol(terms.fresh(SymbolKind::Index, name, range, source.span)));
        if (d < parts.extents.size()) index_ends[*terms.asSymbol(index.back())] = {terms.constant(0), parts.extents[d]};
        if (d < parts.extents.size()) assumeCompared(terms.less(index[d], parts.extents[d]), index[d], parts.extents[d]);
        if (!region) continue;
        region->iteration.push_back(index[d]);
        region->shown.emplace_back(name, index[d]);
    }
    bindPart(parts, index, pattern);
}

void Walker::bindPart(const Parts &parts, const std::vector<TermId> &index, PatternId pattern) {
    const Source &source = body.sources[parts.source];
    auto *tuple = pattern ? std::get_if<TuplePattern>(&body.patterns[pattern].node) : nullptr;
    if (std::holds_alternative<ZipSource>(source.node)) {
        for (size_t k = 0; k < parts.inner.size(); ++k)
            if (tuple && k < tuple->elems.size()) bindPart(parts.inner[k], index, tuple->elems[k]);
        if (!tuple) bind(pattern, {}, nullptr);
        return;
    }
    if (std::holds_alternative<EnumerateSource>(source.node)) {
        if (!tuple || tuple->elems.size() != 2) return bind(pattern, {}, nullptr);
        bind(tuple->elems[0], {index[0], {}, {}}, nullptr);
        return bindPart(parts.inner[0], index, tuple->elems[1]);
    }
    if (std::holds_alternative<RangeSource>(source.node)) {
        Value bound;
        if (parts.lo) bound.term = terms.add(parts.lo, terms.mul(parts.step, index[0]));
        return bind(pattern, bound, nullptr);
    }
    if (std::holds_alternative<PartsSource>(source.node)) return cutPart(parts, index, pattern);
    auto *elements = std::get_if<ElementsSource>(&source.node);
    if (!elements || !parts.place.root || elements->mode == Mode::Sink) return bind(pattern, {}, nullptr);
    Place element = parts.place;
    std::vector<Dim> dims;
    for (TermId i : index) dims.push_back({i, {}});
    apply(element, dims);
    bind(pattern, {}, &element);
}

/// Rows are slices; other cuts are parts of their own, of which only the number is known.
void Walker::cutPart(const Parts &parts, const std::vector<TermId> &index, PatternId pattern) {
    const auto &node = std::get<PartsSource>(body.sources[parts.source].node);
    if (!parts.place.root) return bind(pattern, {}, nullptr);
    Place out = parts.place;
    if (node.kind == PartKind::Rows) {
        std::vector<Dim> dims = {{index[0], {}}};
        for (const Dim &dim : out.steps.back().dims)
            if (dim.isRange()) dims.push_back({terms.constant(0), dim.count});
        dims.erase(dims.begin() + 1);
        apply(out, dims);
        return bind(pattern, {}, &out);
    }
    Step cut;
    cut.kind = StepKind::Part;
    cut.index = parts.cut;
    cut.dims = {{index[0], {}}};
    cut.shape = parts.cut_by;
    out.steps.push_back(std::move(cut));
    Step all;
    all.kind = StepKind::Elements;
    for (int d = 0; d < std::max(1, types.rankOf(parts.place_type)); ++d) {
        all.shape.push_back(terms.freshTerm({}, {0, kMostParts}));
        all.dims.push_back({terms.constant(0), all.shape.back()});
    }
    out.steps.push_back(std::move(all));
    bind(pattern, {}, &out);
}

} // namespace parlane::access
