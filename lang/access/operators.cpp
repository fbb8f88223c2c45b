// Arithmetic and comparisons as terms, as the machine does them.
#include "lang/access/walk.h"

#include <bit>

namespace parlane::access {

using namespace hir;

namespace {

/// Factors beyond this are not index arithmetic; what wraps with them is not assumed away.
constexpr int64_t kMaxFactor = int64_t(1) << 32;

bool hasHugeFactor(const Term &term) {
    for (const Monomial &m : term.monomials)
        if (m.factor > kMaxFactor || m.factor < -kMaxFactor) return true;
    return false;
}

uint32_t operatorKey(BinaryOp op) { return 0x100 + static_cast<uint32_t>(op); }

} // namespace

bool Walker::isInteger(TypeId type) const { return types.isInteger(type); }

Interval Walker::rangeOf(TypeId type) const {
    const auto scalar = types.scalarOf(type);
    return TermStore::rangeOf(static_cast<uint32_t>(types::TypeStore::bits(*scalar)), types.isSigned(type));
}

TermId Walker::freshInteger(TypeId type, std::string text, source::Span span) {
    return terms.freshTerm(std::move(text), rangeOf(type), span);
}

Value Walker::unknownValue(TypeId type, std::string text, source::Span span) {
    Value value;
    if (isInteger(type)) value.term = freshInteger(type, std::move(text), span);
    return value;
}

/// What an integer type makes of a sum. Sums of 64 bits are taken as they are: where it matters that they did not wrap,
/// the rules see that they do not fit (`TermStore::strict`), and ask for a guard. A huge factor is not believed.
TermId Walker::machine(TermId term, TypeId type) {
    const uint32_t bits = static_cast<uint32_t>(types::TypeStore::bits(*types.scalarOf(type)));
    const bool is_signed = types.isSigned(type);
    if (bits == 64 && is_signed && !hasHugeFactor(terms[term])) return term;
    return terms.wrap(term, bits, is_signed);
}

TermId Walker::shift(BinaryOp op, TermId a, TermId b, TypeId type) {
    const int64_t bits = types::TypeStore::bits(*types.scalarOf(type));
    const auto count = terms.constantValue(b);
    if (count && *count >= 0 && *count < bits && *count <= 32) {
        const int64_t power = int64_t(1) << *count;
        if (op == BinaryOp::Shl) return machine(terms.scale(a, power), type);
        if (terms.interval(a).lo >= 0) return terms.quotient(a, terms.constant(power));
    }
    return terms.opaque(operatorKey(op), {a, b}, 0, rangeOf(type));
}

TermId Walker::bitAnd(TermId a, TermId b, TypeId type) {
    if (terms.constantValue(a)) std::swap(a, b);
    const auto mask = terms.constantValue(b);
    Interval range = rangeOf(type);
    if (mask && *mask >= 0) {
        range = {0, *mask};
        if (std::has_single_bit(static_cast<uint64_t>(*mask) + 1) && *mask != INT64_MAX && terms.interval(a).lo >= 0)
            return terms.remainder(a, terms.constant(*mask + 1));
    }
    if (b < a) std::swap(a, b);
    return terms.opaque(operatorKey(BinaryOp::BitAnd), {a, b}, 0, range);
}

TermId Walker::arithmetic(BinaryOp op, TermId a, TermId b, TypeId type) {
    switch (op) {
    case BinaryOp::Add: return machine(terms.add(a, b), type);
    case BinaryOp::Sub: return machine(terms.sub(a, b), type);
    case BinaryOp::Mul: return machine(terms.mul(a, b), type);
    case BinaryOp::Div: return machine(terms.quotient(a, b), type);
    case BinaryOp::Rem: return terms.remainder(a, b);
    case BinaryOp::Shl:
    case BinaryOp::Shr: return shift(op, a, b, type);
    case BinaryOp::BitAnd: return bitAnd(a, b, type);
    case BinaryOp::BitXor: {
        if (b < a) std::swap(a, b);
        const bool positive = terms.interval(a).lo >= 0 && terms.interval(b).lo >= 0;
        return terms.opaque(kXorFunction, {a, b}, 0, positive ? Interval{0, rangeOf(type).hi} : rangeOf(type));
    }
    default: return terms.opaque(operatorKey(op), {a, b}, 0, rangeOf(type));
    }
}

CondId Walker::compare(BinaryOp op, TermId a, TermId b) {
    CondId cond = terms.unknown();
    switch (op) {
    case BinaryOp::Eq: cond = terms.equal(a, b); break;
    case BinaryOp::Ne: cond = terms.negate(terms.equal(a, b)); break;
    case BinaryOp::Lt: cond = terms.less(a, b); break;
    case BinaryOp::Le: cond = terms.lessEqual(a, b); break;
    case BinaryOp::Gt: cond = terms.less(b, a); break;
    case BinaryOp::Ge: cond = terms.lessEqual(b, a); break;
    default: return cond;
    }
    if (terms.fits(a) && terms.fits(b)) return cond;
    // What sums decide that may wrap, the machine may decide in another way.
    if (cond == terms.truth() || cond == terms.falsity()) return terms.unknown();
    for (TermId operand : {a, b})
        if (!terms.fits(operand)) terms.doubt(cond, operand);
    return cond;
}

Value Walker::binary(const Binary &node, TypeId type) {
    const TypeId operand = body.exprs[node.left].type;
    const Value a = value(node.left);
    if (node.op == BinaryOp::And || node.op == BinaryOp::Or) {
        const PathId before = path;
        const CondId left = a.truth ? a.truth : terms.unknown();
        assume(node.op == BinaryOp::And ? left : terms.negate(left));
        std::vector<Known> skipped = locals;
        const Value b = value(node.right);
        path = before;
        join(std::move(skipped));
        const CondId right = b.truth ? b.truth : terms.unknown();
        Value out;
        out.truth = node.op == BinaryOp::And ? terms.both(left, right) : terms.either(left, right);
        return out;
    }
    const Value b = value(node.right);
    Value out;
    if (a.term && b.term && isInteger(operand)) {
        if (isInteger(type))
            out.term = arithmetic(node.op, a.term, b.term, type);
        else
            out.truth = compare(node.op, a.term, b.term);
    }
    return out;
}

Value Walker::unary(const Unary &node, TypeId type) {
    const Value a = value(node.operand);
    Value out;
    if (node.op == UnaryOp::Not && a.truth) out.truth = terms.negate(a.truth);
    if (node.op == UnaryOp::Neg && a.term && isInteger(type)) out.term = machine(terms.scale(a.term, -1), type);
    if (node.op == UnaryOp::BitNot && a.term && isInteger(type))
        out.term = machine(terms.addConstant(terms.scale(a.term, -1), -1), type);
    return out;
}

Value Walker::convert(TermId term, TypeId to) {
    Value out;
    if (!term || !isInteger(to)) return out;
    out.term = terms.wrap(term, static_cast<uint32_t>(types::TypeStore::bits(*types.scalarOf(to))), types.isSigned(to));
    return out;
}

} // namespace parlane::access
