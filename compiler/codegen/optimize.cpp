#include "compiler/codegen/optimize.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/IPO/AlwaysInliner.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/GVN.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

namespace parlane::codegen {
namespace {

/// A compile takes a fifth of -O3's time; loops stay scalar.
llvm::ModulePassManager lightPipeline(unsigned level) {
    llvm::ModulePassManager passes;
    passes.addPass(llvm::AlwaysInlinerPass(/*InsertLifetimeIntrinsics=*/false));
    passes.addPass(llvm::GlobalDCEPass());
    llvm::FunctionPassManager scalar;
    scalar.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
    if (level > 0) {
        scalar.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
        scalar.addPass(llvm::InstCombinePass());
        scalar.addPass(llvm::SimplifyCFGPass());
        scalar.addPass(llvm::createFunctionToLoopPassAdaptor(llvm::LICMPass(llvm::LICMOptions()), /*UseMemorySSA=*/true));
        scalar.addPass(llvm::GVNPass());
    }
    passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(scalar)));
    return passes;
}

} // namespace

void optimize(llvm::Module &module, llvm::TargetMachine &machine, const Options &options) {
    llvm::PipelineTuningOptions tuning;
    tuning.LoopVectorization = true;
    tuning.SLPVectorization = true;
    tuning.LoopUnrolling = true;
    llvm::PassBuilder builder(&machine, tuning);
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    llvm::ModulePassManager passes = options.level <= 1
                                         ? lightPipeline(options.level)
                                         : builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
    passes.run(module, modules);
}

std::string verifyErrors(const llvm::Module &module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (!llvm::verifyModule(module, &stream)) return {};
    return text.empty() ? "broken module" : text;
}

} // namespace parlane::codegen
