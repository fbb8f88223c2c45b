// Types of operands and results, attributes and regions, op by op.
#include "compiler/pir/verify_parts.h"

namespace parlane::pir {

namespace {

class TypeRules {
public:
    explicit TypeRules(Findings &findings)
        : out(findings), f(findings.function), m(findings.module), types(findings.module.types) {}

    void run() { region(f.body); }

private:
    void region(RegionId id) {
        for (OpId op : f.regions[id].ops) {
            one(f.ops[op]);
            for (RegionId inner : f.ops[op].regions) region(inner);
        }
    }

    // --- helpers ---
    TypeId type(const Op &op, size_t i) const { return f.type(op.operands[i]); }
    const Type &operand(const Op &op, size_t i) const { return types[type(op, i)]; }
    TypeId result(const Op &op) const { return op.result.valid() ? f.type(op.result) : types.unit(); }
    /// Element type behind vec, the type itself otherwise.
    TypeKind scalarKind(TypeId id) const {
        return types.kind(id) == TypeKind::Vec ? types.kind(types[id].elem) : types.kind(id);
    }
    bool is(TypeId id, TypeKind kind) const { return types.kind(id) == kind; }
    std::string name(TypeId id) const { return types.text(id); }

    void same(const Op &op, TypeId have, TypeId want, std::string_view what) {
        if (have != want) out.add(op, "{} has type {}, not {}", what, name(have), name(want));
    }
    void need(const Op &op, bool good, std::string_view what) {
        if (!good) out.add(op, "needs {}", what);
    }
    void indices(const Op &op, size_t from, size_t count) {
        for (size_t i = from; i < from + count && i < op.operands.size(); ++i) same(op, type(op, i), i64(), "index");
    }
    TypeId i64() const { return types.i64(); }
    /// Pointee of operand i; none and a message if that is no ref.
    const Type *pointee(const Op &op, size_t i) {
        if (operand(op, i).kind == TypeKind::Ref) return &types[operand(op, i).elem];
        out.add(op, "operand {} is no ref", i);
        return nullptr;
    }

    /// Constants, arithmetic, comparisons; false if `op` is something else.
    bool scalar(const Op &op) {
        switch (op.code) {
        case OpCode::Const: constant(op); return true;
        case OpCode::Zero:
            need(op, !is(result(op), TypeKind::Ref) && !is(result(op), TypeKind::Closure), "a type with a zero");
            return true;
        case OpCode::Add:
        case OpCode::Sub:
        case OpCode::Mul:
        case OpCode::Div:
        case OpCode::Rem:
        case OpCode::Min:
        case OpCode::Max: arithmetic(op, true, true, false); return true;
        case OpCode::Neg:
        case OpCode::Abs: arithmetic(op, true, true, false); return true;
        case OpCode::And:
        case OpCode::Or:
        case OpCode::Xor:
        case OpCode::Not: arithmetic(op, true, false, true); return true;
        case OpCode::Shl:
        case OpCode::Shr:
        case OpCode::Clz:
        case OpCode::Ctz:
        case OpCode::Popcount: arithmetic(op, true, false, false); return true;
        case OpCode::Fma:
        case OpCode::Sqrt:
        case OpCode::Floor:
        case OpCode::Ceil:
        case OpCode::Trunc:
        case OpCode::Round: arithmetic(op, false, true, false); return true;
        case OpCode::Eq:
        case OpCode::Ne:
        case OpCode::Lt:
        case OpCode::Le: compare(op); return true;
        default: return false;
        }
    }

    void one(const Op &op) {
        if (scalar(op)) return;
        switch (op.code) {
        case OpCode::Select: return select(op);
        case OpCode::Convert: return convert(op);
        case OpCode::Bits: return bits(op);
        case OpCode::Keep: return same(op, result(op), type(op, 0), "result");
        case OpCode::Tuple:
        case OpCode::Get:
        case OpCode::With:
        case OpCode::Case:
        case OpCode::Tag:
        case OpCode::Payload: return aggregate(op);
        case OpCode::Slot: return need(op, is(result(op), TypeKind::Ref), "a ref result");
        case OpCode::Field: return field(op);
        case OpCode::Load:
        case OpCode::Take:
            if (pointee(op, 0)) same(op, result(op), operand(op, 0).elem, "result");
            return;
        case OpCode::Store:
            if (pointee(op, 0)) same(op, type(op, 1), operand(op, 0).elem, "stored value");
            return;
        case OpCode::Swap: pointee(op, 0); return same(op, type(op, 0), type(op, 1), "first operand");
        case OpCode::Drop:
            return need(op, types.owns(operand(op, 0).kind == TypeKind::Ref ? operand(op, 0).elem : type(op, 0)),
                        "something that owns");
        case OpCode::Copy: return copy(op);
        case OpCode::View:
        case OpCode::Extent:
        case OpCode::Slice:
        case OpCode::Reshape:
        case OpCode::Contiguous:
        case OpCode::Elem: return viewOp(op);
        case OpCode::Array: return array(op);
        case OpCode::Box:
            need(op, is(result(op), TypeKind::Box), "a box result");
            return is(result(op), TypeKind::Box) ? same(op, type(op, 0), types[result(op)].elem, "operand") : void();
        case OpCode::Atomic:
            if (const Type *t = pointee(op, 0)) {
                need(op, isInteger(t->kind), "a ref to an integer");
                same(op, type(op, 1), operand(op, 0).elem, "value");
                need(op,
                     op.has(AttrKey::AtomicOp) && op.enumerator<FoldOp>(AttrKey::AtomicOp) < FoldOp::Fma &&
                         op.enumerator<FoldOp>(AttrKey::AtomicOp) != FoldOp::Mul,
                     "an `op` that atomics have");
            }
            return;
        case OpCode::Check:
        case OpCode::Trap: return trap(op);
        case OpCode::Iteration: return indices(op, 0, op.operands.size());
        case OpCode::Fast: return same(op, result(op), types.boolean(), "result");
        case OpCode::Call:
        case OpCode::Closure:
        case OpCode::CallClosure: return call(op);
        case OpCode::CallRt:
        case OpCode::CallC: return need(op, !op.string(AttrKey::Name).empty(), "a `name`");
        case OpCode::Block:
        case OpCode::Scope:
        case OpCode::If:
        case OpCode::Switch:
        case OpCode::Loop:
        case OpCode::For:
        case OpCode::Try: return control(op);
        case OpCode::Leave: return leave(op);
        case OpCode::Return: return ret(op);
        case OpCode::Yield: return yield(op);
        case OpCode::Throw: return throwing(op);
        default:
            if (isParallel(op.code)) return parallel(op);
            verifyVector(out, op);
        }
    }

    // --- values ---
    void constant(const Op &op) {
        TypeKind kind = types.kind(result(op));
        const AttrValue *value = op.find(AttrKey::Value);
        if (!value) return out.add(op, "has no value");
        bool fits = isFloat(kind)           ? std::holds_alternative<double>(*value)
                    : kind == TypeKind::Str ? std::holds_alternative<std::string>(*value)
                                            : isScalar(kind) && std::holds_alternative<int64_t>(*value);
        if (!fits) out.add(op, "value does not fit type {}", name(result(op)));
    }

    void arithmetic(const Op &op, bool integers, bool floats, bool bools) {
        for (size_t i = 0; i < op.operands.size(); ++i) same(op, type(op, i), result(op), "operand");
        TypeKind kind = scalarKind(result(op));
        bool mask = bools && kind == TypeKind::Mask;
        need(op,
             (integers && isInteger(kind)) || (floats && isFloat(kind)) || (bools && kind == TypeKind::Bool) || mask,
             floats  ? integers ? "numbers" : "floats"
             : bools ? "integers or bool"
                     : "integers");
    }

    void compare(const Op &op) {
        same(op, type(op, 1), type(op, 0), "right operand");
        need(op, isScalar(scalarKind(type(op, 0))), "scalars");
        bool vector = operand(op, 0).kind == TypeKind::Vec;
        need(op, vector ? is(result(op), TypeKind::Mask) : is(result(op), TypeKind::Bool), "a bool (mask) result");
    }

    void select(const Op &op) {
        TypeKind cond = operand(op, 0).kind;
        need(op, cond == TypeKind::Bool || cond == TypeKind::Mask, "a bool or mask condition");
        same(op, type(op, 1), result(op), "second operand");
        same(op, type(op, 2), result(op), "third operand");
        need(op, !types.owns(result(op)), "a type that does not own");
    }

    void convert(const Op &op) {
        TypeKind from = scalarKind(type(op, 0)), to = scalarKind(result(op));
        need(op, isScalar(from) && isScalar(to), "scalars");
        if (to == TypeKind::Bool) need(op, from == TypeKind::Bool, "a bool to make a bool");
    }

    void bits(const Op &op) {
        TypeKind from = scalarKind(type(op, 0)), to = scalarKind(result(op));
        bool good = isScalar(from) && isScalar(to) && from != TypeKind::Bool && to != TypeKind::Bool &&
                    scalarBytes(from) == scalarBytes(to);
        need(op, good, "numbers of one size");
    }

    // --- aggregates ---
    const TypeId *part(const Op &op, TypeId aggregate) {
        const Type &t = types[aggregate];
        auto n = static_cast<size_t>(op.integer(AttrKey::Field, -1));
        if ((t.kind == TypeKind::Tuple || t.kind == TypeKind::Struct) && n < t.parts.size()) return &t.parts[n];
        out.add(op, "has no such field in {}", name(aggregate));
        return nullptr;
    }

    const TypeId *payload(const Op &op, TypeId sum) {
        const Type &t = types[sum];
        auto n = static_cast<size_t>(op.integer(AttrKey::Case, -1));
        if (t.kind == TypeKind::Optional && n == 1) return &t.elem;
        if (t.kind == TypeKind::Enum && n < t.parts.size()) return &t.parts[n];
        if (t.kind == TypeKind::Optional && n == 0) return nullptr;
        out.add(op, "has no such case in {}", name(sum));
        return nullptr;
    }

    void aggregate(const Op &op) {
        switch (op.code) {
        case OpCode::Tuple: {
            const Type &t = types[result(op)];
            std::vector<TypeId> want = t.parts;
            if (t.kind == TypeKind::Fixed) {
                int64_t count = 1;
                for (int64_t n : t.dims) count *= n;
                want.assign(static_cast<size_t>(count), t.elem);
            } else if (t.kind != TypeKind::Tuple && t.kind != TypeKind::Struct) {
                return out.add(op, "yields {}, which is no tuple, struct or fixed array", name(result(op)));
            }
            if (want.size() != op.operands.size()) return out.add(op, "needs {} operands", want.size());
            for (size_t i = 0; i < want.size(); ++i) same(op, type(op, i), want[i], "part");
            return;
        }
        case OpCode::Get:
            if (const TypeId *p = part(op, type(op, 0))) same(op, result(op), *p, "result");
            return;
        case OpCode::With:
            if (const TypeId *p = part(op, type(op, 0))) same(op, type(op, 1), *p, "new part");
            need(op, !types.owns(type(op, 0)), "a type that does not own");
            return same(op, result(op), type(op, 0), "result");
        case OpCode::Case: {
            const TypeId *p = payload(op, result(op));
            bool has = p && !is(*p, TypeKind::Unit);
            if (has != (op.operands.size() == 1)) return out.add(op, "needs {} operands", has ? 1 : 0);
            return has ? same(op, type(op, 0), *p, "payload") : void();
        }
        case OpCode::Tag: {
            const Type &t = operand(op, 0).kind == TypeKind::Ref ? types[operand(op, 0).elem] : operand(op, 0);
            need(op,
                 t.kind == TypeKind::Enum || t.kind == TypeKind::Optional || t.kind == TypeKind::Box ||
                     t.kind == TypeKind::Array,
                 "an enum, optional, box or array");
            return same(op, result(op), types.u8(), "result");
        }
        default: {
            bool ref = operand(op, 0).kind == TypeKind::Ref;
            const TypeId *p = payload(op, ref ? operand(op, 0).elem : type(op, 0));
            if (!p) return need(op, false, "a case with a payload");
            if (!ref) return same(op, result(op), *p, "result");
            return need(op, is(result(op), TypeKind::Ref) && types[result(op)].elem == *p,
                        "a result ref to the payload");
        }
        }
    }

    // --- memory ---
    void field(const Op &op) {
        const Type *t = pointee(op, 0);
        if (!t) return;
        if (!is(result(op), TypeKind::Ref)) return need(op, false, "a ref result");
        if (t->kind == TypeKind::Box) return same(op, types[result(op)].elem, t->elem, "place");
        if (const TypeId *p = part(op, operand(op, 0).elem)) same(op, types[result(op)].elem, *p, "place");
    }

    void copy(const Op &op) {
        const Type &t = operand(op, 0);
        if (t.kind == TypeKind::Ref) return same(op, result(op), t.elem, "result");
        if (t.kind != TypeKind::View) return need(op, false, "a ref or a view");
        const Type &r = types[result(op)];
        need(op, r.kind == TypeKind::Array && r.elem == t.elem && r.dims == t.dims, "an array result");
    }

    void viewOp(const Op &op) {
        const Type &t = operand(op, 0);
        const Type &r = types[result(op)];
        auto count = static_cast<int64_t>(op.operands.size()) - 1;
        if (op.code == OpCode::View) {
            const Type *p = pointee(op, 0);
            if (!p) return;
            int64_t rank = p->kind == TypeKind::Array   ? p->dims[0]
                           : p->kind == TypeKind::Fixed ? static_cast<int64_t>(p->dims.size())
                                                        : 1;
            bool good = p->kind == TypeKind::Array || p->kind == TypeKind::Fixed || p->kind == TypeKind::Str;
            TypeId elem = p->kind == TypeKind::Str ? types.u8() : p->elem;
            return need(op, good && r.kind == TypeKind::View && r.elem == elem && r.dims[0] == rank,
                        "an owner and a view of its elements");
        }
        if (op.code == OpCode::Elem && t.kind == TypeKind::Ref) {
            const Type &p = types[t.elem];
            need(op,
                 p.kind == TypeKind::Fixed && count == static_cast<int64_t>(p.dims.size()) && r.kind == TypeKind::Ref &&
                     r.elem == p.elem,
                 "a ref to a fixed array and an index a dimension");
            return elemRules(op);
        }
        if (t.kind != TypeKind::View) return need(op, false, "a view");
        indices(op, 1, static_cast<size_t>(count));
        switch (op.code) {
        case OpCode::Extent:
            same(op, result(op), i64(), "result");
            return need(op, op.integer(AttrKey::Dim, -1) >= 0 && op.integer(AttrKey::Dim) < t.dims[0],
                        "a `dim` of the view");
        case OpCode::Slice:
            return need(op,
                        count == 2 * t.dims[0] && r.kind == TypeKind::View && r.elem == t.elem &&
                            r.dims[0] == t.dims[0] - op.integer(AttrKey::Dropped) && r.dims[0] > 0,
                        "two bounds a dimension and the rank that is left");
        case OpCode::Reshape:
            return need(op, r.kind == TypeKind::View && r.elem == t.elem && r.dims[0] == count,
                        "an extent a dimension of the result");
        case OpCode::RtSmall:
        case OpCode::Contiguous: return same(op, result(op), types.boolean(), "result");
        default:
            need(op, count == t.dims[0] && r.kind == TypeKind::Ref && r.elem == t.elem,
                 "an index a dimension and a ref to the element");
            return elemRules(op);
        }
    }

    void elemRules(const Op &op) {
        indices(op, 1, op.operands.size() - 1);
        need(op, op.has(AttrKey::Bounds) && op.has(AttrKey::Own), "`bounds` and `own`");
        bool loop = op.enumerator<Own>(AttrKey::Own) == Own::Loop;
        need(op, loop == op.has(AttrKey::Region), "own=loop(L) with its loop");
    }

    void array(const Op &op) {
        const Type &t = types[result(op)];
        if (t.kind != TypeKind::Array) return need(op, false, "an array result");
        auto rank = static_cast<size_t>(t.dims[0]);
        indices(op, 0, rank);
        if (op.operands.size() == rank)
            return need(op, !op.has(AttrKey::Raw) || !types.owns(t.elem), "elements that do not own (raw)");
        if (op.operands.size() != rank + 1) return need(op, false, "an extent a dimension and at most a fill");
        const Type &fill = operand(op, rank);
        if (types.owns(t.elem))
            need(op, fill.kind == TypeKind::Ref && fill.elem == t.elem, "a ref to the fill");
        else
            same(op, type(op, rank), t.elem, "fill");
    }

    // --- failure, calls ---
    void trap(const Op &op) {
        need(op, op.has(AttrKey::Trap), "a `trap` kind");
        size_t from = 0;
        if (op.code == OpCode::Check)
            same(op, type(op, 0), types.boolean(), "condition"), from = 1;
        else if (!op.operands.empty() && operand(op, 0).kind == TypeKind::Ref)
            from = 1;
        for (size_t i = from; i < op.operands.size(); ++i) need(op, isScalar(operand(op, i).kind), "scalar values");
    }

    void call(const Op &op) {
        std::vector<TypeId> want;
        TypeId gives = types.unit();
        if (op.code == OpCode::CallClosure) {
            const Type &t = operand(op, 0);
            if (t.kind != TypeKind::Closure) return need(op, false, "a closure");
            want.push_back(type(op, 0));
            want.insert(want.end(), t.parts.begin(), t.parts.end());
            gives = t.elem;
        } else {
            FunctionId id = op.function();
            if (!id.valid() || id.raw >= m.functions.size()) return need(op, false, "a callee");
            const Function &callee = m.functions[id];
            for (ValueId param : callee.params()) want.push_back(callee.type(param));
            gives = callee.result;
            if (op.code == OpCode::Closure) {
                want.resize(std::min<size_t>(want.size(), callee.captures));
                if (!is(result(op), TypeKind::Closure)) return need(op, false, "a closure result");
                gives = result(op);
            }
        }
        if (want.size() != op.operands.size()) return out.add(op, "needs {} operands", want.size());
        for (size_t i = 0; i < want.size(); ++i) same(op, type(op, i), want[i], "argument");
        same(op, result(op), gives, "result");
    }

    /// Error type that a throw here meets; none: the function does not throw and no `try` is around.
    TypeId caught(RegionId at) const {
        for (;;) {
            OpId around = f.regions[at].op;
            if (!around.valid()) return f.throws;
            const Op &op = f.ops[around];
            if (op.code == OpCode::Try && f.regions[at].role == Role::Body) {
                RegionId handler = f.region(op, Role::Catch);
                return handler.valid() && !f.regions[handler].params.empty() ? f.type(f.regions[handler].params[0])
                                                                             : TypeId{};
            }
            at = op.parent;
        }
    }

    void throwing(const Op &op) {
        TypeId want = caught(op.parent);
        if (!want.valid()) return out.add(op, "throws where nothing is declared to");
        same(op, type(op, 0), want, "error");
    }

    // --- control ---
    void control(const Op &op) {
        auto has = [&](Role role, size_t params) {
            RegionId id = f.region(op, role);
            if (id.valid() && f.regions[id].params.size() != params)
                out.add(op, "region `{}` needs {} parameters", text(role), params);
            return id.valid();
        };
        switch (op.code) {
        case OpCode::If:
            same(op, type(op, 0), types.boolean(), "condition");
            return need(op, has(Role::Then, 0) && op.regions.size() == (has(Role::Else, 0) ? 2 : 1),
                        "regions `then` and perhaps `else`");
        case OpCode::Switch:
            return need(op, isInteger(operand(op, 0).kind) || operand(op, 0).kind == TypeKind::Bool,
                        "an integer or bool");
        case OpCode::Try:
            return need(op, has(Role::Body, 0) && has(Role::Catch, 1) && op.regions.size() == 2,
                        "regions `body` and `catch`");
        case OpCode::For: {
            need(op, has(Role::Body, 1) && op.regions.size() == 1, "one region `body`");
            need(op, isInteger(operand(op, 0).kind), "an integer to start from");
            same(op, type(op, 2), type(op, 0), "step");
            same(op, type(op, 1), i64(), "count");
            RegionId body = f.region(op, Role::Body);
            return body.valid() && f.regions[body].params.size() == 1
                       ? same(op, f.type(f.regions[body].params[0]), type(op, 0), "index")
                       : void();
        }
        default: return need(op, has(Role::Body, 0) && op.regions.size() == 1, "one region `body`");
        }
    }

    void leave(const Op &op) {
        TypeId want = result(f.ops[op.target()]);
        if (is(want, TypeKind::Unit) != op.operands.empty())
            return out.add(op, "{} a value", op.operands.empty() ? "needs" : "must not carry");
        if (!op.operands.empty()) same(op, type(op, 0), want, "value");
    }

    void ret(const Op &op) {
        if (is(f.result, TypeKind::Unit) != op.operands.empty())
            return out.add(op, "{} a value", op.operands.empty() ? "needs" : "must not carry");
        if (!op.operands.empty()) same(op, type(op, 0), f.result, "value");
    }

    void yield(const Op &op) {
        const Region &region = f.regions[op.parent];
        if (!region.op.valid()) return out.add(op, "stands in the body of a function, which ends with `return`");
        const Op &around = f.ops[region.op];
        if (isParallel(around.code)) return parallelYield(op, around, region);
        if (around.code == OpCode::Loop || around.code == OpCode::For) return need(op, op.operands.empty(), "no value");
        TypeId want = result(around);
        if (op.operands.size() != (is(want, TypeKind::Unit) ? 0u : 1u))
            return out.add(op, "carries {} values", op.operands.size());
        if (!op.operands.empty()) same(op, type(op, 0), want, "value");
    }

    static bool isBody(Role role) { return role == Role::Checked || role == Role::Fast; }

    void parallelYield(const Op &op, const Op &around, const Region &region) {
        size_t have = op.operands.size();
        auto one = [&](TypeId want) {
            if (have != 1) return out.add(op, "carries {} values", have);
            same(op, type(op, 0), want, "value");
        };
        if (region.role == Role::Extent) return one(i64());
        if (region.role == Role::Require || region.role == Role::Guard || region.role == Role::Source)
            return one(types.boolean());
        if (!isBody(region.role))
            return region.role == Role::Lanes || region.role == Role::Tail ? void() : need(op, have == 0, "no value");
        const Type &r = types[result(around)];
        switch (around.code) {
        case OpCode::ParFold: return foldYield(op, around);
        case OpCode::ParScan: return one(operand(around, around.operands.size() - 1).elem);
        case OpCode::ParFirst: return one(r.elem);
        case OpCode::ParFilter:
            if (r.kind == TypeKind::Array) return one(r.elem);
            if (have != r.parts.size()) return out.add(op, "carries {} values", have);
            for (size_t i = 0; i < have; ++i) same(op, type(op, i), types[r.parts[i]].elem, "value");
            return;
        default: return need(op, have == 0, "no value");
        }
    }

    void foldYield(const Op &op, const Op &around) {
        auto ops = around.list(AttrKey::Ops);
        std::vector<TypeId> want;
        const Type &r = types[result(around)];
        for (size_t k = 0; k < ops.size(); ++k) {
            TypeId component = ops.size() == 1 ? result(around) : k < r.parts.size() ? r.parts[k] : types.unit();
            want.push_back(component);
            if (static_cast<FoldOp>(ops[k]) == FoldOp::Fma) want.push_back(component);
        }
        if (want.size() != op.operands.size())
            return out.add(op, "carries {} values, not {}", op.operands.size(), want.size());
        for (size_t i = 0; i < want.size(); ++i) same(op, type(op, i), want[i], "value");
    }

    // --- parallel ---
    void parallel(const Op &op) {
        if (op.code == OpCode::ParInvoke) {
            for (RegionId id : op.regions)
                need(op, f.regions[id].role == Role::Branch && f.regions[id].params.empty(),
                     "regions `branch` without parameters");
            return;
        }
        if (op.code == OpCode::ParPipeline) return pipeline(op);
        ParShape shape = parShape(op);
        need(op, shape.rank >= 1 && shape.rank <= 3, "a `rank` of 1 to 3");
        for (ValueId extent : shape.extents) same(op, f.type(extent), i64(), "extent");
        int64_t dependent = 0;
        for (RegionId id : op.regions)
            if (f.regions[id].role == Role::Extent) {
                ++dependent;
                need(op, static_cast<int64_t>(f.regions[id].params.size()) == f.regions[id].index,
                     "`extent` K with K parameters");
            }
        need(op, static_cast<int64_t>(shape.extents.size()) + dependent == shape.rank,
             "an extent (operand or region) an index");
        RegionId body = f.region(op, Role::Checked);
        if (!body.valid()) return need(op, false, "a region `checked`");
        for (Role role : {Role::Checked, Role::Fast}) bodyParams(op, shape, f.region(op, role));
        auto ops = op.list(AttrKey::Ops);
        bool folds = op.code == OpCode::ParFold || op.code == OpCode::ParScan;
        if (folds) need(op, !ops.empty() && (op.code == OpCode::ParFold || ops.size() == 1), "`ops`");
        for (size_t k = 0; k < ops.size(); ++k)
            if (static_cast<FoldOp>(ops[k]) == FoldOp::Fn)
                need(op, f.region(op, Role::Combine, static_cast<int64_t>(k)).valid(), "a region `combine`");
        if (op.code == OpCode::ParScan) {
            const Type &t = types[f.type(shape.target)];
            need(op, t.kind == TypeKind::View && (t.dims[0] == shape.rank || t.dims[0] == 1), "a target view");
        }
        if (op.code == OpCode::ParFirst) need(op, is(result(op), TypeKind::Optional), "an optional result");
    }

    void bodyParams(const Op &op, const ParShape &shape, RegionId body) {
        if (!body.valid()) return;
        const auto &params = f.regions[body].params;
        auto rank = static_cast<size_t>(shape.rank);
        if (params.size() != rank + shape.accumulators.size())
            return out.add(op, "body needs {} parameters", rank + shape.accumulators.size());
        for (size_t i = 0; i < rank; ++i) same(op, f.type(params[i]), i64(), "index");
        for (size_t i = 0; i < shape.accumulators.size(); ++i) {
            same(op, f.type(params[rank + i]), f.type(shape.accumulators[i]), "accumulator");
            TypeKind kind = types.kind(f.type(shape.accumulators[i]));
            need(op, kind == TypeKind::Ref || kind == TypeKind::View, "accumulators that are refs or views");
        }
    }

    void pipeline(const Op &op) {
        RegionId source = f.region(op, Role::Source);
        if (!source.valid()) return need(op, false, "a region `source`");
        std::vector<TypeId> want;
        for (ValueId param : f.regions[source].params) want.push_back(f.type(param));
        need(op, !want.empty() && want[0] == i64(), "the item number as first parameter");
        need(op, op.list(AttrKey::Stages).size() + 1 == op.regions.size(), "a kind a stage");
        for (RegionId id : op.regions) {
            const Region &region = f.regions[id];
            need(op, region.role == Role::Source || region.role == Role::Stage, "regions `source` and `stage`");
            if (region.params.size() != want.size()) return out.add(op, "regions differ in their parameters");
            for (size_t i = 0; i < want.size(); ++i) same(op, f.type(region.params[i]), want[i], "token slot");
        }
    }

    Findings &out;
    const Function &f;
    const Module &m;
    const Types &types;
};

} // namespace

void verifyTypes(Findings &findings) { TypeRules(findings).run(); }

} // namespace parlane::pir
