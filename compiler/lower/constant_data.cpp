// Constants that are tables of literals become memory of the module instead of a function that builds them.
#include "compiler/lower/lowering.h"
#include "compiler/pir/layout.h"
#include "lang/base/match.h"

#include <cstring>

namespace parlane::lower {

using pir::TypeKind;

namespace {

template <class T> void put(std::string &out, T value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    out.append(bytes, sizeof(T));
}

/// Appends the native bytes of a literal; false if the expression is none.
bool putLiteral(std::string &out, const hir::Body &body, hir::ExprId id, TypeKind kind) {
    const hir::ExprNode &node = body.exprs[id].node;
    if (auto *f = std::get_if<hir::FloatLit>(&node)) {
        if (kind == TypeKind::F32)
            put(out, static_cast<float>(f->value));
        else
            put(out, f->value);
        return true;
    }
    uint64_t bits = 0;
    if (auto *i = std::get_if<hir::IntLit>(&node))
        bits = i->bits;
    else if (auto *flag = std::get_if<hir::BoolLit>(&node))
        bits = flag->value;
    else
        return false;
    if (pir::isFloat(kind)) return false;
    switch (pir::scalarBytes(kind)) {
    case 1: put(out, static_cast<uint8_t>(bits)); break;
    case 2: put(out, static_cast<uint16_t>(bits)); break;
    case 4: put(out, static_cast<uint32_t>(bits)); break;
    default: put(out, bits); break;
    }
    return true;
}

} // namespace

pir::DataId Lowering::constantData(hir::ConstId id) {
    if (auto found = constant_data.find(id); found != constant_data.end()) return found->second;
    pir::DataId &made = constant_data[id];
    const hir::Constant &from = program.constants[id];
    const hir::Block &root = from.body.blocks[from.body.root];
    auto *table =
        root.value && root.stmts.empty() ? std::get_if<hir::FixedLit>(&from.body.exprs[root.value].node) : nullptr;
    if (!table || !types.is<types::FixedType>(from.type)) return made;
    PType type_of = type(from.type);
    TypeKind kind = module.types.kind(module.types[type_of].elem);
    if (!pir::isScalar(kind)) return made;
    std::string bytes;
    for (hir::ExprId elem : table->elems)
        if (!putLiteral(bytes, from.body, elem, kind)) return made;
    made = module.data.add({uniqueName("data." + std::string(names.text(from.name))), type_of, std::move(bytes)});
    return made;
}

} // namespace parlane::lower
