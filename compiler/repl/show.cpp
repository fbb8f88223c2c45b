#include "compiler/repl/show.h"

#include "runtime/include/parlane/host.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace parlane::repl {

using pir::TypeKind;

namespace {

constexpr int64_t kShownWhole = 20, kShownEnds = 3;

template <class T> T read(const void *at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

double asNumber(TypeKind kind, const void *at) {
    switch (kind) {
    case TypeKind::I8: return read<int8_t>(at);
    case TypeKind::I16: return read<int16_t>(at);
    case TypeKind::I32: return read<int32_t>(at);
    case TypeKind::I64: return static_cast<double>(read<int64_t>(at));
    case TypeKind::U8: return read<uint8_t>(at);
    case TypeKind::U16: return read<uint16_t>(at);
    case TypeKind::U32: return read<uint32_t>(at);
    case TypeKind::U64: return static_cast<double>(read<uint64_t>(at));
    case TypeKind::F32: return read<float>(at);
    case TypeKind::F64: return read<double>(at);
    default: return 0;
    }
}

std::string scalarText(TypeKind kind, const void *at) {
    switch (kind) {
    case TypeKind::Bool: return read<uint8_t>(at) ? "true" : "false";
    case TypeKind::I64: return fmt::format("{}", read<int64_t>(at));
    case TypeKind::U64: return fmt::format("{}", read<uint64_t>(at));
    case TypeKind::F32: return fmt::format("{}", read<float>(at));
    case TypeKind::F64: return fmt::format("{}", read<double>(at));
    default: return fmt::format("{}", static_cast<int64_t>(asNumber(kind, at)));
    }
}

class Shower {
public:
    explicit Shower(const pir::Types &types) : types(types), layouts(types) {}

    std::string any(pir::TypeId id, const uint8_t *at) {
        const pir::Type &type = types[id];
        if (pir::isScalar(type.kind)) return scalarText(type.kind, at);
        switch (type.kind) {
        case TypeKind::Unit: return "()";
        case TypeKind::Str: return str(at);
        case TypeKind::Array: return array(type, at);
        case TypeKind::Fixed: return fixed(type, at);
        case TypeKind::Tuple: return "(" + fields(id, type, at) + ")";
        case TypeKind::Struct:
            if (isList(type)) return list(id, type, at);
            return display(type.name) + "(" + fields(id, type, at) + ")";
        case TypeKind::Optional:
            return read<uint8_t>(at + layouts.offset(id, 1)) ? any(type.elem, at) : "none";
        case TypeKind::Enum: return choice(id, type, at);
        case TypeKind::Box: {
            auto *inner = read<const uint8_t *>(at);
            return inner ? "box " + any(type.elem, inner) : "box none";
        }
        case TypeKind::File: return "a file";
        default: return "…";
        }
    }

private:
    /// Names of types as the user wrote them.
    static std::string display(std::string name) {
        name.erase(0, name.find_first_not_of("@."));
        return name;
    }

    /// `List<T>`: an array of which the first `len` items count.
    bool isList(const pir::Type &type) const {
        return type.container && type.names == std::vector<std::string>{"items", "len"} &&
               types.kind(type.parts[0]) == TypeKind::Array;
    }
    std::string list(pir::TypeId id, const pir::Type &type, const uint8_t *at) {
        const pir::Type &items = types[type.parts[0]];
        return flat(items.elem, read<const uint8_t *>(at), read<int64_t>(at + layouts.offset(id, 1)));
    }

    static std::string str(const uint8_t *at) {
        int64_t size = 0;
        const char *bytes = par_str_text(reinterpret_cast<const par_str *>(at), &size);
        std::string out = "\"";
        for (char c : std::string_view(bytes, static_cast<size_t>(size))) {
            if (c == '\n') out += "\\n";
            else if (c == '\t') out += "\\t";
            else if (c == '"' || c == '\\') (out += '\\') += c;
            else out += c;
        }
        return out + "\"";
    }

    std::string fields(pir::TypeId id, const pir::Type &type, const uint8_t *at) {
        std::string out;
        for (size_t k = 0; k < type.parts.size(); ++k) {
            if (k) out += ", ";
            if (type.kind == TypeKind::Struct && k < type.names.size()) out += type.names[k] + ": ";
            out += any(type.parts[k], at + layouts.offset(id, static_cast<int64_t>(k)));
        }
        return out;
    }

    std::string choice(pir::TypeId id, const pir::Type &type, const uint8_t *at) {
        size_t tag = read<uint8_t>(at);
        if (tag >= type.names.size()) return "…";
        pir::TypeId payload = type.parts[tag];
        if (types.kind(payload) == TypeKind::Unit) return type.names[tag];
        std::string inner = any(payload, at + layouts.offset(id, 1));
        return type.names[tag] + (types.kind(payload) == TypeKind::Tuple ? inner : "(" + inner + ")");
    }

    std::string run(pir::TypeId elem, const uint8_t *at, int64_t from, int64_t to) {
        std::string out;
        int64_t size = layouts.size(elem);
        for (int64_t i = from; i < to; ++i) out += (i > from ? ", " : "") + any(elem, at + i * size);
        return out;
    }

    std::string statistics(TypeKind kind, const uint8_t *at, int64_t count, int64_t size) {
        double low = asNumber(kind, at), high = low, sum = 0;
        for (int64_t i = 0; i < count; ++i) {
            double value = asNumber(kind, at + i * size);
            low = std::min(low, value);
            high = std::max(high, value);
            sum += value;
        }
        return fmt::format("; min {}, mean {:.6g}, max {}", low, sum / static_cast<double>(count), high);
    }

    std::string array(const pir::Type &type, const uint8_t *at) {
        auto *data = read<const uint8_t *>(at);
        int64_t count = 1;
        std::string shape;
        for (int64_t d = 0; d < type.dims[0]; ++d) {
            int64_t n = read<int64_t>(at + 8 + 8 * d);
            count *= n;
            shape += fmt::format("{}{}", d ? " x " : "", n);
        }
        if (type.dims[0] == 1) return flat(type.elem, data, count);
        return fmt::format("{}: {}", shape, flat(type.elem, data, count));
    }

    std::string flat(pir::TypeId elem, const uint8_t *data, int64_t count) {
        if (count <= kShownWhole) return "[" + run(elem, data, 0, count) + "]";
        int64_t size = layouts.size(elem);
        std::string out = fmt::format("[{}, …, {}] ({} elements", run(elem, data, 0, kShownEnds),
                                      run(elem, data, count - kShownEnds, count), count);
        TypeKind kind = types.kind(elem);
        if (pir::isScalar(kind) && kind != TypeKind::Bool) out += statistics(kind, data, count, size);
        return out + ")";
    }

    std::string fixed(const pir::Type &type, const uint8_t *at) {
        int64_t count = 1;
        for (int64_t n : type.dims) count *= n;
        return flat(type.elem, at, count);
    }

    const pir::Types &types;
    pir::Layouts layouts;
};

} // namespace

std::string show(const pir::Types &types, pir::TypeId type, const void *value) {
    return Shower(types).any(type, static_cast<const uint8_t *>(value));
}

} // namespace parlane::repl
