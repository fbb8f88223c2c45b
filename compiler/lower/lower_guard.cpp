// Guards: a parallel loop whose proof needs a predicate is tested in front of it; if it fails the serial copy runs.
#include "compiler/lower/function_lowering.h"

namespace parlane::lower {

using pir::TypeKind;

/// The loop, or where the guards fail the same loop without `par`.
ValueId FunctionLowering::guardedLoop(HType result, hir::LoopId id, const hir::Loop &loop,
                                      const std::vector<access::Guard> &guards) {
    auto serial = [&] {
        // What is folded in a fixed order stays one op, which runs on one thread.
        if (loop.kind == hir::LoopKind::Statement && !groupsFreely(loop)) {
            serial_ops.insert(id);
            parFor(id, loop);
            serial_ops.erase(id);
            return ValueId{};
        }
        hir::Loop copy = loop;
        copy.execution = hir::Execution::Serial;
        serial_copies.insert(id);
        ValueId made = loopOfKind(result, id, copy);
        serial_copies.erase(id);
        return made;
    };
    // Inside a serial copy a second one of each loop would be too much code.
    if (!serial_copies.empty() || !serial_ops.empty()) return serial();
    ValueId holds = b.constBool(true);
    for (const access::Guard &guard : guards) holds = both(holds, guardHolds(guard));
    return branch(
        holds, all.type(result), [&] { return loopOfKind(result, id, loop); },
        [&] {
            b.callRt("guard_failed", types().unit(), {});
            return serial();
        });
}

ValueId FunctionLowering::quantityOf(const access::Quantity &quantity) {
    Place from = localPlace(quantity.local, body.locals[quantity.local].span);
    for (uint32_t field : quantity.path) from = fieldPlace(std::move(from), field);
    return quantity.extent == access::Quantity::kValue ? load(from) : b.extent(viewOf(from), quantity.extent);
}

/// Sizes are added up as floating-point numbers, which do not wrap; that they are rounded makes no difference to a limit.
ValueId FunctionLowering::guardHolds(const access::Guard &guard) {
    constexpr int64_t kHalf = int64_t{1} << 62;
    PType wide = types().scalar(TypeKind::F64);
    auto size = [&](int64_t number) { return number < 0 ? -static_cast<double>(number) : static_cast<double>(number); };
    bool sums = guard.kind == access::Guard::Kind::NotNegative;
    ValueId magnitude = b.constFloat(wide, size(guard.constant)), sum;
    if (sums) sum = b.constInt(guard.constant);
    for (const access::Product &product : guard.sum) {
        ValueId large = b.constFloat(wide, size(product.factor)), exact;
        if (sums) exact = b.constInt(product.factor);
        for (const access::Quantity &quantity : product.quantities) {
            ValueId number = quantityOf(quantity);
            ValueId real = b.convert(number, wide);
            ValueId negative = b.compare(OpCode::Lt, real, b.constFloat(wide, 0));
            real = b.emit(OpCode::Select, wide, {negative, b.unary(OpCode::Neg, real), real});
            large = b.binary(OpCode::Mul, large, real);
            if (!sums) continue;
            if (kindOf(number) != TypeKind::I64) number = b.convert(number, types().i64());
            exact = b.binary(OpCode::Mul, exact, number);
        }
        magnitude = b.binary(OpCode::Add, magnitude, large);
        if (sums) sum = b.binary(OpCode::Add, sum, exact);
    }
    ValueId most = b.constFloat(wide, static_cast<double>(sums ? kHalf : guard.limit));
    ValueId holds = inOrder(magnitude, most);
    return sums ? both(holds, inOrder(b.constInt(0), sum)) : holds;
}

} // namespace parlane::lower
