// What holds on the way, and what is known of locals where ways part and meet.
#include "lang/access/walk.h"

namespace parlane::access {

using namespace hir;

bool Walker::isExact(CondId id) const {
    const Cond &c = terms[id];
    if (c.kind == CondKind::And || c.kind == CondKind::Or) return isExact(c.left) && isExact(c.right);
    return !inexact.contains(id);
}

void Walker::assume(CondId cond) {
    if (!cond || cond == terms.truth() || cond == terms.unknown()) return;
    path = paths.add(path, cond, isExact(cond));
}

bool Walker::diverges(BlockId id) const { return id && body.blocks[id].type == types.never; }

/// Now either what is in `locals` holds, or `other`.
void Walker::join(std::vector<Known> other) {
    for (uint32_t k = 0; k < locals.size(); ++k) {
        Known &mine = locals[k];
        const Known &theirs = other[k];
        const TypeId type = body.locals[LocalId(k)].type;
        if (mine.value != theirs.value)
            mine.value = isInteger(type) ? freshInteger(type, localText(LocalId(k)), {}) : TermId();
        if (mine.truth != theirs.truth) mine.truth = {};
        if (mine.version != theirs.version) mine.version = terms.now();
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
    for (LocalId local : writes.written) {
        if (local.raw >= locals.size()) continue;
        const uint32_t alias = locals[local.raw].alias;
        forget(local, writes.replaced.contains(local));
        if (alias == Known::kNone || !isVariable(aliases[alias].root)) continue;
        Known &root = locals[aliases[alias].root.raw];
        root.version = root.shape_version = terms.now();
        if (aliases[alias].steps.empty()) forget(aliases[alias].root, true);
    }
}

} // namespace parlane::access
