// Types as the user writes them.
#include "lang/base/match.h"
#include "lang/types/type_store.h"

#include <fmt/format.h>

namespace parlane::types {

namespace {

std::string ranked(std::string elem, int rank) { return elem + "[" + std::string(static_cast<size_t>(rank - 1),
    ',') + "]"; }

const char *word(Mode mode) {
    switch (mode) {
    case Mode::Inout: return "inout ";
    case Mode::Sink: return "sink ";
    case Mode::Read: break;
    }
    return "";
}

} // namespace

std::string TypeStore::text(TypeId id, const Interner &names) const {
    if (!id.valid()) return "?";
    auto one = [&](TypeId part) { return text(part, names); };
    auto list = [&](const std::vector<TypeId> &ids) {
        std::string out;
        for (TypeId part : ids) out += (out.empty() ? "" : ", ") + one(part);
        return out;
    };
    auto named = [&](NameId name, const std::vector<TypeId> &args) {
        std::string out(names.text(name));
        return args.empty() ? out : out + "<" + list(args) + ">";
    };
    return match(
        types[id], [&](const ErrorType &) -> std::string { return "?"; },
            [&](const UnitType &) -> std::string { return "()"; },
        [&](const NeverType &) -> std::string { return "never"; },
            [&](const StrType &) -> std::string { return "str"; },
        [&](const FileType &) -> std::string { return "File"; },
        [&](const ScalarType &t) -> std::string { return t.scalar == Scalar::I64 ? "int" : types::text(t.scalar); },
        [&](const ArrayType &t) { return ranked(one(t.elem), t.rank); },
            [&](const ViewType &t) { return ranked(one(t.elem), t.rank); },
        [&](const FixedType &t) {
            std::string out;
            for (TypeId dim : t.dims) out += (out.empty() ? "" : ",") + one(dim);
            return one(t.elem) + "[" + out + "]";
        },
        [&](const TupleType &t) { return "(" + list(t.elems) + ")"; },
        [&](const StructType &t) { return named(structs[t.decl].name, t.args); },
        [&](const EnumType &t) { return named(enums[t.decl].name, t.args); },
        [&](const OptionalType &t) { return one(t.value) + "?"; }, [&](const BoxType &t) { return "Box<"
            + one(t.value) + ">"; },
        [&](const FnType &t) {
            std::string out;
            for (const FnParam &p : t.params) out += (out.empty() ? "" : ", ") + std::string(word(p.mode))
                + one(p.type);
            return "fn(" + out + ")" + (t.throws ? " throws" : "") + (is<UnitType>(t.result) ? "" : " -> "
                + one(t.result));
        },
        [&](const ParamType &t) { return std::string(names.text(params[t.param].name)); },
        [&](const SizeType &t) { return fmt::format("{}", t.value); },
        [&](const SizeSumType &t) {
            std::string out;
            // The constant, which sorts first, is written last.
            auto write = [&](const SizeSumType::Term &term) {
                const bool minus = term.count < 0;
                const uint64_t count = minus ? uint64_t(0) - static_cast<uint64_t>(term.count)
                    : static_cast<uint64_t>(term.count);
                std::string product = count == 1 && !term.factors.empty() ? "" : fmt::format("{}", count);
                for (TypeId factor : term.factors) product += (product.empty() ? "" : " * ") + one(factor);
                out += out.empty() ? (minus ? "-" : "") : minus ? " - " : " + ";
                out += product;
            };
            for (const SizeSumType::Term &term : t.terms)
                if (!term.factors.empty()) write(term);
            if (t.terms[0].factors.empty()) write(t.terms[0]);
            return out;
        });
}

} // namespace parlane::types
