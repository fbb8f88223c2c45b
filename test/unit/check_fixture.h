// Checks programs given as text, with a small prelude of its own.
#pragma once
#include "lang/check/check.h"
#include "lang/diag/render.h"
#include "lang/hir/print.h"

#include <map>
#include <string>

namespace parlane::test {

inline constexpr const char *kPrelude = R"(
pub struct Error { message: str }
pub struct List<T> { items: T[], len: int }
pub struct Map<K, V> { keys: List<K>, values: List<V>, len: int }
pub fn push<T>(inout l: List<T>, sink x: T) { l.len += 1 }
pub fn array<T>(sink l: List<T>) -> T[] { return take(&l.items) }
pub fn print(text: str)
pub fn print<T>(x: T) { print("{x}") }
pub fn min<T: Ordered>(a: T, b: T) -> T
pub fn max<T: Ordered>(a: T, b: T) -> T
pub fn sqrt<T: Float>(x: T) -> T
pub fn swap<T>(inout a: T, inout b: T)
pub fn take<T>(inout x: T) -> T
pub fn parse<T: Number>(s: str) throws -> T
)";

class MemoryModules : public check::ModuleSource {
public:
    std::map<std::string, std::string, std::less<>> texts{{"std.core.prelude", kPrelude}};
    std::vector<std::string> prelude() override { return {"std.core.prelude"}; }
    std::expected<check::ModuleText, std::string> find(std::string_view name, std::string_view) override {
        auto found = texts.find(name);
        if (found == texts.end()) return std::unexpected("there is no such module in this test");
        return check::ModuleText{found->first + ".par", found->second};
    }
};

/// One program, checked.
struct Checked {
    explicit Checked(std::string text, MemoryModules modules = {}) {
        source::FileId file = sources.add("main.par", std::move(text));
        program = check::check(sources, names, modules, {file}, emitter);
    }

    /// Codes of all diagnostics in order of their places, separated by blanks.
    std::string codes() const {
        std::string out;
        for (const diag::Diagnostic &d : emitter.sorted())
            out += (out.empty() ? "" : " ") + std::string(diag::info(d.code).code);
        return out;
    }
    std::string rendered() const { return diag::render(emitter.sorted(), sources); }
    std::string hir() const { return hir::print(program, names); }

    source::SourceMap sources;
    Interner names;
    diag::Emitter emitter;
    hir::Program program;
};

} // namespace parlane::test
