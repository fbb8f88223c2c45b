#include "compiler/opt/clone.h"

#include <algorithm>

namespace parlane::opt {

using namespace pir;

ValueId Cloner::value(ValueId source) {
    if (auto found = values.find(source.raw); found != values.end()) return found->second;
    if (OpId made = from().values[source].op; made.valid() && from_id != into.function_id) {
        const Op &op = from().ops[made];
        if (op.code == OpCode::Const || op.code == OpCode::Zero || op.code == OpCode::Data)
            return into.emit(op.code, from().type(source), {}, op.attrs);
    }
    PAR_CHECK(from_id == into.function_id, "value {} of {} has no copy", source.raw, from().name);
    return source;
}

/// Renames targets; a verdict that names an op which is not copied says `local` from now on: no parallel region is around any more.
void Cloner::attributes(const Op &source, std::vector<Attr> &attrs) {
    auto renamed = [&](const AttrValue &value) -> std::optional<OpId> {
        auto found = ops.find(static_cast<uint32_t>(std::get<int64_t>(value)));
        if (found != ops.end()) return found->second;
        return std::nullopt;
    };
    for (const Attr &attr : source.attrs) {
        Attr copy = attr;
        if (attr.key == AttrKey::Target) {
            auto target = renamed(attr.value);
            if (target) copy.value = int64_t{target->raw};
            else PAR_CHECK(from_id == into.function_id, "target of {} is not copied", info(source.code).text);
        }
        if (attr.key == AttrKey::Region) {
            bool outside = outlined && source.target(AttrKey::Region) == *outlined;
            auto target = renamed(attr.value);
            if (outside || (!target && from_id != into.function_id)) {
                std::erase_if(attrs, [](const Attr &a) { return a.key == AttrKey::Own; });
                attrs.push_back({AttrKey::Own, static_cast<int64_t>(Own::Local)});
                continue;
            }
            if (target) copy.value = int64_t{target->raw};
        }
        attrs.push_back(std::move(copy));
    }
    std::ranges::sort(attrs, [](const Attr &a, const Attr &b) { return a.key < b.key; });
}

OpId Cloner::op(OpId source_id) {
    const Op &source = from().ops[source_id];
    into.loc = source.loc;
    if (source.code == OpCode::Again && again_returns_false && outlined && source.target() == *outlined) {
        ValueId no = into.constBool(false);
        return into.op(OpCode::Return, {}, {no});
    }
    std::vector<ValueId> operands;
    for (ValueId operand : source.operands) operands.push_back(value(operand));
    std::vector<Attr> attrs;
    attributes(source, attrs);
    TypeId type;
    std::string_view name;
    if (source.result.valid()) {
        const Value &result = from().values[source.result];
        type = result.type;
        if (result.name.valid()) name = into.module.names.text(result.name);
    }
    OpId made = into.op(source.code, type, std::move(operands), std::move(attrs), name);
    ops[source_id.raw] = made;
    if (source.result.valid()) values[source.result.raw] = into.fn().ops[made].result;
    // `source` may have moved when both functions are one: stores keep their addresses, vectors inside ops do not.
    std::vector<RegionId> regions = from().ops[source_id].regions;
    for (RegionId region_id : regions) {
        const Region &region = from().regions[region_id];
        into.in(made, region.role, region.index, [&](RegionId copy) {
            for (ValueId param : from().regions[region_id].params) {
                const Value &old = from().values[param];
                std::string_view param_name = old.name.valid() ? into.module.names.text(old.name) : std::string_view{};
                values[param.raw] = into.addParam(copy, old.type, param_name);
            }
            std::vector<OpId> inner = from().regions[region_id].ops;
            for (OpId id : inner) op(id);
        });
    }
    return made;
}

std::vector<ValueId> Cloner::body(RegionId region_id) {
    std::vector<OpId> inner = from().regions[region_id].ops;
    std::vector<ValueId> yielded;
    for (OpId id : inner) {
        const Op &source = from().ops[id];
        if (source.code == OpCode::Yield) {
            for (ValueId operand : source.operands) yielded.push_back(value(operand));
            break;
        }
        op(id);
    }
    return yielded;
}

} // namespace parlane::opt
