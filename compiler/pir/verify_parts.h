// Inside of the verifier: one checker a concern, sharing the list of messages.
#pragma once
#include "compiler/pir/pir.h"
#include "compiler/pir/print.h"

#include <fmt/format.h>

namespace parlane::pir {

struct Findings {
    const Module &module;
    const Function &function;
    std::vector<std::string> &messages;

    template <class... Args> void add(const Op &op, fmt::format_string<Args...> text, Args &&...args) {
        if (messages.size() < 20)
            messages.push_back(fmt::format("@{}: `{}`: {}", function.name, printHead(module, function, op), fmt::format(text, std::forward<Args>(args)...)));
    }
};

/// Operand and result types, attributes and regions of each op (visibility and counts have been checked).
void verifyTypes(Findings &findings);
/// Owned values are consumed once; writes in parallel bodies have a verdict.
void verifyOwnership(Findings &findings);
/// Lane counts and types of a vector op.
void verifyVector(Findings &findings, const Op &op);

/// Does the op yield an owned value (if its type owns)?
bool yieldsOwned(OpCode code);
/// Does the op consume operand `i` (if it is owned)?
bool consumes(const Module &module, const Op &op, size_t i);

} // namespace parlane::pir
