// Patterns: testing what is matched, then binding its parts.
#include "compiler/lower/function_lowering.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::TypeKind;
using Kind = Subject::Kind;

/// Evaluates what is matched: a place stays one, so that bindings may alias its parts; an owned temporary gives its
/// parts away.
Subject FunctionLowering::subject(hir::ExprId id) {
    if (isPlace(id)) {
        Place at = place(id);
        Kind kind = at.kind == Place::Kind::Ref ? Kind::Ref : at.kind == Place::Kind::View ? Kind::View : Kind::Value;
        return {kind, at.id, {}};
    }
    return subjectOfValue(value(id));
}

Subject FunctionLowering::subjectOfValue(ValueId made) {
    if (!made.valid()) return {Kind::Value, made, {}};
    if (kindOf(made) == TypeKind::View) return {Kind::View, made, {}};
    if (owns(made)) return {Kind::Take, spill(made), {}};
    return {Kind::Value, made, {}};
}

Subject FunctionLowering::part(const Subject &of, uint32_t number) {
    switch (of.kind) {
    case Kind::Parts: return of.parts[number];
    case Kind::Value: return {Kind::Value, b.get(of.id, number), {}};
    case Kind::Ref:
    case Kind::Take: return {of.kind, b.field(of.id, number), {}};
    case Kind::View: break;
    }
    PAR_UNREACHABLE("a part of a view");
}

Subject FunctionLowering::payloadOf(const Subject &of, uint32_t number) {
    return {of.kind, b.payload(of.id, number), {}};
}

ValueId FunctionLowering::tagOf(const Subject &of) { return b.tag(of.id); }

/// As a read operand.
ValueId FunctionLowering::readSubject(const Subject &of) {
    if (of.kind != Kind::Ref && of.kind != Kind::Take) return of.id;
    return ownsType(types()[fn().type(of.id)].elem) ? of.id : b.load(of.id);
}

// ---- tests ------------------------------------------------------------------------------------------------------

bool FunctionLowering::refutable(hir::PatternId id) {
    return match(
        body.patterns[id].node, [](const hir::WildPattern &) { return false; },
        [](const hir::BindPattern &) { return false; },
        [&](const hir::TuplePattern &p) {
            for (hir::PatternId elem : p.elems)
                if (refutable(elem)) return true;
            return false;
        },
        [](const auto &) { return true; });
}

ValueId FunctionLowering::test(hir::PatternId id, const Subject &of) {
    const hir::Pattern &pattern = body.patterns[id];
    Located here(*this, pattern.span);
    HType type = concrete(pattern.type);
    return match(
        pattern.node, [&](const hir::WildPattern &) { return b.constBool(true); },
        [&](const hir::BindPattern &) { return b.constBool(true); },
        [&](const hir::LiteralPattern &p) { return testLiteral(type, p.value, of); },
        [&](const hir::RangePattern &p) { return testRange(type, p, of); },
        [&](const hir::TuplePattern &p) {
            std::function<ValueId(size_t)> from = [&](size_t k) {
                while (k < p.elems.size() && !refutable(p.elems[k])) ++k;
                if (k == p.elems.size()) return b.constBool(true);
                ValueId fits = test(p.elems[k], part(of, static_cast<uint32_t>(k)));
                bool last = true;
                for (size_t j = k + 1; j < p.elems.size(); ++j) last = last && !refutable(p.elems[j]);
                if (last) return fits;
                return branch(
                    fits, types().boolean(), [&] { return from(k + 1); }, [&] { return b.constBool(false); });
            };
            return from(0);
        },
        [&](const hir::CasePattern &p) {
            return testCase(of, p.case_index, [&](const Subject &payload) {
                ValueId fits;
                for (uint32_t i = 0; i < p.payload.size(); ++i) {
                    if (!refutable(p.payload[i])) continue;
                    auto one = [&] { return test(p.payload[i], payloadPart(p, type, payload, i)); };
                    fits =
                        fits.valid() ? branch(fits, types().boolean(), one, [&] { return b.constBool(false); }) : one();
                }
                return fits;
            });
        },
        [&](const hir::SomePattern &p) {
            return testCase(
                of, 1, [&](const Subject &payload) { return refutable(p.value) ? test(p.value, payload) : ValueId{}; });
        },
        [&](const hir::NonePattern &) { return b.compare(OpCode::Eq, tagOf(of), b.constInt(types().u8(), 0)); });
}

/// Is it case `number`, and does its payload pass `inside` (none: anything does)?
ValueId FunctionLowering::testCase(const Subject &of, uint32_t number,
                                   const std::function<ValueId(const Subject &)> &inside) {
    ValueId fits = b.compare(OpCode::Eq, tagOf(of), b.constInt(types().u8(), number));
    OpId op = b.op(OpCode::If, types().boolean(), {fits});
    bool refined = false;
    region(op, Role::Then, [&](pir::RegionId) {
        const pir::Type &whole = types()[of.kind == Kind::Value ? fn().type(of.id) : types()[fn().type(of.id)].elem];
        bool has = whole.kind == TypeKind::Optional || types().kind(whole.parts[number]) != TypeKind::Unit;
        ValueId more = has ? inside(payloadOf(of, number)) : ValueId{};
        refined = more.valid();
        yield(more.valid() ? more : b.constBool(true));
    });
    region(op, Role::Else, [&](pir::RegionId) { yield(b.constBool(false)); });
    (void)refined;
    return fn().ops[op].result;
}

Subject FunctionLowering::payloadPart(const hir::CasePattern &pattern, HType, const Subject &payload, uint32_t number) {
    return pattern.payload.size() == 1 ? payload : part(payload, number);
}

ValueId FunctionLowering::testLiteral(HType type, hir::ExprId literal, const Subject &of) {
    ValueId have = readSubject(of);
    ValueId want = read(literal);
    return equalTo(type, have, want);
}

ValueId FunctionLowering::testRange(HType type, const hir::RangePattern &pattern, const Subject &of) {
    ValueId have = readSubject(of), fits;
    if (pattern.lo) fits = compareValues(hir::BinaryOp::Ge, type, have, read(pattern.lo));
    if (pattern.hi) {
        ValueId below =
            compareValues(pattern.inclusive ? hir::BinaryOp::Le : hir::BinaryOp::Lt, type, have, read(pattern.hi));
        fits = fits.valid() ? both(fits, below) : below;
    }
    return fits.valid() ? fits : b.constBool(true);
}

// ---- bindings ---------------------------------------------------------------------------------------------------

void FunctionLowering::bind(hir::PatternId id, const Subject &of) {
    const hir::Pattern &pattern = body.patterns[id];
    Located here(*this, pattern.span);
    HType type = concrete(pattern.type);
    match(
        pattern.node, [&](const hir::BindPattern &p) { bindLocal(p.local, of); },
        [&](const hir::TuplePattern &p) {
            for (uint32_t i = 0; i < p.elems.size(); ++i)
                if (!std::holds_alternative<hir::WildPattern>(body.patterns[p.elems[i]].node))
                    bind(p.elems[i], part(of, i));
        },
        [&](const hir::CasePattern &p) {
            if (p.payload.empty()) return;
            Subject payload = payloadOf(of, p.case_index);
            for (uint32_t i = 0; i < p.payload.size(); ++i)
                if (!std::holds_alternative<hir::WildPattern>(body.patterns[p.payload[i]].node))
                    bind(p.payload[i], payloadPart(p, type, payload, i));
        },
        [&](const hir::SomePattern &p) { bind(p.value, payloadOf(of, 1)); }, [](const auto &) {});
}

void FunctionLowering::bindLocal(hir::LocalId local, const Subject &of) {
    const hir::Local &about = body.locals[local];
    HType type = concrete(about.type);
    if (all.isUnit(type)) return;
    LocalBinding &binding = locals[local.raw];
    bool held = outer_slots.contains(local.raw);
    if (all.types.is<types::ViewType>(type)) {
        ValueId view = of.kind == Kind::View
                           ? of.id
                           : viewOf(Place{of.kind == Kind::Value ? Place::Kind::Value : Place::Kind::Ref, of.id});
        if (held)
            b.store(binding.id, view);
        else
            binding = {LocalBinding::Kind::View, view, {}, {}};
        return;
    }
    bool alias = about.storage != hir::Storage::Owned && (of.kind == Kind::Ref || of.kind == Kind::Take);
    bool plain_copy = about.storage == hir::Storage::Alias && isSmallPlain(types(), all.type(type));
    if (alias && !plain_copy) {
        if (held)
            b.store(binding.id, of.id);
        else
            binding = {LocalBinding::Kind::Ref, of.id, {}, {}};
        return;
    }
    declare(local, ownedValue(of, type));
}

/// The part as a value of its own: taken out of a temporary, copied from anywhere else.
ValueId FunctionLowering::ownedValue(const Subject &of, HType type) {
    switch (of.kind) {
    case Kind::Value: return of.id;
    case Kind::View: return all.types.is<types::ViewType>(type) ? of.id : b.copy(of.id);
    case Kind::Ref: return all.owns(type) ? b.copy(of.id) : b.load(of.id);
    case Kind::Take: return all.owns(type) ? b.take(of.id) : b.load(of.id);
    case Kind::Parts: break;
    }
    const types::TupleType tuple = *all.types.as<types::TupleType>(type);
    std::vector<ValueId> parts, waiting(of.parts.size());
    for (size_t i = 0; i < of.parts.size(); ++i) {
        parts.push_back(ownedValue(of.parts[i], tuple.elems[i]));
        if (i + 1 < of.parts.size() && owns(parts[i])) waiting[i] = spill(parts[i]);
    }
    for (size_t i = 0; i < parts.size(); ++i)
        if (waiting[i].valid()) parts[i] = b.take(waiting[i]);
    return b.emit(OpCode::Tuple, all.type(type), std::move(parts));
}

} // namespace parlane::lower
