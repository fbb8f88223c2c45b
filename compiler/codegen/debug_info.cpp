#include "compiler/codegen/debug_info.h"

#include "compiler/pir/layout.h"

#include <fmt/format.h>
#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <unordered_map>

namespace parlane::codegen {

using pir::TypeKind;

struct DebugInfo::Impl {
    llvm::Module &module;
    const pir::Module &pir;
    const source::SourceMap &sources;
    pir::Layouts layouts;
    llvm::DIBuilder builder;
    std::unordered_map<uint32_t, llvm::DIFile *> files;
    std::unordered_map<uint32_t, llvm::DIType *> types;
    std::vector<llvm::DIScope *> scopes; ///< of the function at hand, innermost last; empty: no location

    Impl(llvm::Module &module, const pir::Module &pir, const source::SourceMap &sources)
        : module(module), pir(pir), sources(sources), layouts(pir.types), builder(module) {}

    llvm::DIFile *file(source::FileId id) {
        llvm::DIFile *&made = files[id.raw];
        if (made) return made;
        const std::string &path = sources.file(id).path;
        size_t slash = path.find_last_of('/');
        std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
        return made = builder.createFile(slash == std::string::npos ? path : path.substr(slash + 1), folder);
    }
    /// Line and file of a location; null if it has none.
    std::optional<source::Position> position(pir::LocId loc) const {
        if (!loc.valid() || !pir.locations[loc].span.valid() || sources.fileCount() == 0) return std::nullopt;
        return sources.position(pir.locations[loc].span.begin);
    }
    llvm::DILocation *location(pir::LocId loc) {
        auto where = position(loc);
        if (!where || scopes.empty()) return nullptr;
        llvm::DIScope *scope = scopes.back();
        if (scope->getFile() != file(where->file)) scope = builder.createLexicalBlockFile(scope, file(where->file));
        return llvm::DILocation::get(module.getContext(), where->line, where->column, scope);
    }
    /// Where a variable is declared.
    llvm::DILocation *locationOr(pir::LocId loc, pir::LocId otherwise) {
        llvm::DILocation *found = location(loc);
        return found ? found : location(otherwise);
    }

    llvm::DIType *type(pir::TypeId id);
    llvm::DIType *makeType(pir::TypeId id);
    llvm::DIType *record(pir::TypeId id, std::vector<std::pair<std::string, llvm::DIType *>> fields, std::vector<int64_t> offsets);
    void declare(llvm::IRBuilderBase &b, llvm::Value *place, llvm::DILocalVariable *variable, llvm::DILocation *where) {
        builder.insertDeclare(place, variable, builder.createExpression(), where, b.GetInsertBlock());
    }
};

llvm::DIType *DebugInfo::Impl::type(pir::TypeId id) {
    if (auto found = types.find(id.raw); found != types.end()) return found->second;
    types[id.raw] = nullptr; // recursion through boxes ends in an untyped pointer
    llvm::DIType *made = makeType(id);
    types[id.raw] = made;
    return made;
}

llvm::DIType *DebugInfo::Impl::record(pir::TypeId id, std::vector<std::pair<std::string, llvm::DIType *>> fields,
                                      std::vector<int64_t> offsets) {
    llvm::SmallVector<llvm::Metadata *, 8> members;
    for (size_t k = 0; k < fields.size(); ++k) {
        if (!fields[k].second) continue;
        auto at = static_cast<uint64_t>(offsets[k]) * 8;
        members.push_back(builder.createMemberType(nullptr, fields[k].first, nullptr, 0, fields[k].second->getSizeInBits(), 0, at,
                                                   llvm::DINode::FlagZero, fields[k].second));
    }
    const pir::Layout &layout = layouts[id];
    return builder.createStructType(nullptr, pir.types.text(id), nullptr, 0, static_cast<uint64_t>(layout.size) * 8,
                                    static_cast<uint32_t>(layout.align) * 8, llvm::DINode::FlagZero, nullptr,
                                    builder.getOrCreateArray(members));
}

llvm::DIType *DebugInfo::Impl::makeType(pir::TypeId id) {
    const pir::Type &held = pir.types[id];
    auto basic = [&](unsigned encoding) {
        return builder.createBasicType(pir::kindText(held.kind), static_cast<uint64_t>(pir::scalarBytes(held.kind)) * 8, encoding);
    };
    if (held.kind == TypeKind::Bool) return basic(llvm::dwarf::DW_ATE_boolean);
    if (pir::isFloat(held.kind)) return basic(llvm::dwarf::DW_ATE_float);
    if (pir::isSigned(held.kind)) return basic(llvm::dwarf::DW_ATE_signed);
    if (pir::isUnsigned(held.kind)) return basic(llvm::dwarf::DW_ATE_unsigned);
    llvm::DIType *extent = builder.createBasicType("i64", 64, llvm::dwarf::DW_ATE_signed);
    auto pointer = [&](pir::TypeId to) { return builder.createPointerType(type(to), 64); };
    std::vector<std::pair<std::string, llvm::DIType *>> fields;
    std::vector<int64_t> offsets;
    switch (held.kind) {
    case TypeKind::Array:
    case TypeKind::View: {
        fields.push_back({"data", pointer(held.elem)});
        offsets.push_back(0);
        int64_t words = held.kind == TypeKind::Array ? held.dims[0] : 2 * held.dims[0] - 1;
        static constexpr const char *kNames[3][5] = {{"n"}, {"h", "w", "s0"}, {"d", "h", "w", "s0", "s1"}};
        for (int64_t k = 0; k < words; ++k) {
            fields.push_back({kNames[held.dims[0] - 1][k], extent});
            offsets.push_back(8 + 8 * k);
        }
        return record(id, fields, offsets);
    }
    case TypeKind::Fixed: {
        llvm::SmallVector<llvm::Metadata *, 3> ranges;
        for (int64_t n : held.dims) ranges.push_back(builder.getOrCreateSubrange(0, n));
        return builder.createArrayType(static_cast<uint64_t>(layouts.size(id)) * 8, static_cast<uint32_t>(layouts[id].align) * 8,
                                       type(held.elem), builder.getOrCreateArray(ranges));
    }
    case TypeKind::Tuple:
    case TypeKind::Struct:
        for (size_t k = 0; k < held.parts.size(); ++k)
            fields.push_back({k < held.names.size() ? held.names[k] : fmt::format("_{}", k), type(held.parts[k])});
        return record(id, fields, layouts[id].offsets);
    case TypeKind::Optional:
        fields = {{"value", type(held.elem)}, {"some", builder.createBasicType("bool", 8, llvm::dwarf::DW_ATE_boolean)}};
        return record(id, fields, layouts[id].offsets);
    case TypeKind::Enum:
        fields = {{"tag", builder.createBasicType("u8", 8, llvm::dwarf::DW_ATE_unsigned)}};
        return record(id, fields, {0});
    case TypeKind::Str:
        fields = {{"word0", extent}, {"word1", extent}};
        return record(id, fields, {0, 8});
    case TypeKind::Box: return pointer(held.elem);
    case TypeKind::Ref: return builder.createReferenceType(llvm::dwarf::DW_TAG_reference_type, type(held.elem), 64);
    default: return builder.createUnspecifiedType(pir.types.text(id));
    }
}

DebugInfo::DebugInfo(llvm::Module &module, const pir::Module &pir, const source::SourceMap &sources, const Options &options) {
    if (!options.debug || sources.fileCount() == 0) return;
    impl = std::make_unique<Impl>(module, pir, sources);
    module.addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
    module.addModuleFlag(llvm::Module::Warning, "Dwarf Version", 5);
    // The unit belongs to the file of the first function that has one; debuggers know no Parlane, C is near enough.
    source::FileId first(0);
    for (const pir::Function &function : pir.functions)
        if (auto where = impl->position(function.loc)) first = where->file;
    impl->builder.createCompileUnit(llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C11), impl->file(first), "parc",
                                    options.level > 1, "", 0);
}

DebugInfo::~DebugInfo() = default;

void DebugInfo::enter(const pir::Function &function, llvm::Function &made) {
    if (!impl) return;
    impl->scopes.clear();
    auto where = impl->position(function.loc);
    if (!where) return;
    llvm::DIFile *file = impl->file(where->file);
    auto *type = impl->builder.createSubroutineType(impl->builder.getOrCreateTypeArray({}));
    // Outlined bodies are called after their construct.
    std::string name = function.name;
    static constexpr std::pair<std::string_view, std::string_view> kBodies[] = {
        {".for", "par for"}, {".fold", "reduce"}, {".scan", "scan"}, {".filter", "par for"}, {".first", "first"},
        {".branch", "invoke"}, {".pipeline", "pipeline"}};
    for (auto [part, shown] : kBodies)
        if (size_t at = name.find(part); at != std::string::npos && at + part.size() < name.size())
            name = fmt::format("{} (line {})", shown, where->line);
    auto flags = llvm::DISubprogram::SPFlagDefinition | llvm::DISubprogram::SPFlagLocalToUnit;
    auto *program = impl->builder.createFunction(file, name, made.getName(), file, where->line, type, where->line,
                                                 llvm::DINode::FlagPrototyped, flags);
    made.setSubprogram(program);
    impl->scopes.push_back(program);
}

void DebugInfo::leave() {
    if (impl) impl->scopes.clear();
}

void DebugInfo::enterBlock(llvm::IRBuilderBase &, const pir::Function &function, pir::RegionId region) {
    if (!impl || impl->scopes.empty()) return;
    const pir::Region &r = function.regions[region];
    std::optional<source::Position> where;
    if (!r.ops.empty()) where = impl->position(function.ops[r.ops.front()].loc);
    llvm::DIScope *outer = impl->scopes.back();
    if (!where) return impl->scopes.push_back(outer);
    impl->scopes.push_back(impl->builder.createLexicalBlock(outer, impl->file(where->file), where->line, where->column));
}

void DebugInfo::leaveBlock() {
    if (impl && !impl->scopes.empty()) impl->scopes.pop_back();
}

void DebugInfo::locate(llvm::IRBuilderBase &b, pir::LocId loc) {
    if (!impl || impl->scopes.empty()) return b.SetCurrentDebugLocation(llvm::DebugLoc());
    if (llvm::DILocation *where = impl->location(loc)) return b.SetCurrentDebugLocation(where);
    if (b.getCurrentDebugLocation()) return; // as the op before it
    auto *program = llvm::cast<llvm::DISubprogram>(impl->scopes.front());
    b.SetCurrentDebugLocation(llvm::DILocation::get(impl->module.getContext(), program->getLine(), 0, program));
}

/// A copy of the parts in the frame: -O0 keeps it, SROA turns it into values.
void DebugInfo::keep(llvm::IRBuilderBase &b, const pir::Function &function, pir::ValueId id, llvm::ArrayRef<llvm::Value *> parts,
                     bool in_memory, unsigned argument, llvm::BasicBlock &entry) {
    const pir::Value &value = function.values[id];
    if (!impl || impl->scopes.empty() || !value.name.valid() || parts.empty()) return;
    std::string name(impl->pir.names.text(value.name));
    llvm::DIScope *scope = argument ? impl->scopes.front() : impl->scopes.back();
    llvm::DILocation *where = b.getCurrentDebugLocation().get();
    if (!where) return;
    llvm::DIType *type = impl->type(value.type);
    auto *variable = argument ? impl->builder.createParameterVariable(scope, name, argument, where->getFile(), where->getLine(), type, true)
                              : impl->builder.createAutoVariable(scope, name, where->getFile(), where->getLine(), type, true);
    auto *at = llvm::DILocation::get(impl->module.getContext(), where->getLine(), where->getColumn(), scope);
    if (in_memory) return impl->declare(b, parts[0], variable, at);
    llvm::Type *i8 = b.getInt8Ty();
    auto size = static_cast<uint64_t>(std::max<int64_t>(impl->layouts.size(value.type), 1));
    auto *place = new llvm::AllocaInst(llvm::ArrayType::get(i8, size), 0, nullptr, llvm::Align(8), name, &entry);
    int64_t offset = 0;
    for (llvm::Value *part : parts) {
        llvm::Value *stored = part->getType()->isIntegerTy(1) ? b.CreateZExt(part, i8) : part;
        b.CreateStore(stored, b.CreateConstInBoundsGEP1_64(i8, place, static_cast<uint64_t>(offset)));
        offset += 8;
    }
    impl->declare(b, place, variable, at);
}

void DebugInfo::variable(llvm::IRBuilderBase &b, const pir::Function &function, const pir::Op &slot, llvm::Value *place) {
    const pir::Value &value = function.values[slot.result];
    if (!impl || impl->scopes.empty() || !value.name.valid()) return;
    llvm::DILocation *where = impl->location(slot.loc);
    if (!where) return;
    std::string name(impl->pir.names.text(value.name));
    llvm::DIScope *scope = impl->scopes.back();
    llvm::DIType *type = impl->type(impl->pir.types[value.type].elem);
    auto *variable = impl->builder.createAutoVariable(scope, name, where->getFile(), where->getLine(), type, true);
    impl->declare(b, place, variable, llvm::DILocation::get(impl->module.getContext(), where->getLine(), where->getColumn(), scope));
}

void DebugInfo::finish() {
    if (impl) impl->builder.finalize();
}

} // namespace parlane::codegen
