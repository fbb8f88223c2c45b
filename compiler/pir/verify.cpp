#include "compiler/pir/verify.h"

#include "compiler/pir/verify_parts.h"

#include <unordered_set>

namespace parlane::pir {

namespace {

class Shape {
public:
    explicit Shape(Findings &findings) : out(findings), f(findings.function), m(findings.module) {}

    void run() {
        if (f.modes.size() != f.params().size()) return problem("has {} parameters but {} modes", f.params().size(), f.modes.size());
        region(f.body, OpId{});
        if (m.types.kind(f.result) != TypeKind::Unit && !ends(f.body)) problem("may end without a `return`");
    }

private:
    template <class... Args> void problem(fmt::format_string<Args...> text, Args &&...args) {
        out.messages.push_back(fmt::format("@{} {}", f.name, fmt::format(text, std::forward<Args>(args)...)));
    }

    /// Control never reaches the end of the region.
    bool ends(RegionId id) const {
        const Region &r = f.regions[id];
        if (r.ops.empty()) return false;
        const Op &last = f.ops[r.ops.back()];
        return isTerminator(last.code) || diverges(last);
    }

    /// The op never completes: all ways through it leave further out.
    bool diverges(const Op &op) const {
        switch (op.code) {
        case OpCode::Scope: return !op.regions.empty() && ends(op.regions[0]) && !yields(op.regions[0]);
        case OpCode::Block: return ends(op.regions[0]) && !yields(op.regions[0]) && !isLeft(op.regions[0], &op);
        case OpCode::Loop: return !isLeft(op.regions[0], &op);
        case OpCode::If:
        case OpCode::Try: return op.regions.size() == 2 && bothEnd(op.regions);
        case OpCode::Switch: return f.region(op, Role::Default).valid() && bothEnd(op.regions);
        default: return false;
        }
    }

    bool bothEnd(const std::vector<RegionId> &regions) const {
        for (RegionId id : regions)
            if (!ends(id) || yields(id)) return false;
        return true;
    }

    bool yields(RegionId id) const { return !f.regions[id].ops.empty() && f.ops[f.regions[id].ops.back()].code == OpCode::Yield; }

    bool isLeft(RegionId id, const Op *op) const {
        for (OpId inner : f.regions[id].ops) {
            const Op &o = f.ops[inner];
            if (o.code == OpCode::Leave && &f.ops[o.target()] == op) return true;
            for (RegionId r : o.regions)
                if (isLeft(r, op)) return true;
        }
        return false;
    }

    void region(RegionId id, OpId owner) {
        const Region &r = f.regions[id];
        if (r.op != owner) problem("has a region that is listed under another op than its own");
        std::vector<ValueId> made = r.params;
        for (ValueId param : r.params) visible.insert(param.raw);
        for (size_t i = 0; i < r.ops.size(); ++i) {
            const Op &op = f.ops[r.ops[i]];
            if (op.parent != id) out.add(op, "stands in a region that is not its parent");
            if (!seen.insert(r.ops[i].raw).second) out.add(op, "stands in two places");
            one(op, r.ops[i], i + 1 == r.ops.size());
            if (op.result.valid()) {
                visible.insert(op.result.raw);
                made.push_back(op.result);
            }
        }
        for (ValueId value : made) visible.erase(value.raw);
    }

    void one(const Op &op, OpId id, bool last) {
        const OpInfo &about = info(op.code);
        int count = static_cast<int>(op.operands.size());
        if (count < about.min_operands || (about.max_operands >= 0 && count > about.max_operands))
            out.add(op, "has {} operands", count);
        for (ValueId operand : op.operands)
            if (!operand.valid() || !visible.contains(operand.raw)) out.add(op, "uses a value that is not visible here");
        if (about.result == ResultRule::Yes && !op.result.valid()) out.add(op, "needs a result");
        if (about.result == ResultRule::No && op.result.valid()) out.add(op, "has no result");
        if (op.result.valid() && f.values[op.result].op != id) out.add(op, "yields a value that belongs to another op");
        if (f.level < about.first_level || f.level > about.last_level) out.add(op, "is not allowed at level {}", f.level);
        if (isTerminator(op.code) && !last) out.add(op, "is followed by ops that never run");
        if (op.code == OpCode::Leave || op.code == OpCode::Again) target(op);
        if (op.code == OpCode::Return && crossed(op, OpId{})) out.add(op, "may not leave a parallel body");
        if (op.code == OpCode::Iteration && !inParallelBody(op)) out.add(op, "stands outside of a parallel body");
        for (RegionId inner : op.regions) region(inner, id);
        if (op.result.valid())
            for (RegionId inner : op.regions) valued(op, inner);
    }

    /// A region of an op with a result must give one.
    void valued(const Op &op, RegionId inner) {
        bool plain = op.code == OpCode::Block || op.code == OpCode::Scope || op.code == OpCode::If || op.code == OpCode::Switch || op.code == OpCode::Try;
        if (plain && !ends(inner)) out.add(op, "has a result, but region `{}` may end without one", text(f.regions[inner].role));
        if (op.code == OpCode::If && op.regions.size() < 2) out.add(op, "has a result but no `else`");
    }

    bool inParallelBody(const Op &op) const {
        OpId around = f.regions[op.parent].op;
        return !around.valid() ? f.level >= 4 : (isParallel(f.ops[around].code) || f.level >= 4);
    }

    /// Is there a parallel body between the op and the target (none: the function)?
    bool crossed(const Op &op, OpId target) const {
        for (RegionId at = op.parent;;) {
            OpId around = f.regions[at].op;
            if (!around.valid() || around == target) return false;
            if (isParallel(f.ops[around].code)) return true;
            at = f.ops[around].parent;
        }
    }

    void target(const Op &op) {
        OpId id = op.target();
        if (!id.valid() || id.raw >= f.ops.size()) return out.add(op, "has no target");
        const Op &aim = f.ops[id];
        bool enclosing = false;
        for (RegionId inner : aim.regions) enclosing = enclosing || isInside(f, op.parent, inner);
        if (!enclosing) return out.add(op, "is not inside its target");
        if (crossed(op, id)) out.add(op, "may not leave a parallel body");
        bool loop = aim.code == OpCode::Loop || aim.code == OpCode::For;
        if (op.code == OpCode::Leave && !loop && aim.code != OpCode::Block) out.add(op, "target is no block, loop or for");
        if (op.code == OpCode::Again) {
            bool parallel = isParallel(aim.code) && aim.code != OpCode::ParScan && aim.code != OpCode::ParInvoke;
            if (!loop && !parallel) out.add(op, "target is no loop");
        }
    }

    Findings &out;
    const Function &f;
    const Module &m;
    std::unordered_set<uint32_t> visible, seen;
};

} // namespace

std::vector<std::string> verify(const Module &module, const Function &function) {
    std::vector<std::string> messages;
    Findings findings{module, function, messages};
    Shape(findings).run();
    if (messages.empty()) verifyTypes(findings);
    if (messages.empty()) verifyOwnership(findings);
    return messages;
}

std::vector<std::string> verify(const Module &module) {
    std::vector<std::string> messages;
    for (const Function &function : module.functions) {
        auto more = verify(module, function);
        messages.insert(messages.end(), more.begin(), more.end());
        if (messages.size() >= 20) break;
    }
    return messages;
}

} // namespace parlane::pir
