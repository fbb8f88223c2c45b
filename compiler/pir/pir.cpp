#include "compiler/pir/pir.h"

#include <algorithm>
#include <array>

namespace parlane::pir {

namespace {
constexpr ResultRule No = ResultRule::No, Yes = ResultRule::Yes, Maybe = ResultRule::Maybe;
constexpr std::array<OpInfo, kOpCount> kOps = {{
#define OP(name, text, min, max, result, effects, first, last) {text, min, max, result, effects, first, last},
#include "compiler/pir/ops.def"
}};
constexpr AttrInfo kAttrs[] = {
#define ATTR(name, text, kind) {text, AttrKind::kind},
#include "compiler/pir/attrs.def"
};
} // namespace

const OpInfo &info(OpCode code) { return kOps[static_cast<size_t>(code)]; }
const AttrInfo &info(AttrKey key) { return kAttrs[static_cast<size_t>(key)]; }

std::optional<OpCode> opNamed(std::string_view text) {
    for (size_t i = 0; i < kOpCount; ++i)
        if (kOps[i].text == text) return static_cast<OpCode>(i);
    return std::nullopt;
}

std::string_view text(Bounds v) {
    constexpr std::string_view kTexts[] = {"checked", "proved", "versioned"};
    return kTexts[static_cast<size_t>(v)];
}
std::string_view text(Own v) {
    constexpr std::string_view kTexts[] = {"read", "loop", "acc", "atomic", "asserted", "local"};
    return kTexts[static_cast<size_t>(v)];
}
std::string_view text(Trap v) {
    switch (v) {
#define TRAP(name, text, number, values)                                                                               \
    case Trap::name: return text;
#include "compiler/pir/traps.def"
    default: return "?";
    }
}
std::string_view text(FoldOp v) {
    constexpr std::string_view kTexts[] = {"add", "sub", "mul", "min", "max", "and", "or", "xor", "fma", "fn"};
    return kTexts[static_cast<size_t>(v)];
}
std::string_view text(StageKind v) {
    constexpr std::string_view kTexts[] = {"serial", "parallel", "unordered"};
    return kTexts[static_cast<size_t>(v)];
}
std::string_view text(Mode v) {
    constexpr std::string_view kTexts[] = {"scalar", "lanes", "inner_lanes"};
    return kTexts[static_cast<size_t>(v)];
}
std::string_view text(Role v) {
    constexpr std::string_view kTexts[] = {"body",    "then",  "else", "case",  "default", "catch",   "extent", "checked", "require",
                                           "guard",   "fast",  "lanes", "tail", "combine", "init",    "branch", "source",  "stage"};
    return kTexts[static_cast<size_t>(v)];
}

const AttrValue *Op::find(AttrKey key) const {
    for (const Attr &attr : attrs)
        if (attr.key == key) return &attr.value;
    return nullptr;
}

int64_t Op::integer(AttrKey key, int64_t otherwise) const {
    const AttrValue *value = find(key);
    const int64_t *number = value ? std::get_if<int64_t>(value) : nullptr;
    return number ? *number : otherwise;
}

std::string_view Op::string(AttrKey key) const {
    const AttrValue *value = find(key);
    const std::string *text = value ? std::get_if<std::string>(value) : nullptr;
    return text ? std::string_view(*text) : std::string_view{};
}

std::span<const int64_t> Op::list(AttrKey key) const {
    const AttrValue *value = find(key);
    const auto *numbers = value ? std::get_if<std::vector<int64_t>>(value) : nullptr;
    return numbers ? std::span<const int64_t>(*numbers) : std::span<const int64_t>{};
}

void Op::set(AttrKey key, AttrValue value) {
    auto place = std::lower_bound(attrs.begin(), attrs.end(), key, [](const Attr &a, AttrKey k) { return a.key < k; });
    if (place != attrs.end() && place->key == key) place->value = std::move(value);
    else attrs.insert(place, Attr{key, std::move(value)});
}

void Op::erase(AttrKey key) {
    std::erase_if(attrs, [&](const Attr &attr) { return attr.key == key; });
}

RegionId Function::region(const Op &op, Role role, int64_t index) const {
    for (RegionId id : op.regions)
        if (regions[id].role == role && regions[id].index == index) return id;
    return {};
}

FunctionId Module::find(std::string_view name) const {
    for (uint32_t i = 0; i < functions.size(); ++i)
        if (functions[FunctionId(i)].name == name) return FunctionId(i);
    return {};
}

LocId Module::location(Location location) {
    if (!location.span.valid() && !location.caller.valid()) return {};
    auto [place, fresh] = location_ids.try_emplace(location);
    if (fresh) place->second = locations.add(location);
    return place->second;
}

bool Module::inLibrary(LocId loc, const source::SourceMap &sources) const {
    if (!loc.valid() || !locations[loc].span.valid() || sources.fileCount() == 0) return false;
    return sources.file(sources.position(locations[loc].span.begin).file).path.starts_with("<std.");
}

LocId Module::outsideLibrary(LocId loc, const source::SourceMap &sources) const {
    LocId outside = loc;
    while (inLibrary(outside, sources)) outside = locations[outside].caller;
    return outside.valid() ? outside : loc;
}

std::string_view constructName(const Op &op) {
    switch (op.code) {
    case OpCode::ParFold: return "reduce";
    case OpCode::ParScan: return "scan";
    case OpCode::ParFirst: return "first";
    case OpCode::ParInvoke: return "invoke";
    case OpCode::ParPipeline: return "pipeline";
    default: return op.has(AttrKey::Strict) ? "simd par for" : "par for";
    }
}

ParShape parShape(const Op &op) {
    ParShape shape;
    std::span<const ValueId> operands(op.operands);
    size_t behind = 0;
    if (op.code == OpCode::ParFor) behind = op.list(AttrKey::Ops).size();
    if (op.code == OpCode::ParScan) behind = 1;
    if (behind > operands.size()) behind = operands.size(); // malformed: the verifier says so
    shape.rank = op.integer(AttrKey::Rank);
    shape.extents = operands.first(operands.size() - behind);
    if (op.code == OpCode::ParFor) shape.accumulators = operands.last(behind);
    if (op.code == OpCode::ParScan && behind) shape.target = operands.back();
    return shape;
}

bool isTerminator(OpCode code) {
    switch (code) {
    case OpCode::Leave:
    case OpCode::Again:
    case OpCode::Return:
    case OpCode::Yield:
    case OpCode::Throw:
    case OpCode::Trap: return true;
    default: return false;
    }
}

bool isInside(const Function &function, RegionId inner, RegionId outer) {
    for (RegionId at = inner; at.valid();) {
        if (at == outer) return true;
        OpId op = function.regions[at].op;
        if (!op.valid()) return false;
        at = function.ops[op].parent;
    }
    return false;
}

} // namespace parlane::pir
