// Random structured Pir for differential tests: one function @f(%a: i64, %b: i64, inout %xs: view<i64,1>, %ys:
// view<f32,1>) -> i64 that computes on slots, elements and values, with branches, loops, calls and checks that may
// fail.
#pragma once
#include "compiler/pir/builder.h"

#include <random>

namespace parlane::pir::fuzz {

class RandomProgram {
public:
    explicit RandomProgram(uint64_t seed) : random(seed) {}

    Module make() {
        Module module;
        Types &t = module.types;
        point = t.tuple({t.i64(), t.scalar(TypeKind::F32)});
        std::vector<FunctionId> helpers;
        for (int i = 0; i < 3; ++i) helpers.push_back(helper(module, i, helpers));
        FunctionId f = addFunction(module, "f", t.i64());
        ValueId a = addParameter(module, f, t.i64(), PassMode::Read, "a"),
                b = addParameter(module, f, t.i64(), PassMode::Read, "b");
        ValueId xs = addParameter(module, f, t.view(t.i64(), 1), PassMode::Inout, "xs");
        ValueId ys = addParameter(module, f, t.view(t.scalar(TypeKind::F32), 1), PassMode::Read, "ys");
        Builder builder(module, f);
        State state{{a, b}, {}, {}, {}, {}, {}, xs, ys, helpers};
        fill(builder, state, 4, 30);
        builder.ret(integer(builder, state));
        return module;
    }

private:
    struct State {
        std::vector<ValueId> ints, floats, bools, int_slots, point_slots;
        std::vector<OpId> loops; ///< that may be left or continued
        ValueId xs, ys;
        std::vector<FunctionId> helpers;
    };

    int below(int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); }
    template <class T> T pick(const std::vector<T> &list) { return list[random() % list.size()]; }

    ValueId integer(Builder &b, State &s) {
        if (s.ints.empty() || below(5) == 0) return b.constInt(below(12) - 3);
        return pick(s.ints);
    }
    ValueId floating(Builder &b, State &s) {
        TypeId f32 = b.types().scalar(TypeKind::F32);
        if (s.floats.empty() || below(5) == 0) return b.constFloat(f32, static_cast<float>(below(100)) / 8.0f - 3);
        return pick(s.floats);
    }
    ValueId boolean(Builder &b, State &s) {
        if (!s.bools.empty() && below(3) == 0) return pick(s.bools);
        OpCode code = pick(std::vector{OpCode::Eq, OpCode::Ne, OpCode::Lt, OpCode::Le});
        ValueId made =
            below(4) ? b.compare(code, integer(b, s), integer(b, s)) : b.compare(code, floating(b, s), floating(b, s));
        s.bools.push_back(made);
        return made;
    }

    FunctionId helper(Module &module, int number, const std::vector<FunctionId> &earlier) {
        Types &t = module.types;
        FunctionId f = addFunction(module, "helper" + std::to_string(number), t.i64());
        ValueId a = addParameter(module, f, t.i64(), PassMode::Read, "a");
        Builder b(module, f);
        State s{{a}, {}, {}, {}, {}, {}, {}, {}, earlier};
        fill(b, s, 2, 8);
        if (below(2)) {
            OpId branch = b.op(OpCode::If, {}, {boolean(b, s)});
            b.in(branch, Role::Then, [&](RegionId) { b.ret(integer(b, s)); });
        }
        b.ret(integer(b, s));
        return f;
    }

    void fill(Builder &b, State &s, int depth, int count) {
        for (int i = 0; i < count; ++i) statement(b, s, depth);
    }

    void statement(Builder &b, State &s, int depth) {
        Types &t = b.types();
        switch (below(depth > 0 ? 18 : 13)) {
        case 0:
            return s.ints.push_back(
                b.binary(pick(std::vector{OpCode::Add, OpCode::Sub, OpCode::Mul, OpCode::Min, OpCode::Max, OpCode::And,
                                          OpCode::Or, OpCode::Xor, OpCode::Shl, OpCode::Shr}),
                         integer(b, s), integer(b, s)));
        case 1:
            return s.ints.push_back(
                b.unary(pick(std::vector{OpCode::Neg, OpCode::Abs, OpCode::Not, OpCode::Popcount}), integer(b, s)));
        case 2:
            return s.floats.push_back(b.binary(
                pick(std::vector{OpCode::Add, OpCode::Sub, OpCode::Mul, OpCode::Div, OpCode::Min, OpCode::Max}),
                floating(b, s), floating(b, s)));
        case 3:
            return s.floats.push_back(
                b.emit(OpCode::Fma, t.scalar(TypeKind::F32), {floating(b, s), floating(b, s), floating(b, s)}));
        case 4: return s.ints.push_back(b.convert(floating(b, s), t.i64()));
        case 5: return s.floats.push_back(b.convert(integer(b, s), t.scalar(TypeKind::F32)));
        case 6: return s.int_slots.push_back(b.slot(t.i64(), "v"));
        case 7:
            if (!s.int_slots.empty()) b.store(pick(s.int_slots), integer(b, s));
            return;
        case 8:
            if (!s.int_slots.empty()) s.ints.push_back(b.load(pick(s.int_slots)));
            return;
        case 9: return points(b, s);
        case 10:
            return s.ints.push_back(b.emit(OpCode::Select, t.i64(), {boolean(b, s), integer(b, s), integer(b, s)}));
        case 11: return elements(b, s);
        case 12: {
            if (below(3)) return;
            ValueId x = integer(b, s);
            ValueId zero = b.constInt(below(3) - 40);
            return b.check(b.compare(OpCode::Lt, zero, x), Trap::Other, {x});
        }
        case 13: return ifElse(b, s, depth);
        case 14: return counted(b, s, depth);
        case 15: return leavable(b, s, depth);
        case 16:
            if (!s.helpers.empty()) s.ints.push_back(b.call(pick(s.helpers), {integer(b, s)}));
            return;
        default: return parallel(b, s, depth);
        }
    }

    void points(Builder &b, State &s) {
        if (s.point_slots.empty() || below(4) == 0) return s.point_slots.push_back(b.slot(point, "p"));
        ValueId slot = pick(s.point_slots);
        switch (below(4)) {
        case 0: return b.store(slot, b.emit(OpCode::Tuple, point, {integer(b, s), floating(b, s)}));
        case 1: return b.store(b.field(slot, 0), integer(b, s));
        case 2: return s.ints.push_back(b.load(b.field(slot, 0)));
        default: return s.floats.push_back(b.get(b.load(slot), 1));
        }
    }

    /// An index that is mostly in bounds (the views have 16 elements).
    ValueId index(Builder &b, State &s) {
        ValueId i = integer(b, s);
        return below(6) ? b.binary(OpCode::And, i, b.constInt(15)) : i;
    }
    void elements(Builder &b, State &s) {
        if (!s.xs.valid()) return;
        switch (below(4)) {
        case 0:
            return b.store(
                b.elem(s.xs, {index(b, s)}, Bounds::Checked, in_parallel.valid() ? Own::Asserted : Own::Local),
                integer(b, s));
        case 1: return s.floats.push_back(b.load(b.elem(s.ys, {index(b, s)}, Bounds::Checked, Own::Read)));
        case 2: return s.ints.push_back(b.extent(s.xs, 0));
        default: return s.ints.push_back(b.load(b.elem(s.xs, {index(b, s)}, Bounds::Checked, Own::Read)));
        }
    }

    void ifElse(Builder &b, State &s, int depth) {
        ValueId cond = boolean(b, s);
        bool value = below(2);
        OpId op = b.op(OpCode::If, value ? b.types().i64() : TypeId{}, {cond});
        for (Role role : {Role::Then, Role::Else}) {
            if (role == Role::Else && !value && below(2)) break;
            b.in(op, role, [&](RegionId) {
                State inner = s;
                fill(b, inner, depth - 1, 4);
                if (!inner.loops.empty() && below(5) == 0)
                    return below(2) ? b.again(pick(inner.loops)) : b.leave(pick(inner.loops));
                if (value) b.yield({integer(b, inner)});
            });
        }
        if (value) s.ints.push_back(b.fn().ops[op].result);
    }

    void counted(Builder &b, State &s, int depth) {
        ValueId lo = b.constInt(below(5) - 1),
                n = below(3) ? b.constInt(below(6)) : b.binary(OpCode::And, integer(b, s), b.constInt(7));
        OpId op = b.op(OpCode::For, {}, {lo, n, b.constInt(below(2) + 1)});
        b.in(op, Role::Body, [&](RegionId body) {
            State inner = s;
            inner.ints.push_back(b.addParam(body, b.types().i64(), "i"));
            inner.loops.push_back(op);
            fill(b, inner, depth - 1, 5);
        });
    }

    void leavable(Builder &b, State &s, int depth) {
        OpId op = b.op(OpCode::Block, b.types().i64());
        b.in(op, Role::Body, [&](RegionId) {
            State inner = s;
            fill(b, inner, depth - 1, 3);
            OpId branch = b.op(OpCode::If, {}, {boolean(b, inner)});
            b.in(branch, Role::Then, [&](RegionId) { b.leave(op, integer(b, inner)); });
            fill(b, inner, depth - 1, 2);
            b.yield({integer(b, inner)});
        });
        s.ints.push_back(b.fn().ops[op].result);
    }

    void parallel(Builder &b, State &s, int depth) {
        if (in_parallel.valid() || !s.xs.valid()) return;
        ValueId n = below(2) ? b.extent(s.xs, 0) : b.constInt(below(20));
        bool fold = below(2);
        std::vector<Attr> attrs = {{AttrKey::Rank, int64_t{1}}};
        if (fold) attrs.push_back({AttrKey::Ops, std::vector<int64_t>{static_cast<int64_t>(FoldOp::Add)}});
        OpId op = b.op(fold ? OpCode::ParFold : OpCode::ParFor, fold ? b.types().i64() : TypeId{}, {n}, attrs);
        b.in(op, Role::Checked, [&](RegionId body) {
            ValueId i = b.addParam(body, b.types().i64(), "i");
            b.op(OpCode::Iteration, {}, {i});
            State inner = s;
            inner.loops.clear();
            inner.int_slots.clear(); // those outside may not be written here
            inner.point_slots.clear();
            inner.ints.push_back(i);
            in_parallel = op;
            fill(b, inner, depth - 1, 4);
            if (!fold) b.store(b.elem(s.xs, {i}, Bounds::Checked, Own::Loop, op), integer(b, inner));
            if (fold && below(3) == 0) {
                OpId branch = b.op(OpCode::If, {}, {boolean(b, inner)});
                b.in(branch, Role::Then, [&](RegionId) { b.again(op); });
            }
            if (fold) b.yield({integer(b, inner)});
            in_parallel = {};
        });
        if (fold) s.ints.push_back(b.fn().ops[op].result);
    }

    std::mt19937_64 random;
    TypeId point;
    OpId in_parallel;
};

} // namespace parlane::pir::fuzz
