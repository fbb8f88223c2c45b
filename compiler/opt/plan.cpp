// Pass `plan`: how each parallel loop runs: mode, lanes, unit of the schedule, estimated cost. Until there is a vectorizer the mode is scalar, and
// the verdicts say so.
#include "compiler/opt/verdicts.h"

#include "compiler/opt/pass.h"
#include "compiler/opt/rewrite.h"

namespace parlane::opt {

using namespace pir;

namespace {

constexpr int64_t kUnknownRounds = 16, kUnknownCall = 30, kMostCost = 1'000'000;
constexpr int64_t kRecursiveCall = 5000; ///< who calls itself does not do so for little

class Costs {
public:
    explicit Costs(const Module &module) : module(module), known(module.functions.size(), -1) {}

    int64_t region(const Function &f, RegionId id) {
        int64_t sum = 0;
        for (OpId op : f.regions[id].ops) sum = std::min(sum + one(f, f.ops[op]), kMostCost);
        return sum;
    }

private:
    int64_t one(const Function &f, const Op &op) {
        if (op.code == OpCode::Call) return function(op.function()) + 2;
        if (op.code == OpCode::CallClosure || op.code == OpCode::CallC) return kUnknownCall;
        if (op.code == OpCode::CallRt || op.code == OpCode::Array || op.code == OpCode::Copy) return 2 * kUnknownCall;
        if (op.code == OpCode::Div || op.code == OpCode::Rem || op.code == OpCode::Sqrt) return 8;
        if (op.code == OpCode::Const || op.code == OpCode::Slot || op.code == OpCode::Yield || op.code == OpCode::Iteration) return 0;
        if (op.regions.empty()) return 1;
        int64_t inner = 0;
        for (RegionId r : op.regions) {
            Role role = f.regions[r].role;
            // Of alternatives the dearest; what runs besides a body counts little.
            if (role == Role::Then || role == Role::Else || role == Role::Case || role == Role::Default) inner = std::max(inner, region(f, r));
            else if (role != Role::Fast && role != Role::Combine && role != Role::Init) inner += region(f, r);
        }
        return std::min(1 + inner * rounds(f, op), kMostCost);
    }

    int64_t rounds(const Function &f, const Op &op) const {
        auto number = [&](ValueId value) -> int64_t {
            OpId made = f.values[value].op;
            if (!made.valid() || f.ops[made].code != OpCode::Const) return kUnknownRounds;
            const auto *n = std::get_if<int64_t>(f.ops[made].find(AttrKey::Value));
            return n && *n > 0 ? std::min(*n, kMostCost) : 1;
        };
        if (op.code == OpCode::For) return number(op.operands[1]);
        if (op.code == OpCode::Loop || op.code == OpCode::ParPipeline) return kUnknownRounds;
        if (!isParallel(op.code) || op.code == OpCode::ParInvoke) return 1;
        int64_t product = 1;
        for (ValueId extent : parShape(op).extents) product = std::min(product * number(extent), kMostCost);
        return product;
    }

    int64_t function(FunctionId id) {
        if (known[id.raw] >= 0) return known[id.raw];
        known[id.raw] = kRecursiveCall;
        const Function &f = module.functions[id];
        return known[id.raw] = region(f, f.body);
    }

    const Module &module;
    std::vector<int64_t> known;
};

} // namespace

void plan(Module &module) {
    Costs costs(module);
    for (Function &f : module.functions)
        forEachOp(f, f.body, [&](OpId id) {
            Op &op = f.ops[id];
            if (!isParallel(op.code) || op.code == OpCode::ParInvoke || op.code == OpCode::ParPipeline) return;
            if (!op.has(AttrKey::Space)) op.set(AttrKey::Space, std::string("cpu"));
            op.set(AttrKey::Mode, static_cast<int64_t>(Mode::Scalar));
            op.set(AttrKey::Unit, int64_t{1});
            op.set(AttrKey::Cost, std::max<int64_t>(1, costs.region(f, f.region(op, Role::Checked))));
        });
}

namespace {

int64_t checksIn(const Function &f, RegionId region, LocId &first) {
    int64_t count = 0;
    forEachOp(f, region, [&](OpId id) {
        const Op &op = f.ops[id];
        bool check = op.code == OpCode::Check || (op.code == OpCode::Elem && op.enumerator<Bounds>(AttrKey::Bounds) == Bounds::Checked);
        if (check && !count++) first = op.loc;
    });
    return count;
}

} // namespace

std::vector<Verdict> verdicts(const Module &module) {
    std::vector<Verdict> out;
    for (uint32_t i = 0; i < module.functions.size(); ++i) {
        const Function &f = module.functions[FunctionId(i)];
        forEachOp(f, f.body, [&](OpId id) {
            const Op &op = f.ops[id];
            if (!isParallel(op.code)) return;
            Verdict verdict;
            verdict.function = FunctionId(i);
            verdict.op = id;
            verdict.loc = op.loc;
            verdict.construct = op.code;
            verdict.simd = op.has(AttrKey::Strict);
            verdict.mode = op.enumerator<Mode>(AttrKey::Mode);
            verdict.lanes = op.integer(AttrKey::Lanes, 1);
            verdict.cost = op.integer(AttrKey::Cost);
            RegionId body = f.region(op, Role::Checked);
            if (body.valid()) verdict.checks = checksIn(f, body, verdict.reason_loc);
            if (verdict.mode == Mode::Scalar && body.valid()) verdict.reason = "one iteration after the other on each thread: there is no vectorizer yet";
            out.push_back(std::move(verdict));
        });
    }
    return out;
}

} // namespace parlane::opt
