// How Pir types are held in LLVM and how functions are called.
#include "compiler/codegen/emitter.h"

namespace parlane::codegen {

using pir::TypeKind;

llvm::Type *ModuleEmitter::scalarType(TypeKind kind) {
    switch (kind) {
    case TypeKind::Bool: return i1;
    case TypeKind::I8:
    case TypeKind::U8: return i8;
    case TypeKind::I16:
    case TypeKind::U16: return llvm::Type::getInt16Ty(context);
    case TypeKind::I32:
    case TypeKind::U32: return i32;
    case TypeKind::I64:
    case TypeKind::U64: return i64;
    case TypeKind::F32: return llvm::Type::getFloatTy(context);
    case TypeKind::F64: return llvm::Type::getDoubleTy(context);
    default: PAR_UNREACHABLE("{} is no scalar", pir::kindText(kind));
    }
}

const Shape &ModuleEmitter::shape(pir::TypeId type) {
    auto found = shapes.find(type.raw);
    if (found == shapes.end()) found = shapes.emplace(type.raw, makeShape(type)).first;
    return found->second;
}

Shape ModuleEmitter::makeShape(pir::TypeId id) {
    const pir::Type &type = pir.types[id];
    Shape out;
    auto add = [&](llvm::Type *part, llvm::Type *stored = nullptr) {
        int64_t at = out.parts.empty() ? 0 : 8 * static_cast<int64_t>(out.parts.size());
        out.parts.push_back(part);
        out.stored.push_back(stored ? stored : part);
        out.offsets.push_back(at);
    };
    switch (type.kind) {
    case TypeKind::Unit: break;
    case TypeKind::Bool: add(i1, i8); break;
    case TypeKind::Str:
        add(i64);
        add(i64);
        break;
    case TypeKind::File: add(i64); break;
    case TypeKind::Box:
    case TypeKind::Ref: add(ptr); break;
    case TypeKind::Closure:
        add(ptr);
        add(ptr);
        break;
    case TypeKind::Array:
    case TypeKind::View: {
        add(ptr);
        int64_t words = type.kind == TypeKind::Array ? type.dims[0] : 2 * type.dims[0] - 1;
        for (int64_t k = 0; k < words; ++k) add(i64);
        break;
    }
    case TypeKind::Vec: {
        auto lanes = static_cast<unsigned>(type.dims[0]);
        add(llvm::FixedVectorType::get(scalarType(pir.types.kind(type.elem)), lanes));
        if (pir.types.kind(type.elem) == TypeKind::Bool) out.stored[0] = llvm::FixedVectorType::get(i8, lanes);
        break;
    }
    case TypeKind::Mask: {
        auto lanes = static_cast<unsigned>(type.dims[0]);
        add(llvm::FixedVectorType::get(i1, lanes), llvm::FixedVectorType::get(i8, lanes));
        break;
    }
    case TypeKind::Fixed:
    case TypeKind::Tuple:
    case TypeKind::Struct:
    case TypeKind::Enum:
    case TypeKind::Optional:
        out.memory = true;
        add(ptr);
        break;
    default: add(scalarType(type.kind));
    }
    return out;
}

llvm::Type *ModuleEmitter::elementType(pir::TypeId id) {
    const Shape &held = shape(id);
    if (!held.memory && held.parts.size() == 1) return held.stored[0];
    return llvm::ArrayType::get(i8, static_cast<uint64_t>(layouts.size(id)));
}

llvm::SmallVector<llvm::Type *, 4> ModuleEmitter::registers(pir::TypeId type) {
    int64_t size = layouts.size(type);
    if (size > 16) return {};
    if (size > 8) return {i64, i64};
    return {i64};
}

/// Result, then what carries it.
static void addResult(ModuleEmitter &owner, pir::TypeId result, Convention &out, llvm::SmallVectorImpl<llvm::Type *> &params) {
    const Shape &held = owner.shape(result);
    if (!held.memory) {
        out.words.assign(held.parts.begin(), held.parts.end());
        return;
    }
    out.words = owner.registers(result);
    if (out.words.empty()) {
        out.out = true;
        params.push_back(owner.ptr);
    }
}

llvm::SmallVector<llvm::Type *, 4> ModuleEmitter::parameterTypes(pir::TypeId type) {
    const Shape &held = shape(type);
    if (!held.memory) return held.parts;
    auto words = registers(type);
    if (words.empty()) words.push_back(ptr);
    return words;
}

static void addParameter(ModuleEmitter &owner, pir::TypeId type, llvm::SmallVectorImpl<llvm::Type *> &params) {
    auto words = owner.parameterTypes(type);
    params.append(words.begin(), words.end());
}

static void finish(ModuleEmitter &owner, Convention &out, llvm::ArrayRef<llvm::Type *> params) {
    llvm::SmallVector<llvm::Type *, 4> results(out.words);
    if (out.fails) results.push_back(owner.i32);
    llvm::Type *result = results.empty()       ? owner.void_type
                         : results.size() == 1 ? results[0]
                                               : llvm::StructType::get(owner.context, results);
    out.type = llvm::FunctionType::get(result, params, false);
}

Convention ModuleEmitter::convention(pir::FunctionId id) {
    const pir::Function &function = pir.functions[id];
    Convention out;
    out.fails = failing.fails(id);
    llvm::SmallVector<llvm::Type *, 12> params = {ptr};
    addResult(*this, function.result, out, params);
    for (pir::ValueId param : function.params()) addParameter(*this, function.type(param), params);
    finish(*this, out, params);
    return out;
}

Convention ModuleEmitter::closureConvention(pir::TypeId closure) {
    const pir::Type &type = pir.types[closure];
    Convention out;
    llvm::SmallVector<llvm::Type *, 12> params = {ptr};
    addResult(*this, type.elem, out, params);
    params.push_back(ptr); // env
    for (pir::TypeId part : type.parts) addParameter(*this, part, params);
    finish(*this, out, params);
    return out;
}

} // namespace parlane::codegen
