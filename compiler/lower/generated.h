// Functions that are made for a type: equality, order, hash, text, and the growing of arrays that a collect fills.
#pragma once
#include "compiler/lower/lowering.h"

namespace parlane::lower {

/// Writes the body of one such function. Its operands are as read parameters want them: views, refs if the type owns,
/// else values.
class Generator {
public:
    Generator(Lowering &all, pir::FunctionId id) : all(all), b(all.module, id) { b.loc = b.fn().loc; }

    void equal(HType type);
    void less(HType type);
    void hash(HType type);
    void text(HType type);
    /// (items: ref<array>, count: ref<i64>): makes room for one more item.
    void grow(PType items);
    /// (items: ref<array>, count: i64): the first `count` items as an array of their own.
    void shrink(PType items);

private:
    using Leave = std::function<void(ValueId)>;
    pir::Types &types() { return all.module.types; }
    pir::TypeKind kindOf(ValueId v) { return types().kind(b.fn().type(v)); }
    ValueId param(size_t i) { return b.fn().params()[i]; }
    /// A part as a read operand: what does not own is loaded.
    ValueId readPart(ValueId part);
    std::vector<std::pair<HType, uint32_t>> fields(HType type);
    ValueId fieldOf(ValueId aggregate, uint32_t number);
    ValueId payloadPart(ValueId payload, size_t count, uint32_t number);
    ValueId items(HType type, ValueId of, HType &elem);
    void when(ValueId condition, const std::function<void()> &then);
    void each(ValueId n, const std::function<void(ValueId)> &inside);
    void eachCase(HType type, ValueId of, const std::function<void(uint32_t, const std::vector<HType> &)> &inside);
    void eachElement(ValueId view, std::vector<ValueId> indices,
                     const std::function<void(const std::vector<ValueId> &)> &inside);
    void giveInBlock(PType result, const std::function<void(pir::OpId, const Leave &)> &inside);

    ValueId isEqual(HType type, ValueId a, ValueId c);
    ValueId isLess(HType type, ValueId a, ValueId c);
    void mix(HType type, ValueId of, ValueId state);
    ValueId textOf(HType type, ValueId of, bool quoted);
    void equalParts(HType type, const Leave &leave);
    void equalItems(HType elem, ValueId a, ValueId c, const Leave &leave);
    void hashParts(HType type, ValueId of, ValueId state);
    void textParts(HType type, ValueId of, std::vector<ValueId> &parts);
    ValueId textOfCases(HType type, ValueId of);
    ValueId textOfItems(HType elem, ValueId view, std::string_view open, std::string_view close);
    ValueId textOfSequence(ValueId n, std::string_view open, std::string_view close,
                           const std::function<ValueId(ValueId)> &one_of);
    ValueId textOfContainer(HType type, ValueId of);
    ValueId concat(const std::vector<ValueId> &parts);
    ValueId constRef(std::string text);
    void moveItems(ValueId from, ValueId to, ValueId count);

    Lowering &all;
    pir::Builder b;
};

} // namespace parlane::lower
