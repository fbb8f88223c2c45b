// Types of Hir as types of Pir.
#include "compiler/lower/lowering.h"
#include "lang/base/match.h"

#include <algorithm>

namespace parlane::lower {

using pir::PassMode;
using pir::TypeKind;

namespace {

TypeKind kindOf(types::Scalar scalar) {
    switch (scalar) {
    case types::Scalar::Bool: return TypeKind::Bool;
    case types::Scalar::I8: return TypeKind::I8;
    case types::Scalar::I16: return TypeKind::I16;
    case types::Scalar::I32: return TypeKind::I32;
    case types::Scalar::I64: return TypeKind::I64;
    case types::Scalar::U8: return TypeKind::U8;
    case types::Scalar::U16: return TypeKind::U16;
    case types::Scalar::U32: return TypeKind::U32;
    case types::Scalar::U64: return TypeKind::U64;
    case types::Scalar::F32: return TypeKind::F32;
    case types::Scalar::F64: return TypeKind::F64;
    }
    PAR_UNREACHABLE("scalar {}", static_cast<int>(scalar));
}

bool isLibrary(const std::string &module) { return module.starts_with("std."); }

} // namespace

HType Lowering::substitute(HType id, std::span<const HType> args) {
    if (args.empty() || !types.isGeneric(id)) return id;
    return types.substitute(id, args);
}

PType Lowering::type(HType id) {
    if (auto found = type_map.find(id); found != type_map.end()) return found->second;
    PType made = makeType(id);
    type_map.emplace(id, made);
    return made;
}

PType Lowering::makeType(HType id) {
    pir::Types &to = module.types;
    const types::Type shape = types[id]; // a copy: the store grows below
    return match(
        shape, [&](const types::UnitType &) { return to.unit(); }, [&](const types::NeverType &) { return to.unit(); },
        [&](const types::StrType &) { return to.str(); }, [&](const types::FileType &) { return to.file(); },
        [&](const types::ScalarType &t) { return to.scalar(kindOf(t.scalar)); },
        [&](const types::ArrayType &t) { return to.array(type(t.elem), t.rank); },
        [&](const types::ViewType &t) { return to.view(type(t.elem), t.rank); },
        [&](const types::FixedType &t) {
            std::vector<int64_t> dims;
            for (HType dim : t.dims) {
                auto *size = types.as<types::SizeType>(dim);
                PAR_CHECK(size, "a fixed array without a size");
                dims.push_back(size->value);
            }
            return to.fixed(type(t.elem), std::move(dims));
        },
        [&](const types::TupleType &t) {
            std::vector<PType> parts;
            for (HType part : t.elems) parts.push_back(type(part));
            return to.tuple(std::move(parts));
        },
        [&](const types::StructType &t) { return structType(id, t); },
        [&](const types::EnumType &) { return enumType(id, std::get<types::EnumType>(shape)); },
        [&](const types::OptionalType &t) { return to.optional(type(t.value)); },
        [&](const types::BoxType &t) { return to.box(type(t.value)); },
        [&](const types::FnType &) { return pairType(id); },
        [&](const auto &) -> PType { PAR_UNREACHABLE("type `{}` in lowered code", types.text(id, names)); });
}

/// The name of a struct or enum in Pir: as the user writes it, with the module where two would share it.
std::string Lowering::typeName(HType id, NameId name, const std::string &module_name) {
    std::string text = types.text(id, names);
    auto [place, fresh] = type_names.try_emplace(text, id);
    if (!fresh && place->second != id) {
        text = fmt::format("{}.{}", module_name, text);
        int number = 1;
        for (std::string base = text; !type_names.try_emplace(text, id).second && type_names[text] != id;)
            text = fmt::format("{}.{}", base, ++number);
    }
    (void)name;
    return text;
}

PType Lowering::structType(HType id, const types::StructType &t) {
    const types::StructInfo &info = types.info(t.decl);
    PType made = module.types.declare(TypeKind::Struct, typeName(id, info.name, info.module));
    type_map.emplace(id, made); // it may be reached again through arrays and boxes
    std::vector<std::string> field_names;
    std::vector<PType> parts;
    for (uint32_t i = 0; i < info.fields.size(); ++i) {
        field_names.emplace_back(names.text(info.fields[i].name));
        parts.push_back(type(types.fieldType(id, i)));
    }
    bool container = isLibrary(info.module) && !types.isCopy(id);
    module.types.define(made, std::move(field_names), std::move(parts), container);
    return made;
}

PType Lowering::enumType(HType id, const types::EnumType &t) {
    const types::EnumInfo &info = types.info(t.decl);
    PType made = module.types.declare(TypeKind::Enum, typeName(id, info.name, info.module));
    type_map.emplace(id, made);
    std::vector<std::string> case_names;
    std::vector<PType> parts;
    for (uint32_t c = 0; c < info.cases.size(); ++c) {
        case_names.emplace_back(names.text(info.cases[c].name));
        std::vector<PType> payload;
        for (uint32_t i = 0; i < info.cases[c].payload.size(); ++i)
            payload.push_back(type(types.payloadType(id, c, i)));
        parts.push_back(payload.empty()       ? module.types.unit()
                        : payload.size() == 1 ? payload[0]
                                              : module.types.tuple(payload));
    }
    module.types.define(made, std::move(case_names), std::move(parts));
    return made;
}

PType Lowering::readType(HType id) {
    PType plain = type(id);
    return module.types.owns(plain) ? module.types.ref(plain) : plain;
}

PassedParam Lowering::passed(HType id, types::Mode mode) {
    if (types.is<types::ViewType>(id)) return {type(id), mode == types::Mode::Inout ? PassMode::Inout : PassMode::Read};
    switch (mode) {
    case types::Mode::Read: return {readType(id), PassMode::Read};
    case types::Mode::Inout: return {module.types.ref(type(id)), PassMode::Inout};
    case types::Mode::Sink: return {type(id), PassMode::Sink};
    }
    PAR_UNREACHABLE("mode");
}

HType Lowering::listItem(HType id) const {
    auto *t = types.as<types::StructType>(id);
    return t && program.list_struct.valid() && t->decl == program.list_struct ? t->args[0] : HType{};
}

bool Lowering::hidesFields(HType id) const {
    auto *t = types.as<types::StructType>(id);
    if (!t) return false;
    const types::StructInfo &info = types.info(t->decl);
    return isLibrary(info.module) && std::ranges::any_of(info.fields, [](auto &field) { return field.is_private; });
}

} // namespace parlane::lower
