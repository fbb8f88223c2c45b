// Any bytes are a tree or diagnostics.
#include "lang/ast/print.h"
#include "lang/diag/render.h"
#include "lang/parse/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace parlane;
    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
    ast::Ast tree =
        parse::parse(sources, sources.add("fuzz.par", {reinterpret_cast<const char *>(data), size}), names, emitter);
    PAR_CHECK(tree.has_errors == emitter.hasErrors(), "what is wrong is reported");
    (void)ast::print(tree, names);
    (void)diag::render(emitter.sorted(), sources);
    return 0;
}
