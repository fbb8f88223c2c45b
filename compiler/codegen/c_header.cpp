#include "compiler/codegen/c_header.h"

#include "compiler/pir/layout.h"

#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>

namespace parlane::codegen {

using pir::TypeKind;

namespace {

std::string identifier(std::string_view text) {
    std::string out;
    for (char c : text) out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    while (out.ends_with('_')) out.pop_back();
    while (out.starts_with('_')) out.erase(0, 1); // names of this module's own types start with a mark
    return out;
}

class HeaderWriter {
public:
    explicit HeaderWriter(const pir::Module &module) : module(module), layouts(module.types) {}

    std::string run(std::string_view name) {
        for (const pir::Function &function : module.functions)
            if (!function.export_name.empty()) declare(function);
        std::string guard = identifier(name);
        for (char &c : guard) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        return fmt::format("/* Made by parc: functions return 0, or 1 (thrown), 2 (trapped), 3 (stopped); par_last_error() says why.\n"
                           " * Results come through the last pointer. Arrays in them are released by par_free(data, bytes). */\n"
                           "#ifndef {0}_H\n#define {0}_H\n#include <assert.h>\n#include <stdbool.h>\n"
                           "#include <stddef.h>\n#include <stdint.h>\n\n"
                           "#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n"
                           "const char *par_last_error(void);\nvoid par_free(void *data, int64_t bytes);\n\n"
                           "/* A text that came out: its bytes and how many, and its release. */\n"
                           "#ifndef PARLANE_STR\n#define PARLANE_STR\n"
                           "typedef struct par_str {{\n    uint64_t words[2];\n}} par_str;\n#endif\n"
                           "const char *par_str_text(const par_str *text, int64_t *bytes);\nvoid par_str_free(par_str *text);\n\n"
                           "{1}{2}\n"
                           "#ifdef __cplusplus\n}}\n#endif\n#endif\n",
                           guard, types, functions);
    }

private:
    static std::string_view scalarName(TypeKind kind) {
        switch (kind) {
        case TypeKind::Bool: return "bool";
        case TypeKind::I8: return "int8_t";
        case TypeKind::I16: return "int16_t";
        case TypeKind::I32: return "int32_t";
        case TypeKind::I64: return "int64_t";
        case TypeKind::U8: return "uint8_t";
        case TypeKind::U16: return "uint16_t";
        case TypeKind::U32: return "uint32_t";
        case TypeKind::U64: return "uint64_t";
        case TypeKind::F32: return "float";
        default: return "double";
        }
    }

    /// Name of a type in C; defines it first.
    std::string typeName(pir::TypeId id) {
        const pir::Type &type = module.types[id];
        if (pir::isScalar(type.kind)) return std::string(scalarName(type.kind));
        if (type.kind == TypeKind::Box || type.kind == TypeKind::Ref) return "void *";
        if (type.kind == TypeKind::File) return "int64_t";
        if (type.kind == TypeKind::Str) return "par_str";
        std::string &name = defined[id];
        if (!name.empty()) return name;
        name = freshName("par_" + identifier(module.types.text(id)));
        std::string made = name; // what follows may move the map's entries
        define(id, type, made);
        return made;
    }

    /// Different types may look alike once everything but letters is gone.
    std::string freshName(const std::string &wanted) {
        std::string name = wanted;
        for (int k = 2; !taken.insert(name).second; ++k) name = fmt::format("{}_{}", wanted, k);
        return name;
    }

    static std::string fieldName(const pir::Type &type, size_t k) {
        return k < type.names.size() && !type.names[k].empty() ? type.names[k] : fmt::format("_{}", k);
    }
    static std::string field(std::string_view type, std::string_view name) { return fmt::format("    {} {};\n", type, name); }

    void define(pir::TypeId id, const pir::Type &type, const std::string &name) {
        std::string fields, before;
        switch (type.kind) {
        case TypeKind::Array: {
            static constexpr const char *kExtents[3][3] = {{"n"}, {"h", "w"}, {"d", "h", "w"}};
            fields = field(typeName(type.elem), "*data");
            for (int64_t d = 0; d < type.dims[0]; ++d) fields += field("int64_t", kExtents[type.dims[0] - 1][d]);
            break;
        }
        case TypeKind::Fixed: {
            int64_t count = 1;
            for (int64_t n : type.dims) count *= n;
            fields = field(typeName(type.elem), fmt::format("values[{}]", count));
            break;
        }
        case TypeKind::Tuple:
        case TypeKind::Struct:
            for (size_t k = 0; k < type.parts.size(); ++k)
                if (layouts.size(type.parts[k]) > 0) fields += field(typeName(type.parts[k]), fieldName(type, k));
            break;
        case TypeKind::Optional: fields = field(typeName(type.elem), "value") + field("uint8_t", "some"); break;
        case TypeKind::Enum: {
            std::string cases, tags;
            for (size_t k = 0; k < type.parts.size(); ++k) {
                tags += fmt::format("{}{}_{}", k ? ", " : "", name, type.names[k]);
                if (module.types.kind(type.parts[k]) != TypeKind::Unit)
                    cases += fmt::format("        {} {};\n", typeName(type.parts[k]), type.names[k]);
            }
            before = fmt::format("enum {{ {} }}; /* tags of {} */\n", tags, name);
            fields = field("uint8_t", "tag");
            if (!cases.empty()) fields += "    union {\n" + cases + "    } payload;\n";
            break;
        }
        default: fields = field("uint8_t", "unused"); break;
        }
        types += fmt::format("{2}typedef struct {0} {{\n{1}}} {0};\n", name, fields, before);
        assertLayout(id, type, name);
    }

    /// The C compiler checks what the functions were compiled for.
    void assertLayout(pir::TypeId id, const pir::Type &type, const std::string &name) {
        types += fmt::format("static_assert(sizeof({0}) == {1}, \"layout of {0}\");\n", name, layouts.size(id));
        if (type.kind == TypeKind::Tuple || type.kind == TypeKind::Struct)
            for (size_t k = 0; k < type.parts.size(); ++k)
                if (layouts.size(type.parts[k]) > 0)
                    types += fmt::format("static_assert(offsetof({0}, {1}) == {2}, \"layout of {0}\");\n", name,
                                         fieldName(type, k), layouts.offset(id, static_cast<int64_t>(k)));
        types += "\n";
    }

    void parameter(const pir::Function &function, size_t k, std::vector<std::string> &out) {
        pir::ValueId id = function.params()[k];
        const pir::Type &type = module.types[function.type(id)];
        bool writes = k < function.modes.size() && function.modes[k] == pir::PassMode::Inout;
        bool sinks = k < function.modes.size() && function.modes[k] == pir::PassMode::Sink;
        NameId named = function.values[id].name;
        std::string name = named.valid() ? identifier(module.names.text(named)) : fmt::format("a{}", k);
        const char *prefix = writes ? "" : "const ";
        if (type.kind == TypeKind::Ref && !writes && module.types.kind(type.elem) == TypeKind::Str) {
            out.push_back(fmt::format("const uint8_t *{}", name));
            out.push_back(fmt::format("int64_t {}_bytes", name));
        } else if (type.kind == TypeKind::View) {
            static constexpr const char *kWords[3][5] = {{"n"}, {"h", "w", "s0"}, {"d", "h", "w", "s0", "s1"}};
            out.push_back(fmt::format("{}{} *{}", prefix, typeName(type.elem), name));
            for (int64_t w = 0; w < 2 * type.dims[0] - 1; ++w)
                out.push_back(fmt::format("int64_t {}_{}", name, kWords[type.dims[0] - 1][w]));
        } else if (type.kind == TypeKind::Ref) {
            out.push_back(fmt::format("{}{} *{}", prefix, typeName(type.elem), name));
        } else if (pir::isScalar(type.kind)) {
            out.push_back(fmt::format("{} {}", typeName(function.type(id)), name));
        } else {
            bool owner = type.kind == TypeKind::Array || type.kind == TypeKind::Str || sinks;
            bool small = layouts.size(function.type(id)) <= 16 && !owner;
            out.push_back(small ? fmt::format("{} {}", typeName(function.type(id)), name)
                                : fmt::format("const {} *{}", typeName(function.type(id)), name));
        }
    }

    void declare(const pir::Function &function) {
        std::vector<std::string> parts;
        for (size_t k = 0; k < function.params().size(); ++k) parameter(function, k, parts);
        if (module.types.kind(function.result) != TypeKind::Unit) parts.push_back(typeName(function.result) + " *result");
        if (parts.empty()) parts.push_back("void");
        functions += fmt::format("int32_t {}({});\n", function.export_name, fmt::join(parts, ", "));
    }

    const pir::Module &module;
    std::string types, functions;
    pir::Layouts layouts;
    std::map<pir::TypeId, std::string> defined;
    std::set<std::string> taken = {"par_str"};
};

} // namespace

std::string cHeader(const pir::Module &module, std::string_view name) { return HeaderWriter(module).run(name); }

} // namespace parlane::codegen
