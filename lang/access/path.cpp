// What holds on the way, and what is known of locals where ways part and meet.
#include "lang/access/walk.h"

namespace parlane::access {

using namespace hir;

namespace {

/// Locals that may have one of two values behind an `if`; others are not known. Each doubles the cases of the solver.
constexpr int kMostChosen = 3;

} // namespace

void Walker::assume(CondId cond) {
    if (!cond || cond == terms.truth() || cond == terms.unknown()) return;
    path = paths.add(path, cond, !terms.doubtful(cond));
}

bool Walker::diverges(BlockId id) const { return id && body.blocks[id].type == types.never; }

/// One of two values, of which a condition says which.
TermId Walker::chosen(CondId cond, TermId yes, TermId no, const std::string &text) {
    const Interval a = terms.interval(yes), b = terms.interval(no);
    Interval range{std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
    if (!terms.fits(yes) || !terms.fits(no)) range = {TermStore::rangeOf(64, true).lo, TermStore::rangeOf(64, false).hi};
    if (range.lo == range.hi) range.hi += 1; // a symbol all the same
    const TermId value = terms.symbol(terms.fresh(SymbolKind::Index, text, range));
    assumeInexact(terms.either(terms.both(cond, terms.equal(value, yes)),
                               terms.both(terms.negate(cond), terms.equal(value, no))),
                  {yes, no});
    return value;
}

/// Now either what is in `locals` holds, or `other`; the latter if `cond` held before, where there is one.
void Walker::join(std::vector<Known> other, CondId cond) {
    int told = 0;
    for (uint32_t k = 0; k < locals.size(); ++k) {
        Known &mine = locals[k];
        const Known &theirs = other[k];
        const TypeId type = body.locals[LocalId(k)].type;
        if (mine.value != theirs.value) {
            const bool both = isInteger(type) && mine.value && theirs.value && cond && ++told <= kMostChosen;
            mine.value = both               ? chosen(cond, theirs.value, mine.value, localText(LocalId(k)))
                         : isInteger(type) ? freshInteger(type, localText(LocalId(k)), {})
                                           : TermId();
        }
        if (mine.truth != theirs.truth) mine.truth = {};
        if (mine.version != theirs.version) mine.version = terms.now();
        joinFields(mine, theirs);
        if (mine.shape_version != theirs.shape_version || mine.shape != theirs.shape) {
            mine.shape_version = terms.now();
            mine.shape = Known::kNone;
        }
    }
}

/// Forgets what is known of locals that may have been written, and of what they stand for.
void Walker::havoc(const Writes &writes) {
    auto forget = [&](LocalId local, bool replaced) {
        Known &known = locals[local.raw];
        const TypeId type = body.locals[local].type;
        known.value = isInteger(type) ? freshInteger(type, localText(local), body.locals[local].span) : TermId();
        known.truth = {};
        known.version = terms.now();
        known.shape_version = known.version; // of arrays in it
        // Arrays have a fixed length: a view keeps its extents, and so does what is written element by element.
        if (types.is<types::ViewType>(type) || types.is<types::FixedType>(type)) return;
        if (replaced) known.shape = Known::kNone;
    };
    auto forgetPart = [&](const Place &place) {
        if (!isVariable(place.root)) return;
        if (place.steps.empty()) return forget(place.root, true);
        bump(locals[place.root.raw], place, true);
    };
    for (LocalId local : writes.written) {
        if (local.raw >= locals.size()) continue;
        const uint32_t alias = locals[local.raw].alias;
        const auto fields = writes.fields.find(local);
        if (alias != Known::kNone) {
            forget(local, writes.replaced.contains(local));
            forgetPart(aliases[alias]);
        } else if (fields == writes.fields.end() || writes.whole.contains(local)) {
            forget(local, writes.replaced.contains(local));
        } else {
            for (uint32_t field : fields->second) {
                Step step;
                step.index = field;
                bump(locals[local.raw], {local, {step}, {}}, true);
            }
        }
    }
}

Writes Walker::writesOf(BlockId block) {
    Writes out;
    addWrites(body, block, out, field_effects);
    return out;
}

Writes Walker::writesOf(ExprId expr) {
    Writes out;
    addWrites(body, expr, out, field_effects);
    return out;
}

} // namespace parlane::access
