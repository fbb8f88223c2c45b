#include "compiler/jit/runtime_symbols.h"

#include "compiler/jit/jit.h"
#include "runtime/include/parlane/host.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <vector>

namespace parlane::jit {
namespace {

template <class F> RuntimeSymbol symbol(const char *name, F *function) {
    return {name, reinterpret_cast<void *>(function)};
}

std::vector<RuntimeSymbol> build() {
    std::vector<RuntimeSymbol> symbols = {
#define RT(name, fails, effects, result, operands) symbol("par_rt_" #name, &par_rt_##name),
#include "compiler/pir/runtime_calls.def"
        symbol("par_rt_str_copy", &par_rt_str_copy),
        symbol("par_rt_str_drop", &par_rt_str_drop),
        symbol("par_rt_file_close", &par_rt_file_close),
        symbol("par_rt_for", &par_rt_for),
        symbol("par_rt_fold", &par_rt_fold),
        symbol("par_rt_scan", &par_rt_scan),
        symbol("par_rt_filter", &par_rt_filter),
        symbol("par_rt_sink_grow", &par_rt_sink_grow),
        symbol("par_rt_first", &par_rt_first),
        symbol("par_rt_invoke", &par_rt_invoke),
        symbol("par_rt_pipeline", &par_rt_pipeline),
        symbol("par_rt_poll_slow", &par_rt_poll_slow),
        symbol("par_rt_spawn_slow", &par_rt_spawn_slow),
        symbol("par_rt_join", &par_rt_join),
        symbol("par_rt_spawn_wanted", &par_rt_spawn_wanted),
        symbol("par_rt_alloc", &par_rt_alloc),
        symbol("par_rt_free", &par_rt_free),
        symbol("par_rt_trap", &par_rt_trap),
        symbol("par_rt_trap_text", &par_rt_trap_text),
        symbol("par_rt_throw", &par_rt_throw),
        symbol("par_rt_throw_text", &par_rt_throw_text),
        symbol("par_rt_fault_index", &par_rt_fault_index),
        symbol("par_rt_fault_site", &par_rt_fault_site),
        symbol("par_rt_fault_clear", &par_rt_fault_clear),
        symbol("par_rt_fault_render", &par_rt_fault_render),
        symbol("par_rt_thrown_type", &par_rt_thrown_type),
        symbol("par_rt_catch", &par_rt_catch),
        symbol("par_rt_enter", &par_rt_enter),
        symbol("par_rt_leave", &par_rt_leave),
        symbol("par_rt_main", &par_rt_main),
        symbol("par_rt_host_leave", &par_rt_host_leave),
        symbol("par_free", &par_free),
        symbol("par_last_error", &par_last_error),
    };
    auto less = [](const RuntimeSymbol &a, const RuntimeSymbol &b) { return std::strcmp(a.name, b.name) < 0; };
    auto same = [](const RuntimeSymbol &a, const RuntimeSymbol &b) { return std::strcmp(a.name, b.name) == 0; };
    std::ranges::sort(symbols, less);
    symbols.erase(std::unique(symbols.begin(), symbols.end(), same), symbols.end());
    return symbols;
}

} // namespace

std::span<const RuntimeSymbol> runtimeSymbols() {
    static const std::vector<RuntimeSymbol> kSymbols = build();
    return kSymbols;
}

void *runtimeFunction(std::string_view name) {
    // Generated code says `par_rt_print`, the interpreter `print`, as `call.rt` does.
    constexpr std::string_view kPrefix = "par_rt_";
    for (const RuntimeSymbol &symbol : runtimeSymbols()) {
        std::string_view full = symbol.name;
        if (name == full || (full.starts_with(kPrefix) && name == full.substr(kPrefix.size()))) return symbol.address;
    }
    return nullptr;
}

} // namespace parlane::jit
