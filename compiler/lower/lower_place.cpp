// Places: from locals through fields, elements and payloads to a ref, a view or a small value.
#include "compiler/lower/function_lowering.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::Trap;
using pir::TypeKind;

bool FunctionLowering::isPlace(hir::ExprId id) {
    return match(
        body.exprs[id].node, [](const hir::LocalRef &) { return true; },
        [&](const hir::Field &n) { return isPlace(n.base); }, [&](const hir::Index &n) { return isPlace(n.base); },
        [&](const hir::Reshape &n) { return isPlace(n.base); }, [&](const hir::ToView &n) { return isPlace(n.base); },
        [&](const hir::ListView &n) { return isPlace(n.base); },
        [&](const hir::StrBytes &n) { return isPlace(n.base); }, [&](const hir::Unwrap &n) { return isPlace(n.base); },
        [&](const hir::BoxValue &n) { return isPlace(n.base); }, [](const auto &) { return false; });
}

hir::LocalId FunctionLowering::rootOf(hir::ExprId id) {
    return match(
        body.exprs[id].node, [](const hir::LocalRef &n) { return n.local; },
        [&](const hir::Field &n) { return rootOf(n.base); }, [&](const hir::Index &n) { return rootOf(n.base); },
        [&](const hir::Reshape &n) { return rootOf(n.base); }, [&](const hir::ToView &n) { return rootOf(n.base); },
        [&](const hir::ListView &n) { return rootOf(n.base); }, [&](const hir::StrBytes &n) { return rootOf(n.base); },
        [&](const hir::Unwrap &n) { return rootOf(n.base); }, [&](const hir::BoxValue &n) { return rootOf(n.base); },
        [&](const hir::Consume &n) { return rootOf(n.place); }, [](const auto &) { return hir::LocalId{}; });
}

Place FunctionLowering::place(hir::ExprId id) {
    if (auto found = prepared_places.find(id.raw); found != prepared_places.end()) {
        Place ready = found->second;
        prepared_places.erase(found);
        return ready;
    }
    if (const AccumulatorPlace *acc = accumulatorAt(id)) return acc->private_place;
    const hir::Expr &expr = body.exprs[id];
    Located here(*this, expr.span);
    return match(
        expr.node, [&](const hir::LocalRef &n) { return localPlace(n.local, expr.span); },
        [&](const hir::Field &n) { return fieldPlace(place(n.base), n.index); },
        [&](const hir::Index &n) { return indexPlace(id, n); },
        [&](const hir::Reshape &n) { return reshapePlace(id, n); },
        [&](const hir::ToView &n) {
            return Place{Place::Kind::View, viewOf(n.base)};
        },
        [&](const hir::ListView &n) { return listView(place(n.base)); },
        [&](const hir::StrBytes &n) {
            return Place{Place::Kind::View, b.view(refTo(n.base))};
        },
        [&](const hir::Unwrap &n) { return unwrapPlace(id, n); },
        [&](const hir::BoxValue &n) {
            ValueId box = refTo(n.base);
            b.check(b.compare(OpCode::Ne, b.tag(box), b.constInt(types().u8(), 0)), Trap::EmptyBox);
            return Place{Place::Kind::Ref, b.boxed(box)};
        },
        [&](const hir::ConstRef &n) {
            if (pir::DataId data = all.constantData(n.constant); data.valid())
                return Place{Place::Kind::Ref, b.emit(OpCode::Data, types().ref(ptypeOf(id)), {},
                                                      {{pir::AttrKey::Data, int64_t{data.raw}}})};
            return Place{Place::Kind::Ref, spill(value(id))};
        },
        [&](const auto &) {
            ValueId made = value(id);
            if (made.valid() && owns(made)) return Place{Place::Kind::Ref, spill(made)};
            return Place{made.valid() && kindOf(made) == TypeKind::View ? Place::Kind::View : Place::Kind::Value, made};
        });
}

Place FunctionLowering::localPlace(hir::LocalId id, source::Span span) {
    const LocalBinding &binding = locals[id.raw];
    switch (binding.kind) {
    case LocalBinding::Kind::Value: return {Place::Kind::Value, binding.id};
    case LocalBinding::Kind::View: return {Place::Kind::View, binding.id};
    case LocalBinding::Kind::Ref:
        if (types().kind(types()[fn().type(binding.id)].elem) == TypeKind::View)
            return {Place::Kind::View, b.load(binding.id)};
        return {Place::Kind::Ref, binding.id};
    case LocalBinding::Kind::None:
    case LocalBinding::Kind::Closure: break;
    }
    PAR_CHECK(dead, "`{}` is used before it is bound", nameOf(id));
    HType type = concrete(body.locals[id].type);
    (void)span;
    return {Place::Kind::Value, all.isUnit(type) ? ValueId{} : b.zero(all.type(type))};
}

Place FunctionLowering::fieldPlace(Place base, uint32_t number) {
    if (base.kind == Place::Kind::Ref) return {Place::Kind::Ref, b.field(base.id, number)};
    return {Place::Kind::Value, b.get(base.id, number)};
}

Place FunctionLowering::unwrapPlace(hir::ExprId, const hir::Unwrap &n) {
    Place base = place(n.base);
    ValueId zero = b.constInt(types().u8(), 0);
    b.check(b.compare(OpCode::Ne, b.tag(base.id), zero), Trap::None);
    return {base.kind, b.payload(base.id, 1)};
}

Place FunctionLowering::listView(Place list) {
    ValueId ref = refTo(list);
    ValueId items = b.view(b.field(ref, 0));
    ValueId len = b.load(b.field(ref, 1));
    // Both fields are public: a length that does not belong to the items must not become a wild view.
    ValueId room = b.extent(items, 0);
    b.check(both(inOrder(b.constInt(0), len), inOrder(len, room)), Trap::Slice,
            {b.constInt(0), len, room, b.constInt(0)});
    PType type = fn().type(items);
    return {Place::Kind::View, b.emit(OpCode::Slice, type, {items, b.constInt(0), len})};
}

// ---- using a place ----------------------------------------------------------------------------------------------

ValueId FunctionLowering::load(Place from) {
    if (from.kind != Place::Kind::Ref) {
        if (from.id.valid() && owns(from.id)) return b.copy(spill(from.id));
        return from.id;
    }
    return ownsType(types()[fn().type(from.id)].elem) ? b.copy(from.id) : b.load(from.id);
}

ValueId FunctionLowering::loadPlace(hir::ExprId id) { return load(place(id)); }

ValueId FunctionLowering::refTo(Place from) {
    if (from.kind == Place::Kind::Ref) return from.id;
    ValueId ref = b.slot(fn().type(from.id));
    b.store(ref, from.id);
    return ref;
}

ValueId FunctionLowering::viewOf(Place from) {
    if (from.kind == Place::Kind::View) return from.id;
    if (from.kind == Place::Kind::Value && kindOf(from.id) == TypeKind::View) return from.id;
    return b.view(refTo(from));
}

void FunctionLowering::prepare(hir::ExprId id) {
    if (accumulatorAt(id)) return;
    match(
        body.exprs[id].node, [](const hir::LocalRef &) {}, [&](const hir::Field &n) { prepare(n.base); },
        [&](const hir::Index &n) {
            prepare(n.base);
            prepared_indices[id.raw] = indexOperands(id);
        },
        [&](const hir::Reshape &n) {
            prepare(n.base);
            prepared_indices[id.raw] = indexOperands(id);
        },
        [&](const hir::ToView &n) { prepare(n.base); }, [&](const hir::ListView &n) { prepare(n.base); },
        [&](const hir::StrBytes &n) { prepare(n.base); }, [&](const hir::Unwrap &n) { prepare(n.base); },
        [&](const hir::BoxValue &n) { prepare(n.base); },
        [&](const auto &) {
            Place made = place(id);
            prepared_places[id.raw] = made;
        });
}

// ---- accumulators -----------------------------------------------------------------------------------------------

bool FunctionLowering::samePlace(hir::ExprId a, hir::ExprId c) {
    const hir::ExprNode &x = body.exprs[a].node, &y = body.exprs[c].node;
    if (x.index() != y.index()) return false;
    if (auto *local = std::get_if<hir::LocalRef>(&x)) return local->local == std::get<hir::LocalRef>(y).local;
    if (auto *field = std::get_if<hir::Field>(&x)) {
        const auto &other = std::get<hir::Field>(y);
        return field->index == other.index && samePlace(field->base, other.base);
    }
    return false;
}

const AccumulatorPlace *FunctionLowering::accumulatorAt(hir::ExprId id) {
    for (size_t i = open_accumulators.size(); i-- > 0;)
        if (samePlace(open_accumulators[i].place, id)) return &open_accumulators[i];
    return nullptr;
}

bool FunctionLowering::insideAccumulator(hir::ExprId id) {
    if (open_accumulators.empty()) return false;
    if (accumulatorAt(id)) return true;
    return match(
        body.exprs[id].node, [&](const hir::Field &n) { return insideAccumulator(n.base); },
        [&](const hir::Index &n) { return insideAccumulator(n.base); },
        [&](const hir::ToView &n) { return insideAccumulator(n.base); },
        [&](const hir::ListView &n) { return insideAccumulator(n.base); },
        [&](const hir::Reshape &n) { return insideAccumulator(n.base); }, [](const auto &) { return false; });
}

} // namespace parlane::lower
