// Control on lanes: where all lanes go one way there is a jump, else a mask says who is on.
#include "compiler/vectorize/emitter.h"

#include <algorithm>

namespace parlane::vectorize {

using namespace pir;

void Emitter::run(OpId loop, RegionId body, Role role) {
    b.loc = f().ops[loop].loc;
    scratch = body;
    RegionId region = b.addRegion(loop, role);
    b.at(region);
    std::vector<ValueId> params = f().regions[body].params;
    for (size_t k = 0; k < params.size() && !analysis.isAccumulator(params[k]); ++k) {
        std::string_view name;
        if (f().values[params[k]].name.valid()) name = module.names.text(f().values[params[k]].name);
        ValueId index = b.addParam(region, typeOf(params[k]), name);
        Shape shape = analysis.shape(params[k]);
        set(params[k], {shape.kind, index, shape.stride, {}});
    }
    if (role == Role::Tail) mask.value = b.addParam(region, mask_type, "on");
    for (ValueId param : params)
        if (analysis.isAccumulator(param)) slots[param.raw] = b.addParam(region, types().ref(wide(types()[typeOf(param)].elem)));
    bool folds = f().ops[loop].code == OpCode::ParFold;
    if (folds) {
        const Op last = f().ops[f().regions[body].ops.back()];
        if (hasAgain(loop, body)) counted = b.slot(mask_type);
        for (ValueId value : last.operands) addResultSlots(typeOf(value), yielded.emplace_back());
    }
    std::vector<ValueId> results;
    if (analysis.canFail()) {
        step = b.op(OpCode::Block, types().boolean());
        b.in(step, Role::Body, [&](RegionId) {
            content(loop, body);
            b.yield({b.constBool(true)});
        });
        results.push_back(f().ops[step].result);
    } else {
        content(loop, body);
    }
    if (counted.valid()) results.push_back(b.load(counted));
    for (const Results &slots_of : yielded)
        for (ValueId slot : slots_of) results.push_back(b.load(slot));
    if (!results.empty()) b.yield(std::move(results));
}

bool Emitter::hasAgain(OpId loop, RegionId body) const {
    bool found = false;
    auto visit = [&](auto &&self, RegionId region) -> void {
        for (OpId id : f().regions[region].ops) {
            const Op &op = f().ops[id];
            found = found || (op.code == OpCode::Again && op.target() == loop);
            for (RegionId inner : op.regions) self(self, inner);
        }
    };
    visit(visit, body);
    return found;
}

/// The body itself; `again` of all lanes ends it.
void Emitter::content(OpId loop, RegionId body) {
    OpId all = b.op(OpCode::Block, {});
    b.in(all, Role::Body, [&](RegionId) {
        frames.push_back({loop, true, {}, all, {}});
        if (analysis.isSkipped(loop)) pushLive(loop, true, all);
        ops(body, 0, [&](std::span<const ValueId> values_yielded) {
            if (counted.valid()) b.store(counted, current());
            for (size_t k = 0; k < yielded.size(); ++k) {
                size_t at = 0;
                const LaneValue value = get(values_yielded[k]);
                storeParts(yielded[k], at, typeOf(values_yielded[k]), value, false);
            }
        });
    });
}

/// The lanes that are on, as a value.
ValueId Emitter::current() {
    if (mask.isFull()) return b.emit(OpCode::Splat, mask_type, {b.constBool(true)});
    return mask.value;
}

ValueId Emitter::both(const Mask &on, ValueId condition) {
    return on.isFull() ? condition : b.binary(OpCode::And, on.value, condition);
}

/// A frame with lanes of its own, which are those that are on now.
size_t Emitter::pushLive(OpId op, bool again, OpId emitted) {
    Frame frame{op, again, {}, emitted, {}};
    frame.live = b.slot(mask_type);
    b.store(frame.live, current());
    if (!frames.empty() && frames.back().op == op && frames.back().again == again && !frames.back().live.valid()) frames.pop_back();
    frames.push_back(frame);
    mask_frame = frames.size() - 1;
    return mask_frame;
}

/// Behind something that lanes may have left for further out.
void Emitter::restore(const Mask &before, OpId op) {
    mask = before;
    if (!analysis.escapes(op)) return;
    for (size_t k = frames.size(); k-- > 0;) {
        if (!frames[k].live.valid()) continue;
        ValueId live = b.load(frames[k].live);
        bool exact = mask.isFull() || mask_frame == k;
        mask = {exact ? live : b.binary(OpCode::And, mask.value, live), false};
        mask_frame = exact ? k : ~size_t{0};
        return;
    }
}

/// Ops that must not run when no lane is on.
bool Emitter::isUnsafe(const Op &op) const {
    switch (op.code) {
    case OpCode::Loop:
    case OpCode::For:
    case OpCode::View: return true;
    case OpCode::Field: return pointeeKind(op.operands[0]) == TypeKind::Box;
    case OpCode::Tag:
    case OpCode::Payload: return true;
    case OpCode::Load:
        return !analysis.isLocalSlot(op.operands[0]) && analysis.shape(op.operands[0]).kind == Kind::Uniform;
    default: return false;
    }
}

TypeKind Emitter::pointeeKind(ValueId ref) const { return module.types.kind(module.types[f().type(ref)].elem); }

void Emitter::ops(RegionId region, size_t from, const Sink &sink) {
    // (Of a block or loop, too: a call that always throws is one when it is expanded.)
    if (from == 0 && region != scratch && analysis.isFailure(region)) return failHere();
    std::vector<OpId> list = f().regions[region].ops;
    for (size_t k = from; k < list.size(); ++k) {
        const Op op = f().ops[list[k]];
        if (!mask.some && isUnsafe(op)) {
            // The rest only if somebody is there.
            const Op last = f().ops[list.back()];
            bool yields = last.code == OpCode::Yield && !last.operands.empty();
            std::vector<Results> kept;
            if (yields)
                for (ValueId value : last.operands) kept.push_back(resultSlots(value));
            if (test_after.valid() && f().ops[test_after].parent == region) test_after = {};
            Mask outer = mask;
            size_t outer_frame = mask_frame;
            OpId guard = b.op(OpCode::If, {}, {b.emit(OpCode::Any, types().boolean(), {mask.value})});
            b.in(guard, Role::Then, [&](RegionId) {
                mask.some = true;
                ops(region, k, [&](std::span<const ValueId> yielded) {
                    for (size_t v = 0; v < yielded.size(); ++v) storeResult(kept[v], yielded[v], get(yielded[v]), false);
                });
            });
            mask = outer;
            mask_frame = outer_frame;
            if (!yields) return;
            for (size_t v = 0; v < kept.size(); ++v) useResult(kept[v], last.operands[v]);
            return sink(last.operands);
        }
        one(list[k], sink);
        if (test_after.valid() && list[k] == test_after) {
            // Nobody is left in the loop: out, before the rest of the body.
            test_after = {};
            tested = true;
            ValueId live = b.load(frames[test_frame].live);
            ValueId none = b.unary(OpCode::Not, b.emit(OpCode::Any, types().boolean(), {live}));
            OpId branch = b.op(OpCode::If, {}, {none});
            b.in(branch, Role::Then, [&](RegionId) { b.leave(frames[test_frame].emitted); });
            if (mask_frame == test_frame) mask.some = true;
        }
    }
}

void Emitter::one(OpId op_id, const Sink &sink) {
    const Op op = f().ops[op_id];
    b.loc = op.loc;
    if (pure(op) || memory(op) || control(op, op_id, sink)) return;
    switch (op.code) {
    case OpCode::Iteration: return;
    case OpCode::Poll: b.op(OpCode::Poll, {}); return;
    case OpCode::Store: return store(op, op_id);
    case OpCode::Check: {
        const LaneValue good = get(op.operands[0]);
        return failUnless(good);
    }
    default: PAR_UNREACHABLE("{} on lanes", info(op.code).text);
    }
}

bool Emitter::control(const Op &op, OpId op_id, const Sink &sink) {
    switch (op.code) {
    case OpCode::If: ifOp(op, op_id); return true;
    case OpCode::Switch: switchOp(op, op_id); return true;
    case OpCode::Block: blockOp(op, op_id); return true;
    case OpCode::Scope: {
        Mask before = mask;
        size_t before_frame = mask_frame;
        scopeOp(op);
        mask_frame = before_frame;
        restore(before, op_id);
        return true;
    }
    case OpCode::Loop:
    case OpCode::For: loopOp(op, op_id); return true;
    case OpCode::Yield: sink(op.operands); return true;
    case OpCode::Leave:
    case OpCode::Again: exit(op, op_id); return true;
    default: return false;
    }
}

// ---- results -------------------------------------------------------------------------------------------------------------------------

/// Slots for a value of the type: one a scalar where it varies.
void Emitter::addResultSlots(TypeId type, Results &slots) {
    const Type &t = types()[type];
    if (t.kind != TypeKind::Tuple && t.kind != TypeKind::Struct) return slots.push_back(b.slot(wide(type)));
    std::vector<TypeId> parts = t.parts;
    for (TypeId part : parts) addResultSlots(part, slots);
}

Emitter::Results Emitter::resultSlots(ValueId result) {
    Results slots;
    if (!result.valid()) return slots;
    if (analysis.shape(result).kind == Kind::Uniform) slots.push_back(b.slot(typeOf(result)));
    else addResultSlots(typeOf(result), slots);
    return slots;
}

void Emitter::storeParts(const Results &slots, size_t &at, TypeId type, const LaneValue &value, bool keep) {
    const Type &t = types()[type];
    if (t.kind == TypeKind::Tuple || t.kind == TypeKind::Struct) {
        LaneValue split = partsOf(value, type);
        std::vector<TypeId> parts = t.parts;
        for (size_t k = 0; k < parts.size(); ++k) storeParts(slots, at, parts[k], split.parts[k], keep);
        return;
    }
    ValueId fresh = spread(value, type), slot = slots[at++];
    if (keep && !mask.isFull()) fresh = b.emit(OpCode::Blend, wide(type), {mask.value, fresh, b.load(slot)});
    b.store(slot, fresh);
}

void Emitter::storeResult(const Results &slots, ValueId result, const LaneValue &value, bool keep) {
    if (slots.empty()) return;
    if (analysis.shape(result).kind == Kind::Uniform) return b.store(slots[0], value.value);
    size_t at = 0;
    storeParts(slots, at, typeOf(result), value, keep);
}

LaneValue Emitter::loadParts(const Results &slots, size_t &at, TypeId type) {
    const Type &t = types()[type];
    if (t.kind != TypeKind::Tuple && t.kind != TypeKind::Struct) return varying(b.load(slots[at++]));
    LaneValue out;
    out.kind = Kind::Varying;
    std::vector<TypeId> parts = t.parts;
    for (TypeId part : parts) out.parts.push_back(loadParts(slots, at, part));
    return out;
}

void Emitter::useResult(const Results &slots, ValueId result) {
    if (slots.empty()) return;
    size_t at = 0;
    bool same = analysis.shape(result).kind == Kind::Uniform;
    set(result, same ? uniform(b.load(slots[0])) : loadParts(slots, at, typeOf(result)));
}

// ---- branches ------------------------------------------------------------------------------------------------------------------------

/// Is it worth a branch (or demanded by what must not run without lanes) to skip the region when none of its lanes is on?
bool Emitter::needsGuard(RegionId region) const {
    int weight = 0;
    bool unsafe = false;
    auto visit = [&](auto &&self, RegionId at) -> void {
        for (OpId id : f().regions[at].ops) {
            const Op &op = f().ops[id];
            unsafe = unsafe || isUnsafe(op);
            bool varies = op.result.valid() && analysis.isVarying(op.result);
            bool dear = op.code == OpCode::Div || op.code == OpCode::Rem || op.code == OpCode::Sqrt;
            bool gathers = op.code == OpCode::Elem && varies;
            weight += gathers ? 12 : varies ? (dear ? 10 : 1) : 0;
            for (RegionId inner : op.regions) self(self, inner);
        }
    };
    visit(visit, region);
    return unsafe || weight > 16;
}

void Emitter::ifOp(const Op &op, OpId op_id) {
    if (!analysis.diverges(op_id)) return uniformBranch(op, op_id);
    const LaneValue condition = get(op.operands[0]);
    Mask before = mask;
    ValueId yes = both(before, condition.value), no;
    if (op.regions.size() > 1) no = both(before, b.unary(OpCode::Not, condition.value));
    std::vector<std::pair<RegionId, ValueId>> ways = {{f().region(op, Role::Then), yes}};
    if (no.valid()) ways.emplace_back(f().region(op, Role::Else), no);
    arms(op, op_id, ways);
}

void Emitter::switchOp(const Op &op, OpId op_id) {
    if (!analysis.diverges(op_id)) return uniformBranch(op, op_id);
    const LaneValue subject = get(op.operands[0]);
    TypeId type = typeOf(op.operands[0]);
    ValueId vector = spread(subject, type), rest = current();
    bool is_bool = types().kind(type) == TypeKind::Bool;
    Mask before = mask;
    std::vector<std::pair<RegionId, ValueId>> ways;
    RegionId otherwise;
    for (RegionId region : op.regions) {
        if (f().regions[region].role == Role::Default) {
            otherwise = region;
            continue;
        }
        int64_t number = f().regions[region].index;
        ValueId hit = is_bool ? (number ? vector : b.unary(OpCode::Not, vector))
                              : b.emit(OpCode::Eq, mask_type, {vector, spread(uniform(b.constInt(type, number)), type)});
        ways.emplace_back(region, both(before, hit));
        rest = b.binary(OpCode::And, rest, b.unary(OpCode::Not, hit));
    }
    if (otherwise.valid()) ways.emplace_back(otherwise, rest);
    arms(op, op_id, ways);
}

/// All lanes go one way.
void Emitter::uniformBranch(const Op &op, OpId op_id) {
    Results slots = resultSlots(op.result);
    Mask before = mask;
    size_t before_frame = mask_frame;
    OpId branch = b.op(op.code, {}, {get(op.operands[0]).value});
    for (RegionId region : op.regions) {
        const Region source = f().regions[region];
        b.in(branch, source.role, source.index, [&](RegionId) {
            mask = before;
            mask_frame = before_frame;
            if (analysis.isFailure(region)) return failHere();
            ops(region, 0, [&](std::span<const ValueId> yielded) {
                if (op.result.valid()) storeResult(slots, op.result, get(yielded[0]), false);
            });
        });
    }
    mask_frame = before_frame;
    restore(before, op_id);
    useResult(slots, op.result);
}

/// The lanes that are on fail.
void Emitter::failHere() {
    if (mask.some) return giveUp();
    OpId branch = b.op(OpCode::If, {}, {b.emit(OpCode::Any, types().boolean(), {mask.value})});
    b.in(branch, Role::Then, [&](RegionId) { giveUp(); });
}

/// One arm after the other, each for its lanes.
void Emitter::arms(const Op &op, OpId op_id, const std::vector<std::pair<RegionId, ValueId>> &ways) {
    Mask before = mask;
    size_t before_frame = mask_frame;
    bool plain = op.result.valid();
    for (auto [region, on] : ways) plain = plain && !analysis.isFailure(region) && !needsGuard(region);
    Results slots = plain ? Results{} : resultSlots(op.result);
    LaneValue joined;
    bool first = true;
    for (auto [region, on] : ways) {
        mask = {on, false};
        mask_frame = ~size_t{0};
        if (analysis.isFailure(region)) {
            failHere();
            continue;
        }
        auto sink = [&](std::span<const ValueId> yielded) {
            if (!op.result.valid()) return;
            const LaneValue value = get(yielded[0]);
            if (!slots.empty()) storeResult(slots, op.result, value, !first);
            else if (first) joined = value;
            else joined = select(on, value, joined, typeOf(op.result));
            first = false;
        };
        if (!needsGuard(region)) {
            ops(region, 0, sink);
            continue;
        }
        OpId guard = b.op(OpCode::If, {}, {b.emit(OpCode::Any, types().boolean(), {on})});
        b.in(guard, Role::Then, [&](RegionId) {
            mask.some = true;
            ops(region, 0, sink);
        });
    }
    mask_frame = before_frame;
    restore(before, op_id);
    useResult(slots, op.result);
    if (slots.empty() && op.result.valid()) {
        if (first) joined = uniform(b.zero(typeOf(op.result))); // nobody comes here
        if (isScalar(kindOf(op.result))) joined = varying(spread(joined, typeOf(op.result)));
        set(op.result, std::move(joined));
    }
}

// ---- blocks --------------------------------------------------------------------------------------------------------------------------

void Emitter::scopeOp(const Op &op) {
    Results slots = resultSlots(op.result);
    OpId block = b.op(OpCode::Block, {});
    b.in(block, Role::Body, [&](RegionId) {
        ops(op.regions[0], 0, [&](std::span<const ValueId> yielded) {
            if (op.result.valid()) storeResult(slots, op.result, get(yielded[0]), false);
        });
    });
    useResult(slots, op.result);
}

void Emitter::blockOp(const Op &op, OpId op_id) {
    Results slots = resultSlots(op.result);
    Mask before = mask;
    size_t before_frame = mask_frame, depth = frames.size();
    bool left = analysis.isLeft(op_id);
    OpId block = b.op(OpCode::Block, {});
    b.in(block, Role::Body, [&](RegionId) {
        if (left) pushLive(op_id, false, block);
        else frames.push_back({op_id, false, {}, block, {}});
        frames.back().results = slots;
        ops(op.regions[0], 0, [&](std::span<const ValueId> yielded) {
            if (op.result.valid()) storeResult(slots, op.result, get(yielded[0]), left);
        });
    });
    frames.resize(depth);
    mask_frame = before_frame;
    restore(before, op_id);
    useResult(slots, op.result);
}

void Emitter::exit(const Op &op, OpId op_id) {
    bool again = op.code == OpCode::Again;
    OpId target = op.target();
    size_t at = frames.size();
    while (at-- > 0)
        if (frames[at].op == target && frames[at].again == again) break;
    PAR_CHECK(at < frames.size(), "an exit on lanes has no target");
    const Frame frame = frames[at];
    bool partial = analysis.isPartial(op_id);
    if (!op.operands.empty()) storeResult(frame.results, f().ops[target].result, get(op.operands[0]), partial || frame.live.valid());
    if (!partial) {
        bool jumps_back = again && f().ops[frame.emitted].code != OpCode::Block;
        b.op(jumps_back ? OpCode::Again : OpCode::Leave, {}, {}, {{AttrKey::Target, int64_t{frame.emitted.raw}}});
        return;
    }
    ValueId stay = b.unary(OpCode::Not, mask.value);
    std::vector<ValueId> done;
    for (size_t k = frames.size(); k-- > at;) {
        if (!frames[k].live.valid() || std::ranges::find(done, frames[k].live) != done.end()) continue;
        done.push_back(frames[k].live);
        b.store(frames[k].live, b.binary(OpCode::And, b.load(frames[k].live), stay));
    }
}

// ---- loops ---------------------------------------------------------------------------------------------------------------------------

void Emitter::loopOp(const Op &op, OpId op_id) {
    Mask before = mask;
    size_t before_frame = mask_frame, depth = frames.size();
    Results slots = resultSlots(op.result);
    bool left = analysis.isLeft(op_id);
    if (left) {
        // A loop that lanes leave only for further out shares the lanes of the frame around it.
        size_t around = mask_frame;
        if (around < frames.size() && frames[around].live.valid() && !analysis.isLeftByItself(op_id))
            frames.push_back({op_id, false, frames[around].live, {}, slots});
        else pushLive(op_id, false, {});
        frames.back().results = slots;
    } else {
        frames.push_back({op_id, false, {}, {}, slots});
    }
    size_t mine = frames.size() - 1;
    if (op.code == OpCode::For && analysis.diverges(op_id)) {
        rounds(op, op_id, mine);
    } else {
        std::vector<ValueId> operands;
        for (ValueId operand : op.operands) {
            bool start = op.code == OpCode::For && get(operand).kind != Kind::Uniform;
            operands.push_back(start ? b.constInt(typeOf(operand), 0) : get(operand).value);
        }
        std::vector<LaneValue> given;
        for (ValueId operand : op.operands) given.push_back(get(operand));
        if (op.code == OpCode::For && given[2].kind != Kind::Uniform) operands[2] = b.constInt(typeOf(op.operands[2]), 1);
        bool counted = op.code == OpCode::For && (given[0].kind != Kind::Uniform || given[2].kind != Kind::Uniform);
        if (counted) { // rounds are counted; the index of each lane follows
            operands[0] = b.constInt(typeOf(op.operands[0]), 0);
            operands[2] = b.constInt(typeOf(op.operands[0]), 1);
        }
        OpId made = b.op(op.code, {}, operands);
        frames[mine].emitted = made;
        b.in(made, Role::Body, [&](RegionId region) {
            if (op.code == OpCode::For) {
                ValueId param = f().regions[op.regions[0]].params[0];
                ValueId index = b.addParam(region, typeOf(param));
                if (counted) set(param, indexOf(given, index, typeOf(param)));
                else set(param, uniform(index));
            }
            loopBody(op, op_id, mine);
        });
    }
    frames.resize(depth);
    mask_frame = before_frame;
    restore(before, op_id);
    useResult(slots, op.result);
}

/// lo + round * step, one a lane.
LaneValue Emitter::indexOf(const std::vector<LaneValue> &bounds, ValueId round, TypeId type) {
    ValueId n = spread(uniform(round), type), step = spread(bounds[2], type);
    return varying(b.binary(OpCode::Add, spread(bounds[0], type), b.binary(OpCode::Mul, n, step)));
}

/// A `for` whose lanes have different numbers of rounds: it runs until the last one is done.
void Emitter::rounds(const Op &op, OpId op_id, size_t mine) {
    TypeId i64 = types().i64(), u64 = types().scalar(TypeKind::U64);
    ValueId param = f().regions[op.regions[0]].params[0];
    TypeId type = typeOf(param);
    std::vector<LaneValue> bounds;
    for (ValueId operand : op.operands) bounds.push_back(get(operand));
    ValueId count = b.convert(spread(bounds[1], i64), wide(u64));
    ValueId round = b.slot(i64), zero = b.constInt(0);
    b.store(round, zero);
    auto remain = [&](ValueId k) {
        ValueId goes = b.emit(OpCode::Lt, mask_type, {b.emit(OpCode::Splat, wide(u64), {b.convert(k, u64)}), count});
        ValueId live = b.binary(OpCode::And, b.load(frames[mine].live), goes);
        b.store(frames[mine].live, live);
        return b.emit(OpCode::Any, types().boolean(), {live});
    };
    ValueId some = remain(zero);
    OpId guard = b.op(OpCode::If, {}, {some});
    b.in(guard, Role::Then, [&](RegionId) {
        OpId made = b.op(OpCode::Loop, {});
        frames[mine].emitted = made;
        b.in(made, Role::Body, [&](RegionId) {
            ValueId k = b.load(round), narrow = typeOf(k) == type ? k : b.convert(k, type);
            bool fixed = bounds[0].kind == Kind::Uniform && bounds[2].kind == Kind::Uniform;
            if (fixed) set(param, uniform(b.binary(OpCode::Add, bounds[0].value, b.binary(OpCode::Mul, narrow, bounds[2].value))));
            else set(param, indexOf(bounds, narrow, type));
            loopBody(op, op_id, mine);
            ValueId next = b.binary(OpCode::Add, b.load(round), b.constInt(1));
            b.store(round, next);
            ValueId none = b.unary(OpCode::Not, remain(next));
            OpId branch = b.op(OpCode::If, {}, {none});
            b.in(branch, Role::Then, [&](RegionId) { b.leave(made); });
        });
    });
}

bool Emitter::endsInExit(RegionId region) const {
    const auto &list = f().regions[region].ops;
    return !list.empty() && analysis.isPartial(list.back());
}

/// One round, for the lanes that are still in the loop.
void Emitter::loopBody(const Op &op, OpId op_id, size_t mine) {
    bool left = frames[mine].live.valid(), counted = op.code == OpCode::For && analysis.diverges(op_id);
    if (left) {
        mask = {b.load(frames[mine].live), true};
        mask_frame = mine;
    }
    size_t depth = frames.size();
    OpId test_outer = test_after;
    size_t frame_outer = test_frame;
    bool tested_outer = tested;
    // Where lanes leave last in a round: there it is asked whether any is left.
    RegionId body = op.regions[0];
    OpId last;
    if (left && !counted && !analysis.isSkipped(op_id))
        for (OpId inner : f().regions[body].ops)
            if (analysis.escapes(inner)) last = inner;
    test_after = last;
    test_frame = mine;
    tested = false;
    // `again` of all lanes ends the block, so that what follows in the loop still happens.
    OpId round = b.op(OpCode::Block, {});
    b.in(round, Role::Body, [&](RegionId) {
        if (analysis.isSkipped(op_id)) pushLive(op_id, true, round);
        else frames.push_back({op_id, true, {}, round, {}});
        ops(body, 0, [](std::span<const ValueId>) {});
    });
    frames.resize(depth);
    bool done = tested && !endsInExit(body);
    test_after = test_outer;
    test_frame = frame_outer;
    tested = tested_outer;
    if (!left || counted || done) return;
    ValueId none = b.unary(OpCode::Not, b.emit(OpCode::Any, types().boolean(), {b.load(frames[mine].live)}));
    OpId branch = b.op(OpCode::If, {}, {none});
    b.in(branch, Role::Then, [&](RegionId) { b.leave(frames[mine].emitted); });
}

} // namespace parlane::vectorize
