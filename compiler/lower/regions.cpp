// Regions, the temps of statements, and code that control does not reach.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::TypeKind;

FunctionLowering::Located::Located(FunctionLowering &f, source::Span span) : f(f), before(f.b.loc) {
    if (span.valid()) f.b.locate(span);
}
FunctionLowering::Located::~Located() { f.b.loc = before; }

void FunctionLowering::terminate() {
    dead = true;
    if (!graveyard.valid()) graveyard = fn().regions.add({});
    b.at(graveyard);
}

bool FunctionLowering::region(OpId op, Role role, int64_t index, const std::function<void(pir::RegionId)> &inside) {
    bool outer = dead;
    bool ended = false;
    b.in(op, role, index, [&](pir::RegionId made) {
        dead = false;
        frames.emplace_back();
        inside(made);
        frames.pop_back();
        ended = dead;
    });
    dead = outer;
    return ended;
}

void FunctionLowering::statementFrame(const std::function<void()> &inside, bool keep_temps) {
    frames.emplace_back();
    inside();
    std::vector<ValueId> temps = std::move(frames.back());
    frames.pop_back();
    if (keep_temps) {
        frames.back().insert(frames.back().end(), temps.begin(), temps.end());
        return;
    }
    if (dead) return;
    for (size_t i = temps.size(); i-- > 0;) b.drop(temps[i]);
}

ValueId FunctionLowering::temp(PType type) {
    ValueId ref = b.slot(type);
    if (ownsType(type)) frames.back().push_back(ref);
    return ref;
}

ValueId FunctionLowering::spill(ValueId value) {
    ValueId ref = temp(fn().type(value));
    b.store(ref, value);
    return ref;
}

void FunctionLowering::yield(ValueId value) {
    if (dead) return;
    if (value.valid())
        b.yield({value});
    else
        b.yield();
    terminate();
}

void FunctionLowering::leave(OpId target, ValueId value) {
    if (value.valid())
        b.leave(target, value);
    else
        b.leave(target);
    terminate();
}

void FunctionLowering::again(OpId target) {
    b.again(target);
    terminate();
}

void FunctionLowering::discard(ValueId value) {
    if (!value.valid() || dead || !owns(value)) return;
    const pir::Value &about = fn().values[value];
    if (about.op.valid() && (fn().ops[about.op].code == OpCode::Const || fn().ops[about.op].code == OpCode::Zero))
        return;
    b.drop(value);
}

ValueId FunctionLowering::branch(ValueId condition, PType type, const Arm &then, const Arm &otherwise) {
    bool gives = type.valid() && types().kind(type) != TypeKind::Unit;
    OpId op = b.op(OpCode::If, gives ? type : PType{}, {condition});
    bool reached = false; // the end of an arm
    auto arm = [&](const Arm &inside) {
        return [&](pir::RegionId) {
            ValueId value = inside();
            reached = reached || !dead;
            if (gives)
                yield(value);
            else
                discard(value);
        };
    };
    region(op, Role::Then, arm(then));
    region(op, Role::Else, arm(otherwise));
    if (!reached) terminate();
    return fn().ops[op].result;
}

void FunctionLowering::when(ValueId condition, const std::function<void()> &then) {
    OpId op = b.op(OpCode::If, {}, {condition});
    region(op, Role::Then, [&](pir::RegionId) { then(); });
}

ValueId FunctionLowering::inBlock(PType type, const std::function<ValueId(OpId)> &inside) {
    bool gives = type.valid() && types().kind(type) != TypeKind::Unit;
    OpId op = b.op(OpCode::Block, gives ? type : PType{});
    region(op, Role::Body, [&](pir::RegionId) {
        ValueId value = inside(op);
        if (gives) yield(value);
    });
    return fn().ops[op].result;
}

void FunctionLowering::forRange(ValueId lo, ValueId n, ValueId step, const std::function<void(OpId, ValueId)> &inside) {
    OpId op = b.op(OpCode::For, {}, {lo, n, step});
    region(op, Role::Body, [&](pir::RegionId made) {
        ValueId i = b.addParam(made, fn().type(lo));
        inside(op, i);
    });
}

void FunctionLowering::forCount(ValueId n, const std::function<void(OpId, ValueId)> &inside) {
    forRange(b.constInt(0), n, b.constInt(1), inside);
}

} // namespace parlane::lower
