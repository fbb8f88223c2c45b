// What parses is formatted, the tree stays, and a second time changes nothing.
#include "lang/format/format.h"

#include "lang/ast/print.h"

namespace {

struct Formatted {
    std::optional<std::string> text;
    std::string tree;
};

Formatted formatted(std::string text) {
    using namespace parlane;
    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
    source::FileId file = sources.add("fuzz.par", std::move(text));
    Formatted result{format::format(sources, file, names, emitter), {}};
    if (result.text) result.tree = ast::print(parse::parse(sources, file, names, emitter), names);
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Formatted first = formatted({reinterpret_cast<const char *>(data), size});
    if (!first.text) return 0;
    Formatted second = formatted(*first.text);
    PAR_CHECK(second.text.has_value(), "no longer parses:\n{}", *first.text);
    PAR_CHECK(second.tree == first.tree, "another tree:\n{}", *first.text);
    PAR_CHECK(*second.text == *first.text, "not idempotent:\n{}\n---\n{}", *first.text, *second.text);
    return 0;
}
