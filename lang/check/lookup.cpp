// What a name means where it is used.
#include "lang/check/context.h"

#include <algorithm>

namespace parlane::check {

/// Adds what a farther place declares: functions unless a nearer one has the same parameters, the rest unless the name
/// is taken.
/// `foreign`: only what is public.
void Context::merge(NameEntry &into, const NameEntry &from, bool foreign) {
    auto visible = [&](bool is_public) { return !foreign || is_public; };
    for (FunctionId f : from.functions) {
        if (!visible(program.functions[f].is_public) || std::ranges::find(into.functions, f) != into.functions.end())
            continue;
        const bool hidden = std::ranges::any_of(
            into.functions, [&](FunctionId nearer) { return functions[nearer.raw].key == functions[f.raw].key; });
        if (!hidden) into.functions.push_back(f);
    }
    const bool taken = into.hasType() || into.constant.valid();
    if (taken) return;
    if (from.structure.valid() && visible(structs[from.structure.raw].is_public)) into.structure = from.structure;
    if (from.enumeration.valid() && visible(enums[from.enumeration.raw].is_public)) into.enumeration = from.enumeration;
    if (from.constant.valid() && visible(program.constants[from.constant].is_public)) into.constant = from.constant;
}

NameEntry Context::lookup(const ModuleData &from, NameId name, Span use) {
    NameEntry result;
    if (auto own = from.names.find(name); own != from.names.end()) result = own->second;
    std::vector<std::pair<ModuleId, NameEntry>> imported;
    for (ModuleId import : program.modules[from.id].imports) {
        auto found = modules[import.raw].names.find(name);
        if (found == modules[import.raw].names.end()) continue;
        NameEntry one;
        merge(one, found->second, true);
        if (!one.empty()) imported.emplace_back(import, std::move(one));
    }
    // A clash of two imports is an error, but only here, where the name is used, and only if no own name hides both.
    const bool own_value = result.hasType() || result.constant.valid();
    for (size_t i = 0; i < imported.size(); ++i) {
        const NameEntry &a = imported[i].second;
        for (size_t j = 0; j < i && use.valid(); ++j) {
            const NameEntry &b = imported[j].second;
            const bool values = !own_value && (a.hasType() || a.constant.valid()) &&
                (b.hasType() || b.constant.valid());
            const bool calls = std::ranges::any_of(a.functions, [&](FunctionId f) {
                const std::string &key = functions[f.raw].key;
                auto same = [&](FunctionId g) { return functions[g.raw].key == key; };
                return std::ranges::any_of(b.functions, same) && std::ranges::none_of(result.functions, same);
            });
            if (values || calls)
                emitter.report(Code::ClashingImports, use, text(name), modules[imported[j].first.raw].name,
                               modules[imported[i].first.raw].name)
                    .fix("say which one: write the name of the module in front");
        }
    }
    for (const auto &[module, entry] : imported) merge(result, entry, true);
    for (ModuleId id : prelude) {
        if (id == from.id) continue;
        auto found = modules[id.raw].names.find(name);
        if (found != modules[id.raw].names.end()) merge(result, found->second, true);
    }
    return result;
}

NameEntry Context::lookupIn(ModuleId target, NameId name, Span use) {
    auto found = modules[target.raw].names.find(name);
    if (found == modules[target.raw].names.end()) {
        std::vector<NameId> candidates;
        for (const auto &[candidate, entry] : modules[target.raw].names) candidates.push_back(candidate);
        auto report = emitter.report(Code::UnknownNameIn, use, modules[target.raw].name, text(name));
        if (std::string near = similar(name, candidates); !near.empty()) report.fix("did you mean `" + near + "`?");
        return {};
    }
    NameEntry result;
    merge(result, found->second, true);
    if (result.empty()) {
        auto report = emitter.report(Code::PrivateName, use, text(name), modules[target.raw].name);
        Span declared;
        const NameEntry &hidden = found->second;
        if (!hidden.functions.empty()) declared = program.functions[hidden.functions.front()].name_span;
        else if (hidden.structure.valid()) declared = types().info(hidden.structure).span;
        else if (hidden.enumeration.valid()) declared = types().info(hidden.enumeration).span;
        else if (hidden.constant.valid()) declared = program.constants[hidden.constant].name_span;
        report.label(declared, "declared here without `pub`").why("only `pub` names of a module can be used by others");
    }
    return result;
}

std::vector<FunctionId> Context::functionsOf(const ModuleData &from, TypeId type, NameId name) {
    ModuleId home;
    if (const auto *s = types().as<types::StructType>(type)) home = structs[s->decl.raw].module;
    else if (const auto *e = types().as<types::EnumType>(type)) home = enums[e->decl.raw].module;
    std::vector<FunctionId> result;
    if (!home.valid()) return result;
    const auto &declared = modules[home.raw].names;
    if (auto found = declared.find(name); found != declared.end())
        for (FunctionId f : found->second.functions)
            if (program.functions[f].is_public || home == from.id) result.push_back(f);
    return result;
}

std::vector<EnumId> Context::enumsWithCase(const ModuleData &from, NameId name) {
    std::vector<EnumId> result;
    auto scan = [&](const ModuleData &module, bool foreign) {
        for (uint32_t i = 0; i < enums.size(); ++i) {
            if (enums[i].module != module.id || (foreign && !enums[i].is_public)) continue;
            for (const types::CaseInfo &one : types().info(EnumId(i)).cases)
                if (one.name == name && std::ranges::find(result,
                    EnumId(i)) == result.end()) result.push_back(EnumId(i));
        }
    };
    if (enums.empty()) return result;
    scan(from, false);
    for (ModuleId import : program.modules[from.id].imports) scan(modules[import.raw], true);
    for (ModuleId id : prelude) scan(modules[id.raw], true);
    return result;
}

namespace {

/// Edit distance, capped: names further apart than `limit` are not similar.
size_t distance(std::string_view a, std::string_view b, size_t limit) {
    if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
    std::vector<size_t> row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

} // namespace

std::string Context::similar(NameId wanted, const std::vector<NameId> &candidates) const {
    const std::string_view spelled = names.text(wanted);
    const size_t limit = spelled.size() < 4 ? 1 : 2;
    std::string best;
    size_t best_distance = limit + 1;
    for (NameId candidate : candidates) {
        const std::string_view name = names.text(candidate);
        if (name == spelled) continue;
        const size_t d = distance(spelled, name, limit);
        if (d < best_distance || (d == best_distance && d <= limit && name < best)) best_distance = d, best = name;
    }
    return best;
}

void Context::advise(diag::Report &problem, const ModuleData &from, const ast::Name &name,
    const std::vector<NameId> &candidates) {
    for (const auto &[imported, id] : from.module_names)
        if (const auto &all = module(id).names; all.contains(name.id) && !module(id).library)
            problem.why("`" + text(imported) + "` declares it without `pub`");
    const std::vector<std::string> library = module_source.declaring(names.text(name.id));
    for (const std::string &one : library) problem.fix("`import " + one + "` has it");
    if (!library.empty()) return;
    if (std::string near = similar(name.id, candidates); !near.empty())
        problem.fix("did you mean `" + near + "`?", {{name.span, near}});
}

std::vector<NameId> Context::visibleNames(const ModuleData &from) const {
    std::vector<NameId> result;
    auto add = [&](const ModuleData &module) {
        for (const auto &[name, entry] : module.names) result.push_back(name);
    };
    add(from);
    for (ModuleId import : program.modules[from.id].imports) add(modules[import.raw]);
    for (ModuleId id : prelude) add(modules[id.raw]);
    return result;
}

} // namespace parlane::check
