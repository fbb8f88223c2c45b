#include "lang/check/check.h"

#include "lang/check/context.h"

namespace parlane::check {

hir::Program check(source::SourceMap &sources, Interner &names, ModuleSource &modules,
    const std::vector<source::FileId> &roots,
                   diag::Emitter &emitter, Options options) {
    Context c(sources, names, modules, emitter);
    c.ambient = options.ambient;
    c.load(roots);
    // A file with broken syntax lacks names: what is said about the rest would be noise.
    if (emitter.hasErrors()) return std::move(c.program);
    for (ModuleData &module : c.modules) c.declareNames(module);
    for (ModuleData &module : c.modules) c.declareTypes(module);
    c.finishTypes();
    for (ModuleData &module : c.modules) c.declareSignatures(module);
    c.checkDefaults();
    c.checkReached(options.all);
    if (!emitter.hasErrors()) c.checkGrowth();
    if (!emitter.hasErrors()) c.checkSizes();
    return std::move(c.program);
}

} // namespace parlane::check
