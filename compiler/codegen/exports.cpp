// `export fn`: C symbols around instances (implementation.md, section 2), and the same taking an array of pointers to the arguments.
#include "compiler/codegen/emitter.h"

namespace parlane::codegen {

using pir::TypeKind;

namespace {

/// An argument as C passes it.
struct CArgument {
    llvm::SmallVector<llvm::Type *, 6> words;
    bool narrow = false, is_signed = false; ///< integers below 32 bits are extended by the caller
};

class Exporter {
public:
    Exporter(ModuleEmitter &owner, pir::FunctionId id)
        : owner(owner), target(owner.pir.functions[id]), id(id), how(owner.convention(id)), b(owner.context) {}

    void run() {
        for (size_t k = 0; k < target.params().size(); ++k) arguments.push_back(classify(k));
        bool has_result = owner.pir.types.kind(target.result) != TypeKind::Unit;
        llvm::SmallVector<llvm::Type *, 12> params;
        for (const CArgument &argument : arguments) params.append(argument.words);
        if (has_result) params.push_back(owner.ptr);
        function = llvm::Function::Create(llvm::FunctionType::get(owner.i32, params, false), llvm::GlobalValue::ExternalLinkage,
                                          target.export_name, owner.module);
        function->addFnAttr(llvm::Attribute::NoUnwind);
        function->addFnAttr(llvm::Attribute::getWithUWTableKind(owner.context, llvm::UWTableKind::Async));
        b.SetInsertPoint(llvm::BasicBlock::Create(owner.context, "entry", function));
        emitBody(has_result);
        emitBoxed();
    }

private:
    pir::TypeId typeOf(size_t k) const { return target.type(target.params()[k]); }
    pir::PassMode mode(size_t k) const { return k < target.modes.size() ? target.modes[k] : pir::PassMode::Read; }
    /// A str that is only read comes as pointer and length.
    bool isText(size_t k) const {
        const pir::Type &type = owner.pir.types[typeOf(k)];
        return mode(k) == pir::PassMode::Read && type.kind == TypeKind::Ref && owner.pir.types.kind(type.elem) == TypeKind::Str;
    }

    CArgument classify(size_t k) {
        CArgument out;
        const pir::Type &type = owner.pir.types[typeOf(k)];
        if (isText(k)) {
            out.words = {owner.ptr, owner.i64};
        } else if (pir::isScalar(type.kind)) {
            out.words = {owner.shape(typeOf(k)).stored[0]};
            out.narrow = !pir::isFloat(type.kind) && pir::scalarBytes(type.kind) < 4;
            out.is_signed = pir::isSigned(type.kind);
        } else if (type.kind == TypeKind::View) {
            out.words.assign(owner.shape(typeOf(k)).parts.begin(), owner.shape(typeOf(k)).parts.end());
        } else if (owner.layouts.size(typeOf(k)) <= 16 && owner.shape(typeOf(k)).memory) {
            out.words = eightbytes(typeOf(k));
        } else {
            out.words = {owner.ptr};
        }
        return out;
    }

    /// Registers of a small struct by the rules of the System V ABI: a word of floats only travels in a vector register.
    llvm::SmallVector<llvm::Type *, 6> eightbytes(pir::TypeId type) {
        std::vector<std::pair<int64_t, TypeKind>> scalars;
        collect(type, 0, scalars);
        llvm::SmallVector<llvm::Type *, 6> words;
        for (int64_t from = 0; from < owner.layouts.size(type); from += 8) {
            bool floats = true, wide = false, upper = false;
            int64_t count = 0;
            for (auto [at, kind] : scalars) { // cases of an enum share their places, as in a C union
                if (at < from || at >= from + 8) continue;
                floats &= pir::isFloat(kind);
                wide |= pir::scalarBytes(kind) == 8;
                upper |= at >= from + 4;
                ++count;
            }
            llvm::Type *single = llvm::Type::getFloatTy(owner.context);
            if (!floats || count == 0) words.push_back(owner.i64);
            else if (wide) words.push_back(llvm::Type::getDoubleTy(owner.context));
            else words.push_back(upper ? llvm::FixedVectorType::get(single, 2) : single);
        }
        return words;
    }
    void collect(pir::TypeId id, int64_t at, std::vector<std::pair<int64_t, TypeKind>> &out) {
        const pir::Type &type = owner.pir.types[id];
        if (pir::isScalar(type.kind)) return out.push_back({at, type.kind});
        if (type.kind == TypeKind::Tuple || type.kind == TypeKind::Struct) {
            for (size_t k = 0; k < type.parts.size(); ++k) collect(type.parts[k], at + owner.layouts.offset(id, static_cast<int64_t>(k)), out);
            return;
        }
        if (type.kind == TypeKind::Fixed) {
            for (int64_t k = 0; k < owner.layouts.size(id) / owner.layouts.size(type.elem); ++k)
                collect(type.elem, at + k * owner.layouts.size(type.elem), out);
            return;
        }
        if (type.kind == TypeKind::Optional) {
            collect(type.elem, at, out);
            return out.push_back({at + owner.layouts.offset(id, 1), TypeKind::U8});
        }
        if (type.kind == TypeKind::Enum) {
            out.push_back({at, TypeKind::U8});
            for (pir::TypeId payload : type.parts)
                if (owner.layouts.size(payload) > 0) collect(payload, at + owner.layouts.offset(id, 1), out);
            return;
        }
        for (int64_t k = 0; k < owner.layouts.size(id); k += 8) out.push_back({at + k, TypeKind::I64}); // owners
    }

    llvm::AllocaInst *place(int64_t bytes) {
        auto *made = b.CreateAlloca(llvm::ArrayType::get(owner.i8, static_cast<uint64_t>(std::max<int64_t>(bytes, 16))));
        made->setAlignment(llvm::Align(16));
        return made;
    }
    llvm::Value *at(llvm::Value *address, int64_t bytes) {
        return b.CreateConstInBoundsGEP1_64(owner.i8, address, static_cast<uint64_t>(bytes));
    }

    void emitBody(bool has_result) {
        llvm::Value *entry = place(128);
        auto enter = owner.runtime("par_rt_enter", owner.ptr, {owner.ptr});
        auto leave = owner.runtime("par_rt_host_leave", owner.i32, {owner.ptr, owner.ptr, owner.i32});
        llvm::Value *ctx = b.CreateCall(enter, {entry});
        refuseOverlaps(ctx, entry, leave);
        llvm::SmallVector<llvm::Value *, 16> passed = {ctx};
        llvm::Value *out = has_result ? function->getArg(function->arg_size() - 1) : nullptr;
        llvm::Value *result_place = how.out ? out : nullptr;
        if (how.out) passed.push_back(result_place);
        unsigned next = 0;
        for (size_t k = 0; k < arguments.size(); ++k) {
            passArgument(k, next, passed);
            next += static_cast<unsigned>(arguments[k].words.size());
        }
        llvm::Value *returned = b.CreateCall(owner.functions[id.raw], passed);
        unsigned count = static_cast<unsigned>(how.words.size()) + (how.fails ? 1 : 0);
        auto part = [&](unsigned k) { return count == 1 ? returned : b.CreateExtractValue(returned, k); };
        llvm::Value *outcome = how.fails ? part(count - 1) : b.getInt32(0);
        auto *good = llvm::BasicBlock::Create(owner.context, "good", function), *end = llvm::BasicBlock::Create(owner.context, "end", function);
        b.CreateCondBr(b.CreateICmpEQ(outcome, b.getInt32(0)), good, end);
        b.SetInsertPoint(good);
        if (has_result && !how.out) {
            const Shape &held = owner.shape(target.result);
            llvm::Value *room = held.memory ? place(16) : nullptr;
            for (unsigned k = 0; k < how.words.size(); ++k) {
                llvm::Value *word = part(k);
                if (held.memory) b.CreateStore(word, at(room, 8 * k));
                else b.CreateStore(held.stored[k] == held.parts[k] ? word : b.CreateZExt(word, held.stored[k]), at(out, held.offsets[k]));
            }
            if (room) b.CreateMemCpy(out, llvm::MaybeAlign(1), room, llvm::MaybeAlign(8), static_cast<uint64_t>(owner.layouts.size(target.result)));
        }
        b.CreateBr(end);
        b.SetInsertPoint(end);
        b.CreateRet(b.CreateCall(leave, {ctx, entry, outcome}));
    }

    void passArgument(size_t k, unsigned first, llvm::SmallVectorImpl<llvm::Value *> &passed) {
        const pir::Type &type = owner.pir.types[typeOf(k)];
        auto arg = [&](unsigned n) { return function->getArg(first + n); };
        if (isText(k)) { // a static text as long as the call lasts
            llvm::Value *room = place(16);
            b.CreateStore(arg(0), room);
            b.CreateStore(b.CreateOr(arg(1), b.getInt64(uint64_t{0xC0} << 56)), at(room, 8));
            passed.push_back(room);
            return;
        }
        if (pir::isScalar(type.kind)) {
            if (arguments[k].narrow) function->addParamAttr(first, arguments[k].is_signed ? llvm::Attribute::SExt : llvm::Attribute::ZExt);
            passed.push_back(type.kind == TypeKind::Bool ? b.CreateIsNotNull(arg(0)) : static_cast<llvm::Value *>(arg(0)));
            return;
        }
        if (type.kind == TypeKind::View || type.kind == TypeKind::Ref) {
            for (unsigned n = 0; n < arguments[k].words.size(); ++n) passed.push_back(arg(n));
            return;
        }
        // By value in registers, or by address: either way as the instance wants it.
        llvm::Value *from = arg(0);
        if (owner.layouts.size(typeOf(k)) <= 16 && owner.shape(typeOf(k)).memory) {
            from = place(16);
            for (unsigned n = 0; n < arguments[k].words.size(); ++n) b.CreateStore(arg(n), at(from, 8 * n));
        }
        pir::TypeId types[] = {typeOf(k)};
        owner.loadCaptures(b, owner.environment(types), from, types, passed);
    }

    /// Bytes that a view argument spans: [data, end).
    llvm::Value *end(size_t k, unsigned first) {
        const pir::Type &type = owner.pir.types[typeOf(k)];
        auto arg = [&](unsigned n) -> llvm::Value * { return function->getArg(first + n); };
        llvm::Value *count = arg(1);
        if (type.dims[0] == 2) count = b.CreateMul(arg(1), arg(3));
        if (type.dims[0] == 3) count = b.CreateMul(arg(1), arg(4));
        return b.CreateGEP(owner.elementType(type.elem), arg(0), count);
    }

    void refuseOverlaps(llvm::Value *ctx, llvm::Value *entry, llvm::FunctionCallee leave) {
        std::vector<std::tuple<size_t, unsigned>> views;
        unsigned next = 0;
        for (size_t k = 0; k < arguments.size(); next += static_cast<unsigned>(arguments[k++].words.size()))
            if (owner.pir.types.kind(typeOf(k)) == TypeKind::View) views.push_back({k, next});
        llvm::Value *overlap = b.getFalse();
        for (size_t i = 0; i < views.size(); ++i)
            for (size_t j = 0; j < i; ++j) {
                auto [x, x_at] = views[i];
                auto [y, y_at] = views[j];
                if (mode(x) != pir::PassMode::Inout && mode(y) != pir::PassMode::Inout) continue;
                llvm::Value *before = b.CreateICmpULT(function->getArg(x_at), end(y, y_at));
                llvm::Value *behind = b.CreateICmpULT(function->getArg(y_at), end(x, x_at));
                overlap = b.CreateOr(overlap, b.CreateAnd(before, behind));
            }
        if (overlap == b.getFalse()) return;
        auto *bad = llvm::BasicBlock::Create(owner.context, "overlap", function), *good = llvm::BasicBlock::Create(owner.context, "apart", function);
        b.CreateCondBr(overlap, bad, good);
        b.SetInsertPoint(bad);
        llvm::Value *message = place(16);
        auto [first, second] = owner.staticStr("an argument that is written overlaps another argument");
        b.CreateStore(first, message);
        b.CreateStore(second, at(message, 8));
        auto trap = owner.runtime("par_rt_trap_text", owner.i32, {owner.ptr, owner.i32, owner.ptr, owner.ptr});
        llvm::Value *outcome = b.CreateCall(trap, {ctx, b.getInt32(static_cast<uint32_t>(pir::Trap::Other)), owner.site(target.loc), message});
        b.CreateRet(b.CreateCall(leave, {ctx, entry, outcome}));
        b.SetInsertPoint(good);
    }

    /// int32_t NAME.boxed(void **arguments): each points to one word of the C signature.
    void emitBoxed() {
        auto *type = llvm::FunctionType::get(owner.i32, {owner.ptr}, false);
        auto *boxed = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, target.export_name + ".boxed", owner.module);
        boxed->setVisibility(llvm::GlobalValue::HiddenVisibility);
        b.SetInsertPoint(llvm::BasicBlock::Create(owner.context, "entry", boxed));
        llvm::SmallVector<llvm::Value *, 12> words;
        for (unsigned k = 0; k < function->arg_size(); ++k) {
            llvm::Value *from = b.CreateLoad(owner.ptr, at(boxed->getArg(0), 8 * static_cast<int64_t>(k)));
            words.push_back(b.CreateAlignedLoad(function->getArg(k)->getType(), from, llvm::Align(1)));
        }
        b.CreateRet(b.CreateCall(function, words));
    }

    ModuleEmitter &owner;
    const pir::Function &target;
    pir::FunctionId id;
    Convention how;
    llvm::IRBuilder<> b;
    llvm::Function *function = nullptr;
    std::vector<CArgument> arguments;
};

} // namespace

void ModuleEmitter::emitExport(pir::FunctionId id) { Exporter(*this, id).run(); }

} // namespace parlane::codegen
