// The graph of modules: the prelude, the roots and what they import.
#include "lang/check/context.h"
#include "lang/parse/parse.h"

#include <algorithm>

namespace parlane::check {

KnownNames::KnownNames(Interner &names)
    : main(names.intern("main")), len(names.intern("len")), shape(names.intern("shape")), rows(names.intern("rows")),
      cols(names.intern("cols")), bytes(names.intern("bytes")), flat(names.intern("flat")), view(names.intern("view")),
      copy(names.intern("copy")), value(names.intern("value")), next(names.intern("next")), list(names.intern("List")),
      map(names.intern("Map")), set(names.intern("Set")), error(names.intern("Error")), box(names.intern("Box")),
      file(names.intern("File")), bits(names.intern("bits")), chunks(names.intern("chunks")),
      tiles(names.intern("tiles")), parts(names.intern("parts")), zip(names.intern("zip")),
      enumerate(names.intern("enumerate")), message(names.intern("message")), merge(names.intern("merge")),
      min(names.intern("min")), max(names.intern("max")), items(names.intern("items")), integer(names.intern("int")),
      keys(names.intern("keys")), values(names.intern("values")), print(names.intern("print")) {}

struct Context::Loading {
    std::unordered_map<std::string, ModuleId> by_key; ///< the library by name, other files by path
    std::vector<ModuleId> open;                       ///< on the way from a root: a second meeting is a cycle
    std::vector<Span> imports;                        ///< that led to each of `open` but the first
};

namespace {

std::string stem(std::string_view path) {
    if (size_t slash = path.rfind('/'); slash != std::string_view::npos) path.remove_prefix(slash + 1);
    if (path.ends_with(".par")) path.remove_suffix(4);
    return std::string(path);
}

} // namespace

ModuleId Context::loadModule(Loading &loading, source::FileId file, std::string name) {
    ModuleId id = program.modules.add({name, file, {}});
    ModuleData &data = modules.emplace_back();
    data.id = id;
    data.library = name.starts_with("std.");
    data.name = std::move(name);
    data.ast = parse::parse(sources, file, names, emitter);
    loading.open.push_back(id);
    loadImports(loading, id);
    loading.open.pop_back();
    return id;
}

ModuleId Context::findModule(Loading &loading, const std::string &name, ModuleId importer, Span span) {
    const bool library = name.starts_with("std.");
    if (library)
        if (auto known = loading.by_key.find(name); known != loading.by_key.end()) return known->second;
    auto found = module_source.find(name, sources.file(program.modules[importer].file).path);
    if (!found) {
        emitter.report(Code::UnknownModule, span, name).why(found.error());
        return {};
    }
    const std::string key = library ? name : found->path;
    if (auto known = loading.by_key.find(key); known != loading.by_key.end()) {
        auto open = std::ranges::find(loading.open, known->second);
        if (open == loading.open.end()) return known->second;
        auto report = emitter.report(Code::ImportCycle, span, name);
        report.why("a module is complete before those that import it are looked at");
        for (size_t i = static_cast<size_t>(open - loading.open.begin()); i < loading.imports.size(); ++i)
            report.label(loading.imports[i], "and this import leads back here");
        return {};
    }
    if (loading.open.size() > 200) {
        emitter.report(Code::ImportsTooDeep, span);
        return {};
    }
    source::FileId file = sources.add(found->path, std::move(found->text));
    // The number is known before the imports of the module are followed, so that a cycle finds it.
    loading.by_key.emplace(key, ModuleId(program.modules.size()));
    loading.imports.push_back(span);
    ModuleId id = loadModule(loading, file, name);
    loading.imports.pop_back();
    return id;
}

void Context::loadImports(Loading &loading, ModuleId id) {
    // The tree does not move, but `modules` grows: no reference into it is kept.
    const size_t count = modules[id.raw].ast.top.size();
    for (size_t i = 0; i < count; ++i) {
        const ast::Item item = modules[id.raw].ast[modules[id.raw].ast.top[i]];
        if (const auto *c = std::get_if<ast::ImportCItem>(&item.node)) {
            emitter.report(Code::NotSupportedYet, item.span, "`import c`");
            program.c_imports.push_back({c->header, c->libraries.empty() ? "" : c->libraries.front(), item.span});
            continue;
        }
        const auto *import = std::get_if<ast::ImportItem>(&item.node);
        if (!import || import->path.empty()) continue;
        if (!std::ranges::all_of(import->path, &ast::Name::valid)) continue; // a syntax error, reported
        std::string name;
        for (const ast::Name &part : import->path) name += (name.empty() ? "" : ".") + text(part.id);
        ModuleId target = findModule(loading, name, id, item.span);
        if (!target.valid()) continue;
        ModuleData &self = modules[id.raw];
        self.module_names[import->path.back().id] = target;
        auto &imports = program.modules[id].imports;
        if (std::ranges::find(imports, target) == imports.end()) imports.push_back(target);
    }
}

void Context::load(const std::vector<source::FileId> &roots) {
    Loading loading;
    for (const std::string &name : module_source.prelude()) {
        if (loading.by_key.contains(name)) {
            prelude.push_back(loading.by_key[name]);
            continue;
        }
        auto found = module_source.find(name, "");
        PAR_CHECK(found.has_value(), "module {} of the prelude: {}", name, found.error());
        source::FileId file = sources.add(found->path, std::move(found->text));
        loading.by_key.emplace(name, ModuleId(program.modules.size()));
        prelude.push_back(loadModule(loading, file, name));
        modules[prelude.back().raw].prelude = true;
    }
    for (source::FileId root : roots) {
        const std::string path = sources.file(root).path;
        if (auto known = loading.by_key.find(path); known != loading.by_key.end()) {
            root_modules.push_back(known->second);
            continue;
        }
        loading.by_key.emplace(path, ModuleId(program.modules.size()));
        root_modules.push_back(loadModule(loading, root, stem(path)));
    }
}

} // namespace parlane::check
