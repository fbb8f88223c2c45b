// match: arms from top to bottom; a `switch` where every arm is one plain case of an enum.
#include "compiler/lower/function_lowering.h"

#include <set>

namespace parlane::lower {

using pir::TypeKind;

ValueId FunctionLowering::lower(hir::ExprId id, const hir::Match &n) {
    Subject of = subject(n.value);
    if (dead) return {};
    PType type = ptypeOf(id);
    return switchable(n) ? switchArms(n, of, type) : arms(n, 0, of, type);
}

ValueId FunctionLowering::armTest(const hir::Arm &arm, const Subject &of) {
    ValueId fits;
    for (hir::PatternId pattern : arm.patterns) {
        if (!refutable(pattern)) {
            fits = b.constBool(true);
            break;
        }
        auto one = [&] { return test(pattern, of); };
        fits = fits.valid() ? branch(
                                  fits, types().boolean(), [&] { return b.constBool(true); }, one)
                            : one();
    }
    if (!arm.guard) return fits;
    return branch(
        fits, types().boolean(),
        [&] {
            if (arm.patterns.size() == 1) bind(arm.patterns[0], of);
            return value(arm.guard);
        },
        [&] { return b.constBool(false); });
}

ValueId FunctionLowering::arms(const hir::Match &match, size_t k, const Subject &of, PType type) {
    const hir::Arm &arm = match.arms[k];
    Located here(*this, arm.span);
    auto run = [&] {
        if (arm.patterns.size() == 1) bind(arm.patterns[0], of);
        return block(arm.body);
    };
    // Exhaustive: what gets to the last arm fits it.
    if (k + 1 == match.arms.size() || (!arm.guard && !refutable(arm.patterns[0]))) return run();
    ValueId fits = armTest(arm, of);
    return branch(fits, type, run, [&] { return arms(match, k + 1, of, type); });
}

bool FunctionLowering::switchable(const hir::Match &match) {
    std::set<uint32_t> seen;
    for (size_t k = 0; k < match.arms.size(); ++k) {
        const hir::Arm &arm = match.arms[k];
        if (arm.guard || arm.patterns.size() != 1) return false;
        bool last = k + 1 == match.arms.size();
        if (last && arm.patterns.size() == 1 && !refutable(arm.patterns[0])) return match.arms.size() > 1;
        for (hir::PatternId id : arm.patterns) {
            auto *of_case = std::get_if<hir::CasePattern>(&body.patterns[id].node);
            if (!of_case || !seen.insert(of_case->case_index).second) return false;
            for (hir::PatternId inner : of_case->payload)
                if (refutable(inner)) return false;
        }
    }
    return match.arms.size() > 1;
}

ValueId FunctionLowering::switchArms(const hir::Match &match, const Subject &of, PType type) {
    bool gives = types().kind(type) != TypeKind::Unit;
    ValueId tag = tagOf(of);
    OpId op = b.op(OpCode::Switch, gives ? type : PType{}, {tag});
    bool reached = false;
    auto run = [&](const hir::Arm &arm, hir::PatternId pattern) {
        Located here(*this, arm.span);
        bind(pattern, of);
        ValueId made = block(arm.body);
        reached = reached || !dead;
        if (gives)
            yield(made);
        else
            discard(made);
    };
    for (size_t k = 0; k < match.arms.size(); ++k) {
        const hir::Arm &arm = match.arms[k];
        bool last = k + 1 == match.arms.size();
        hir::PatternId pattern = arm.patterns[0];
        auto *of_case = std::get_if<hir::CasePattern>(&body.patterns[pattern].node);
        // Exhaustive: what gets to the last arm fits it.
        if (!of_case || last)
            region(op, Role::Default, [&](pir::RegionId) { run(arm, pattern); });
        else
            region(op, Role::Case, of_case->case_index, [&](pir::RegionId) { run(arm, pattern); });
    }
    if (!reached) terminate();
    return fn().ops[op].result;
}

} // namespace parlane::lower
