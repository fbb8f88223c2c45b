#include "compiler/pir/print.h"

#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>

namespace parlane::pir {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += {'\\', c};
        else if (c == '\n') out += "\\n";
        else if (byte < 0x20 || byte >= 0x7f) out += fmt::format("\\x{:02x}", byte);
        else out += c;
    }
    return out + "\"";
}

namespace {

bool isPlain(std::string_view name) {
    for (char c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.') return false;
    return !name.empty();
}

std::string symbol(char sigil, std::string_view name) {
    return isPlain(name) ? std::string(1, sigil) + std::string(name) : std::string(1, sigil) + quoted(name);
}

std::string floatText(double value, bool single) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    return single ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
}

class Printer {
public:
    Printer(const Module &module, const Function &function, PrintOptions options)
        : module(module), function(function), options(options) {}

    std::string head() {
        std::string out = "fn " + symbol('@', function.name) + "(";
        for (size_t i = 0; i < function.params().size(); ++i) {
            ValueId param = function.params()[i];
            PassMode mode = function.modes[i];
            if (i) out += ", ";
            out += mode == PassMode::Inout ? "inout " : mode == PassMode::Sink ? "sink " : "";
            out += name(param) + ": " + type(function.type(param));
        }
        out += ")";
        if (module.types.kind(function.result) != TypeKind::Unit) out += " -> " + type(function.result);
        if (function.throws.valid()) out += " throws " + type(function.throws);
        out += fmt::format(" {{level={}", function.level);
        if (!function.export_name.empty()) out += ", export=" + quoted(function.export_name);
        if (function.captures) out += fmt::format(", captures={}", function.captures);
        if (function.fails) out += ", fails";
        if (!function.needs_ctx) out += ", no_ctx";
        return out + "}" + location(function.loc);
    }

    std::string all() {
        findTargets();
        text = head() + " {\n";
        block(function.regions[function.body], 1);
        return text + "}\n";
    }

    std::string opHead(const Op &op, bool with_location) {
        std::string out;
        if (op.result.valid()) out += name(op.result) + " = ";
        out += info(op.code).text;
        if (auto label = labels.find(&op); label != labels.end()) out += " " + label->second;
        for (size_t i = 0; i < op.operands.size(); ++i) out += (i ? ", " : " ") + name(op.operands[i]);
        if (const AttrValue *value = op.find(AttrKey::Value)) out += " " + literal(op, *value);
        std::string attrs;
        for (const Attr &attr : op.attrs) {
            std::string one = attribute(op, attr);
            if (!one.empty()) attrs += (attrs.empty() ? "" : ", ") + one;
        }
        if (!attrs.empty()) out += " {" + attrs + "}";
        if (op.result.valid()) out += " : " + type(function.type(op.result));
        if (with_location) out += location(op.loc);
        return out;
    }

private:
    void findTargets() {
        // Labels are numbered in order of the ops that bear them.
        std::unordered_set<uint32_t> used;
        for (const Op &op : function.ops)
            for (AttrKey key : {AttrKey::Target, AttrKey::Region})
                if (op.has(key)) used.insert(op.target(key).raw);
        label(function.regions[function.body], used);
    }

    void label(const Region &region, const std::unordered_set<uint32_t> &used) {
        for (OpId id : region.ops) {
            const Op &op = function.ops[id];
            if (used.contains(id.raw)) labels.emplace(&op, fmt::format("L{}", labels.size()));
            for (RegionId inner : op.regions) label(function.regions[inner], used);
        }
    }

    void block(const Region &region, int depth) {
        for (OpId id : region.ops) {
            const Op &op = function.ops[id];
            indent(depth);
            text += opHead(op, true);
            if (!op.regions.empty()) {
                text += " {\n";
                for (RegionId inner : op.regions) regionText(function.regions[inner], depth + 1);
                indent(depth);
                text += "}";
            }
            text += "\n";
        }
    }

    void regionText(const Region &region, int depth) {
        indent(depth);
        text += pir::text(region.role);
        bool numbered = region.role == Role::Case || region.role == Role::Extent || region.role == Role::Combine ||
                        region.role == Role::Init || region.role == Role::Branch || region.role == Role::Stage;
        if (numbered) text += fmt::format(" {}", region.index);
        if (!region.params.empty()) {
            text += " (";
            for (size_t i = 0; i < region.params.size(); ++i)
                text += (i ? ", " : "") + name(region.params[i]) + ": " + type(function.type(region.params[i]));
            text += ")";
        }
        text += " {\n";
        block(region, depth + 1);
        indent(depth);
        text += "}\n";
    }

    std::string name(ValueId id) {
        if (!id.valid()) return "%none";
        if (auto found = names.find(id.raw); found != names.end()) return found->second;
        NameId hint = function.values[id].name;
        std::string made;
        if (!hint.valid()) {
            made = fmt::format("%{}", unnamed++);
        } else {
            std::string base;
            for (char c : module.names.text(hint)) base += isPlain({&c, 1}) ? c : '_';
            if (base.empty() || std::isdigit(static_cast<unsigned char>(base[0]))) base.insert(0, "v");
            std::string candidate = base;
            for (int n = 1; !taken.insert(candidate).second; ++n) candidate = fmt::format("{}.{}", base, n);
            made = "%" + candidate;
        }
        return names.emplace(id.raw, made).first->second;
    }

    std::string type(TypeId id) const { return module.types.text(id); }

    std::string location(LocId loc) const {
        if (!options.locations || !loc.valid()) return "";
        const Location &l = module.locations[loc];
        std::string out = fmt::format(" !{}-{}", l.span.begin.offset, l.span.end.offset);
        for (LocId caller = l.caller; caller.valid(); caller = module.locations[caller].caller)
            out += fmt::format("<-{}-{}", module.locations[caller].span.begin.offset, module.locations[caller].span.end.offset);
        return out;
    }

    std::string labelOf(int64_t raw) {
        OpId id(static_cast<uint32_t>(raw));
        if (!id.valid() || id.raw >= function.ops.size()) return "L?";
        auto found = labels.find(&function.ops[id]);
        return found == labels.end() ? fmt::format("L?{}", raw) : found->second;
    }

    std::string attribute(const Op &op, const Attr &attr) {
        const AttrInfo &about = info(attr.key);
        std::string key(about.text);
        auto number = [&] { const int64_t *n = std::get_if<int64_t>(&attr.value); return n ? *n : 0; };
        auto list = [&](auto each) {
            std::string inside;
            for (int64_t n : op.list(attr.key)) inside += (inside.empty() ? "" : ",") + std::string(each(n));
            return key + "=[" + inside + "]";
        };
        switch (about.kind) {
        case AttrKind::Flag: return number() ? key : "";
        case AttrKind::Int: return fmt::format("{}={}", key, number());
        case AttrKind::Text: return key + "=" + quoted(op.string(attr.key));
        case AttrKind::Data: return key + "=" + symbol('@', module.data[DataId(static_cast<uint32_t>(number()))].name);
        case AttrKind::Function: return key + "=" + functionName(number());
        case AttrKind::Target: return attr.key == AttrKey::Region ? "" : key + "=" + labelOf(number());
        case AttrKind::Bounds: return key + "=" + std::string(pir::text(static_cast<Bounds>(number())));
        case AttrKind::Own: {
            std::string out = key + "=" + std::string(pir::text(static_cast<Own>(number())));
            return op.has(AttrKey::Region) ? out + "(" + labelOf(op.integer(AttrKey::Region)) + ")" : out;
        }
        case AttrKind::Trap: return key + "=" + std::string(pir::text(static_cast<Trap>(number())));
        case AttrKind::FoldOp: return key + "=" + std::string(pir::text(static_cast<FoldOp>(number())));
        case AttrKind::Mode: return key + "=" + std::string(pir::text(static_cast<Mode>(number())));
        case AttrKind::FoldOps: return list([](int64_t n) { return pir::text(static_cast<FoldOp>(n)); });
        case AttrKind::Stages: return list([](int64_t n) { return pir::text(static_cast<StageKind>(n)); });
        case AttrKind::Functions: return list([&](int64_t n) { return functionName(n); });
        case AttrKind::Literal: return ""; // stands before the braces
        }
        return key;
    }

    std::string functionName(int64_t raw) const {
        FunctionId id(static_cast<uint32_t>(raw));
        return id.raw < module.functions.size() ? symbol('@', module.functions[id].name) : "@?";
    }

    std::string literal(const Op &op, const AttrValue &value) const {
        TypeKind kind = op.result.valid() ? module.types.kind(function.type(op.result)) : TypeKind::I64;
        if (const auto *text = std::get_if<std::string>(&value)) return quoted(*text);
        if (const auto *number = std::get_if<double>(&value)) return floatText(*number, kind == TypeKind::F32);
        const int64_t *bits = std::get_if<int64_t>(&value);
        if (!bits) return "?";
        if (kind == TypeKind::Bool) return *bits ? "true" : "false";
        if (kind == TypeKind::U64) return fmt::format("{}", static_cast<uint64_t>(*bits));
        return fmt::format("{}", *bits);
    }

    void indent(int depth) { text.append(static_cast<size_t>(depth) * 2, ' '); }

    const Module &module;
    const Function &function;
    PrintOptions options;
    std::string text;
    std::unordered_map<const Op *, std::string> labels;
    std::unordered_map<uint32_t, std::string> names;
    std::unordered_set<std::string> taken;
    int unnamed = 0;
};

std::string typeDefinition(const Types &types, TypeId id) {
    const Type &type = types[id];
    std::string out = type.kind == TypeKind::Struct ? "struct " : "enum ";
    out += types.text(id);
    if (type.container) out += " container";
    out += " {";
    for (size_t i = 0; i < type.parts.size(); ++i)
        out += fmt::format("{}{}: {}", i ? ", " : "", isPlain(type.names[i]) ? type.names[i] : quoted(type.names[i]),
                           types.text(type.parts[i]));
    return out + "}\n";
}

} // namespace

std::string print(const Module &module, const Function &function, PrintOptions options) {
    return Printer(module, function, options).all();
}

std::string print(const Module &module, PrintOptions options) {
    std::string out;
    for (uint32_t i = 0; i < module.types.size(); ++i) {
        TypeKind kind = module.types.kind(TypeId(i));
        if (kind == TypeKind::Struct || kind == TypeKind::Enum) out += typeDefinition(module.types, TypeId(i));
    }
    for (const Data &data : module.data) {
        out += "data " + symbol('@', data.name) + ": " + module.types.text(data.type) + " = \"";
        for (char c : data.bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
        out += "\"\n";
    }
    for (const Function &function : module.functions) out += (out.empty() ? "" : "\n") + print(module, function, options);
    return out;
}

std::string printHead(const Module &module, const Function &function, const Op &op) {
    return Printer(module, function, {}).opHead(op, false);
}

} // namespace parlane::pir
