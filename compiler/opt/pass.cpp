#include "compiler/opt/pass.h"

#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace parlane::opt {

namespace {
constexpr PassInfo kPasses[] = {
#define PASS(name, function, level) {name, &function, level},
#include "compiler/opt/passes.def"
};

bool isListed(const std::vector<std::string> &names, std::string_view name) { return std::ranges::find(names, name) != names.end(); }
} // namespace

std::span<const PassInfo> passes() { return kPasses; }

const PassInfo *passNamed(std::string_view name) {
    for (const PassInfo &pass : kPasses)
        if (pass.name == name) return &pass;
    return nullptr;
}

std::vector<std::string> runPass(pir::Module &module, const PassInfo &pass, const PassOptions &options) {
    auto start = std::chrono::steady_clock::now();
    pass.run(module);
    if (pass.level >= 0)
        for (pir::Function &function : module.functions) function.level = std::max(function.level, static_cast<uint8_t>(pass.level));
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (options.timed) options.timed(pass.name, took.count());
    if (options.dump && isListed(options.dump_after, pass.name)) options.dump(pass.name, pir::print(module));
    std::vector<std::string> complaints;
    if (options.verify)
        for (const std::string &message : pir::verify(module)) complaints.push_back(fmt::format("after {}: {}", pass.name, message));
    return complaints;
}

std::vector<std::string> runPasses(pir::Module &module, const PassOptions &options) {
    for (const PassInfo &pass : kPasses) {
        if (!isListed(options.skip, pass.name))
            if (auto complaints = runPass(module, pass, options); !complaints.empty()) return complaints;
        if (pass.name == options.stop_after) break;
    }
    return {};
}

std::vector<std::string> runPassList(pir::Module &module, std::string_view names, const PassOptions &options) {
    while (!names.empty()) {
        size_t comma = std::min(names.find(','), names.size());
        std::string_view name = names.substr(0, comma);
        names.remove_prefix(std::min(comma + 1, names.size()));
        const PassInfo *pass = passNamed(name);
        if (!pass) return {fmt::format("there is no pass `{}`", name)};
        if (auto complaints = runPass(module, *pass, options); !complaints.empty()) return complaints;
    }
    return {};
}

} // namespace parlane::opt
