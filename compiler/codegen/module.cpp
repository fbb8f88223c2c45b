// The module around the functions: declarations, constants, entries.
#include "compiler/codegen/emitter.h"
#include "compiler/codegen/optimize.h"
#include "compiler/codegen/target.h"

#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

namespace parlane::codegen {

ModuleEmitter::ModuleEmitter(const pir::Module &pir, const source::SourceMap &sources, const Options &options,
                             llvm::Module &module)
    : pir(pir), sources(sources), options(options), module(module), context(module.getContext()), layouts(pir.types),
      failing(pir), debug(module, pir, sources, options), i1(llvm::Type::getInt1Ty(context)), i8(llvm::Type::getInt8Ty(context)),
      i32(llvm::Type::getInt32Ty(context)), i64(llvm::Type::getInt64Ty(context)),
      ptr(llvm::PointerType::get(context, 0)), void_type(llvm::Type::getVoidTy(context)),
      site_type(llvm::StructType::get(context, {ptr, i32, i32, ptr, ptr})) {}

void ModuleEmitter::run(std::span<const Entry> entries) {
    linkFastPaths();
    findAliases();
    functions.resize(pir.functions.size());
    for (uint32_t k = 0; k < pir.functions.size(); ++k) declare(pir::FunctionId(k));
    for (uint32_t k = 0; k < pir.functions.size(); ++k)
        if (pir.functions[pir::FunctionId(k)].body.valid()) FunctionEmitter(*this, pir::FunctionId(k)).run();
    for (const Entry &entry : entries) emitEntry(entry);
    for (uint32_t k = 0; k < pir.functions.size(); ++k)
        if (!pir.functions[pir::FunctionId(k)].export_name.empty()) emitExport(pir::FunctionId(k));
    debug.finish();
    for (llvm::Function &function : module) {
        if (function.isDeclaration()) continue;
        function.addFnAttr("target-cpu", cpu);
        if (!features.empty()) function.addFnAttr("target-features", features);
    }
}

llvm::Function *ModuleEmitter::internalFunction(llvm::FunctionType *type, const llvm::Twine &name) {
    auto *made = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, name, module);
    made->addFnAttr(llvm::Attribute::NoUnwind);
    made->addFnAttr(llvm::Attribute::getWithUWTableKind(context, llvm::UWTableKind::Async));
    return made;
}

void ModuleEmitter::declare(pir::FunctionId id) {
    const pir::Function &function = pir.functions[id];
    Convention how = convention(id);
    llvm::Function *made = internalFunction(how.type, "par." + function.name); // C's `main` and exports keep their names
    made->addParamAttr(0, llvm::Attribute::NonNull);
    unsigned at = 1;
    if (how.out) made->addParamAttr(at++, llvm::Attribute::NoAlias);
    for (size_t k = 0; k < function.params().size(); ++k) {
        pir::TypeId type = function.type(function.params()[k]);
        const Shape &held = shape(type);
        bool read = k < function.modes.size() && function.modes[k] == pir::PassMode::Read;
        pir::TypeKind kind = pir.types.kind(type);
        bool address = kind == pir::TypeKind::View || kind == pir::TypeKind::Ref;
        if (held.memory) {
            auto words = registers(type);
            if (words.empty()) {
                made->addParamAttr(at, llvm::Attribute::NoAlias);
                made->addParamAttr(at, llvm::Attribute::ReadOnly);
                made->addParamAttr(at, llvm::Attribute::getWithCaptureInfo(context, llvm::CaptureInfo::none()));
                at += 1;
            } else {
                at += static_cast<unsigned>(words.size());
            }
            continue;
        }
        if (address && !aliasing.contains({id.raw, static_cast<uint32_t>(k)})) {
            made->addParamAttr(at, llvm::Attribute::NoAlias);
            if (read) made->addParamAttr(at, llvm::Attribute::ReadOnly);
        }
        at += static_cast<unsigned>(held.parts.size());
    }
    functions[id.raw] = made;
}

llvm::Constant *ModuleEmitter::text(llvm::StringRef bytes) {
    auto [place, fresh] = texts.try_emplace(bytes.str());
    if (fresh) {
        auto *value = llvm::ConstantDataArray::getString(context, bytes, /*AddNull=*/true);
        auto *made = new llvm::GlobalVariable(module, value->getType(), true, llvm::GlobalValue::PrivateLinkage, value, "text");
        made->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
        made->setAlignment(llvm::Align(1));
        place->second = made;
    }
    return place->second;
}

std::pair<llvm::Constant *, llvm::Constant *> ModuleEmitter::staticStr(llvm::StringRef bytes) {
    auto word = [&](uint64_t value) { return llvm::ConstantInt::get(i64, value); };
    if (bytes.size() <= 15) {
        unsigned char native[16] = {};
        std::copy(bytes.begin(), bytes.end(), native);
        native[15] = static_cast<unsigned char>(bytes.size());
        uint64_t words[2];
        static_assert(sizeof words == sizeof native);
        __builtin_memcpy(words, native, sizeof words);
        return {word(words[0]), word(words[1])};
    }
    return {llvm::ConstantExpr::getPtrToInt(text(bytes), i64), word(bytes.size() | uint64_t{0xC0} << 56)};
}

llvm::Constant *ModuleEmitter::site(pir::LocId loc, llvm::StringRef construct, llvm::StringRef names) {
    if (construct.empty()) loc = pir.outsideLibrary(loc, sources);
    auto [place, fresh] = sites.try_emplace({loc.raw, construct.str(), names.str()});
    if (!fresh) return place->second;
    llvm::Constant *none = llvm::ConstantPointerNull::get(ptr);
    llvm::Constant *file = none;
    source::Position position;
    if (loc.valid() && pir.locations[loc].span.valid() && sources.fileCount() > 0) {
        position = sources.position(pir.locations[loc].span.begin);
        file = text(sources.file(position.file).path);
    }
    auto *value = llvm::ConstantStruct::get(
        site_type, {file, llvm::ConstantInt::get(i32, position.line), llvm::ConstantInt::get(i32, position.column),
                    construct.empty() ? none : text(construct), names.empty() ? none : text(names)});
    place->second = new llvm::GlobalVariable(module, site_type, true, llvm::GlobalValue::PrivateLinkage, value, "site");
    return place->second;
}

llvm::Constant *ModuleEmitter::data(pir::DataId id) {
    auto [place, fresh] = datas.try_emplace(id.raw);
    if (fresh) {
        const pir::Data &from = pir.data[id];
        auto *value = llvm::ConstantDataArray::getRaw(from.bytes, from.bytes.size(), i8);
        auto *made = new llvm::GlobalVariable(module, value->getType(), true, llvm::GlobalValue::PrivateLinkage, value, from.name);
        made->setAlignment(llvm::Align(64));
        place->second = made;
    }
    return place->second;
}

/// PAR_TYPE_ERROR for the prelude's `Error`, else a number of this module.
uint32_t ModuleEmitter::errorNumber(pir::TypeId type) {
    const pir::Type &t = pir.types[type];
    return t.kind == pir::TypeKind::Struct && t.name == "Error" ? 1 : type.raw + 2;
}

void ModuleEmitter::emitEntry(const Entry &entry) {
    const pir::Function &target = pir.functions[entry.function];
    PAR_CHECK(target.params().empty(), "entry {} has parameters", target.name);
    auto *made = llvm::Function::Create(llvm::FunctionType::get(i32, {ptr}, false), llvm::GlobalValue::ExternalLinkage,
                                        entry.symbol, module);
    made->addFnAttr(llvm::Attribute::NoUnwind);
    made->addFnAttr(llvm::Attribute::getWithUWTableKind(context, llvm::UWTableKind::Async));
    llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "entry", made));
    Convention how = convention(entry.function);
    llvm::SmallVector<llvm::Value *, 2> arguments = {made->getArg(0)};
    if (how.out) {
        auto *place = b.CreateAlloca(llvm::ArrayType::get(i8, static_cast<uint64_t>(layouts.size(target.result))));
        place->setAlignment(llvm::Align(16));
        arguments.push_back(place);
    }
    llvm::Value *result = b.CreateCall(functions[entry.function.raw], arguments);
    if (!how.fails) b.CreateRet(b.getInt32(0));
    else if (how.words.empty()) b.CreateRet(result);
    else b.CreateRet(b.CreateExtractValue(result, static_cast<unsigned>(how.words.size())));
    if (!entry.is_main) return;

    // int main(int argc, char **argv): a par_options with the arguments, then par_rt_main.
    auto *c_main = llvm::Function::Create(llvm::FunctionType::get(i32, {i32, ptr}, false),
                                          llvm::GlobalValue::ExternalLinkage, "main", module);
    c_main->addFnAttr(llvm::Attribute::getWithUWTableKind(context, llvm::UWTableKind::Async));
    b.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", c_main));
    auto *options_type = llvm::StructType::get(context, {i32, i32, ptr, i32, ptr});
    auto *place = b.CreateAlloca(options_type);
    b.CreateStore(llvm::Constant::getNullValue(options_type), place);
    b.CreateStore(b.getInt32(static_cast<uint32_t>(-1)), b.CreateStructGEP(options_type, place, 1));
    b.CreateStore(c_main->getArg(0), b.CreateStructGEP(options_type, place, 3));
    b.CreateStore(c_main->getArg(1), b.CreateStructGEP(options_type, place, 4));
    b.CreateRet(b.CreateCall(runtime("par_rt_main", i32, {ptr, ptr}), {place, made}));
}

Artifact generate(const pir::Module &pir, const source::SourceMap &sources, const Options &options,
                  std::span<const Entry> entries) {
    Artifact out;
    out.options = options;
    out.context = std::make_unique<llvm::LLVMContext>();
    // Remarks about loops that were not transformed are for us, not for users; errors end the process as LLVM has it.
    out.context->setDiagnosticHandlerCallBack([](const llvm::DiagnosticInfo *info, void *) {
        if (info->getSeverity() == llvm::DS_Error) PAR_UNREACHABLE("LLVM reports an error in generated code");
    });
    out.module = std::make_unique<llvm::Module>("parlane", *out.context);
    auto machine = createTargetMachine(options, /*jit=*/false);
    PAR_CHECK(machine.has_value(), "{}", machine.error());
    out.module->setTargetTriple((*machine)->getTargetTriple());
    out.module->setDataLayout((*machine)->createDataLayout());
    out.module->setPICLevel(llvm::PICLevel::BigPIC);
    ModuleEmitter emitter(pir, sources, options, *out.module);
    emitter.cpu = (*machine)->getTargetCPU().str();
    emitter.features = (*machine)->getTargetFeatureString().str();
    emitter.run(entries);
    if (options.verify) {
        std::string errors = verifyErrors(out);
        PAR_CHECK(errors.empty(), "generated code is broken: {}", errors);
    }
    return out;
}

std::string printLlvm(const Artifact &artifact) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    artifact.module->print(stream, nullptr);
    return text;
}

std::string verifyErrors(const Artifact &artifact) { return verifyErrors(*artifact.module); }

} // namespace parlane::codegen
