// Runs Pir text through the interpreter (as written) and as machine code (outlined, light and full optimisation) and compares how it ends.
#pragma once
#include "compiler/codegen/codegen.h"
#include "compiler/jit/jit.h"
#include "compiler/opt/outline.h"
#include "compiler/pir/interpret.h"
#include "compiler/pir/parse.h"
#include "compiler/pir/print.h"
#include "compiler/pir/verify.h"

#include <cstring>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace parlane::test {

/// How a run of `@main` ended. Programs give their results as the values of a final `trap`.
struct Ending {
    int32_t outcome = 0;
    uint32_t trap = 0;
    std::vector<int64_t> values, indices;
    std::string message;
    friend bool operator==(const Ending &, const Ending &) = default;
};

inline void PrintTo(const Ending &e, std::ostream *out) {
    std::string text = fmt::format("outcome {}, trap {}, message \"{}\"", e.outcome, e.trap, e.message);
    for (int64_t v : e.values) text += fmt::format(", value {}", v);
    for (int64_t v : e.indices) text += fmt::format(", iteration {}", v);
    *out << text;
}

inline Ending endingOf(int32_t outcome, const par_fault &fault) {
    Ending e{outcome, 0, {}, {}, {}};
    if (outcome != PAR_TRAPPED) return e;
    e.trap = fault.trap;
    if (e.trap == PAR_TRAP_stack) return e; // how deep it went is no part of the meaning
    e.values.assign(fault.values, fault.values + fault.value_count);
    for (uint32_t k = 0; k < fault.index_count; ++k) e.indices.push_back(fault.indices[k].value);
    const par_str &m = fault.message;
    uint8_t last = m.u.bytes[15];
    if (last < 16) e.message.assign(reinterpret_cast<const char *>(m.u.bytes), last);
    else e.message.assign(reinterpret_cast<const char *>(m.u.far.data), m.u.far.length & 0xffffffffffffffu);
    return e;
}

inline pir::Module read(std::string_view text) {
    auto result = pir::parse(text);
    if (!result) {
        ADD_FAILURE() << result.error().line << ":" << result.error().column << ": " << result.error().message;
        return {};
    }
    for (const std::string &message : pir::verify(*result)) ADD_FAILURE() << message;
    return std::move(*result);
}

inline Ending interpret(const pir::Module &module) {
    pir::Interpreter interpreter(module);
    int32_t outcome = interpreter.run(module.find("main"));
    EXPECT_EQ(interpreter.internalError(), "");
    return endingOf(outcome, interpreter.fault());
}

inline Ending runNative(const pir::Module &module, uint8_t level) {
    source::SourceMap sources;
    jit::JitOptions options;
    options.code.level = level;
    codegen::Entry entry{module.find("main"), "entry", false};
    codegen::Artifact artifact = codegen::generate(module, sources, options.code, {&entry, 1});
    auto jit = jit::Jit::create(options);
    if (!jit) {
        ADD_FAILURE() << jit.error();
        return {};
    }
    if (auto added = jit->add(std::move(artifact)); !added) ADD_FAILURE() << added.error();
    auto address = jit->address("entry");
    if (!address) {
        ADD_FAILURE() << address.error();
        return {};
    }
    par_entry place;
    par_ctx *ctx = par_rt_enter(&place);
    int32_t outcome = reinterpret_cast<int32_t (*)(par_ctx *)>(*address)(ctx);
    Ending e = endingOf(outcome, *ctx->fault);
    par_rt_fault_clear(ctx);
    par_rt_leave(ctx, &place);
    return e;
}

/// Interpreted, outlined and interpreted again where `again`, and compiled with both pipelines: all must end alike. Gives that ending.
inline Ending both(std::string_view text, bool again = false) {
    pir::Module module = read(text);
    Ending expected = interpret(module);
    opt::outline(module);
    for (const std::string &message : pir::verify(module)) ADD_FAILURE() << "after outline: " << message << "\n" << pir::print(module);
    if (again) EXPECT_EQ(interpret(module), expected) << pir::print(module);
    EXPECT_EQ(runNative(module, 0), expected) << "-O0\n" << pir::print(module);
    EXPECT_EQ(runNative(module, 3), expected) << "-O3\n" << pir::print(module);
    return expected;
}

} // namespace parlane::test
