#include "compiler/opt/serial_clones.h"

#include "compiler/opt/call_graph.h"
#include "compiler/opt/rewrite.h"

#include <fmt/format.h>

namespace parlane::opt {

using namespace pir;

namespace {

constexpr size_t kLargest = 1500; ///< ops of a cycle of functions that are worth a clone
constexpr size_t kUnrolledOps = 200; ///< ops of the levels of the recursion that become one
constexpr size_t kMostLevels = 4;

bool runsHere(const Op &op) {
    return op.code == OpCode::RtInvoke || op.code == OpCode::RtFor || (op.code == OpCode::RtFold && op.has(AttrKey::AnyOrder));
}

class SerialClones {
public:
    explicit SerialClones(Module &module) : module(module) {}

    void run() {
        CallGraph graph = callGraph(module);
        std::map<uint32_t, std::vector<uint32_t>> cycles;
        for (uint32_t k = 0; k < graph.component.size(); ++k)
            if (graph.recursive[k]) cycles[graph.component[k]].push_back(k);
        for (auto &[number, members] : cycles) cycle(members);
    }

private:
    Function &function(uint32_t id) { return module.functions[FunctionId(id)]; }

    void cycle(const std::vector<uint32_t> &members) {
        size_t ops = 0;
        heads.clear();
        for (uint32_t id : members) {
            const Function &f = function(id);
            bool head = false;
            for (const Op &op : f.ops)
                if (op.parent.valid()) ++ops, head = head || runsHere(op);
            if (head && !takes(f)) heads.push_back(id);
        }
        if (heads.empty() || ops > kLargest) return;
        size_t count = std::clamp<size_t>(kUnrolledOps / std::max<size_t>(ops, 1), 1, kMostLevels);
        levels.assign(count, {});
        for (size_t level = 0; level < count; ++level)
            for (uint32_t id : members) levels[level][id] = declare(id, level);
        for (size_t level = 0; level < count; ++level)
            for (uint32_t id : members) fill(id, level);
        for (uint32_t id : heads) {
            comeBack(id);
            goOver(id);
        }
    }

    /// A function that takes over owned values cannot hand them on in front of everything else.
    bool takes(const Function &f) const {
        for (size_t k = 0; k < f.params().size(); ++k)
            if (k < f.modes.size() && f.modes[k] == PassMode::Sink && module.types.owns(f.type(f.params()[k]))) return true;
        return false;
    }

    uint32_t declare(uint32_t id, size_t level) {
        const Function old = function(id);
        std::string name = level ? fmt::format("{}.serial.{}", old.name, level) : fmt::format("{}.serial", old.name);
        FunctionId made = addFunction(module, name, old.result, old.throws);
        for (size_t k = 0; k < old.params().size(); ++k) {
            const Value &param = old.values[old.params()[k]];
            addParameter(module, made, param.type, old.modes[k], param.name.valid() ? module.names.text(param.name) : std::string_view{});
        }
        Function &f = module.functions[made];
        f.loc = old.loc;
        f.captures = old.captures;
        f.level = old.level;
        return made.raw;
    }

    void fill(uint32_t id, size_t level) {
        FunctionId made(levels[level].at(id));
        RegionCopy copy(module, FunctionId(id), made);
        for (size_t k = 0; k < function(id).params().size(); ++k) copy.values[function(id).params()[k].raw] = module.functions[made].params()[k];
        copy.contents(function(id).body, module.functions[made].body);
        std::vector<OpId> found;
        forEachOp(module.functions[made], module.functions[made].body, [&](OpId op) { found.push_back(op); });
        for (OpId op : found) rewrite(made, op, level);
    }

    /// Calls of the cycle stay in its clones; the next level of the recursion is the next clone.
    int64_t cloneOf(int64_t callee, size_t level) const {
        auto raw = static_cast<uint32_t>(callee);
        auto found = levels[level].find(raw);
        if (found == levels[level].end()) return callee;
        bool head = std::ranges::find(heads, raw) != heads.end();
        return head ? levels[(level + 1) % levels.size()].at(raw) : found->second;
    }

    void rewrite(FunctionId made, OpId id, size_t level) {
        const Op op = module.functions[made].ops[id];
        if (op.code == OpCode::Closure) return; // who calls the pair spawns again
        Op &changed = module.functions[made].ops[id];
        if (op.code == OpCode::RtSmall) { // both ways run here
            changed.code = OpCode::Const;
            changed.operands.clear();
            changed.attrs = {{AttrKey::Value, int64_t{1}}};
            return;
        }
        for (AttrKey key : {AttrKey::Callee, AttrKey::Strip, AttrKey::Init, AttrKey::Combine, AttrKey::Apply})
            if (op.has(key)) changed.set(key, cloneOf(op.integer(key), level));
        if (op.has(AttrKey::Functions)) {
            std::vector<int64_t> functions(op.list(AttrKey::Functions).begin(), op.list(AttrKey::Functions).end());
            for (int64_t &callee : functions) callee = cloneOf(callee, level);
            changed.set(AttrKey::Functions, std::move(functions));
        }
        if (runsHere(op)) inPlace(made, id);
    }

    /// The construct as plain calls, one after the other.
    void inPlace(FunctionId made, OpId id) {
        const Op op = module.functions[made].ops[id];
        Builder b(module, made);
        b.before(id);
        b.loc = op.loc;
        std::vector<ValueId> captures(op.operands.begin() + static_cast<ptrdiff_t>(rtLeading(op.code)), op.operands.end());
        auto call = [&](FunctionId callee, std::initializer_list<ValueId> more) {
            std::vector<ValueId> arguments = captures;
            arguments.insert(arguments.end(), more);
            b.call(callee, arguments);
        };
        if (op.code == OpCode::RtInvoke)
            for (int64_t branch : op.list(AttrKey::Functions)) call(FunctionId(static_cast<uint32_t>(branch)), {});
        if (op.code == OpCode::RtFor) call(op.function(AttrKey::Strip), {b.constInt(0), op.operands[0]});
        if (op.code == OpCode::RtFold) {
            ValueId total = op.operands[2];
            if (op.has(AttrKey::Init)) call(op.function(AttrKey::Init), {total});
            call(op.function(AttrKey::Strip), {b.constInt(0), op.operands[0], total});
        }
        removeOp(module.functions[made], id);
    }

    /// In front of `id`: if the test says so, what `to` returns.
    void guard(FunctionId id, std::string_view test, FunctionId to, bool deeper) {
        Builder b(module, id);
        const auto &ops = b.fn().regions[b.fn().body].ops;
        if (!ops.empty()) b.before(ops.front());
        b.loc = b.fn().loc;
        ValueId yes = b.emit(OpCode::Fast, b.types().boolean(), {}, {{AttrKey::Name, std::string(test)}});
        OpId choice = b.op(OpCode::If, {}, {yes});
        std::vector<ValueId> params = b.fn().params();
        TypeId type = b.fn().result;
        b.in(choice, Role::Then, [&](RegionId) {
            ValueId before = deeper ? b.callRt("spawn_deeper", b.types().i64(), {}) : ValueId{};
            ValueId result = b.call(to, params);
            ValueId slot = deeper && result.valid() && b.types().owns(type) ? b.slot(type) : ValueId{};
            if (slot.valid()) b.store(slot, result);
            if (deeper) b.callRt("spawn_as_before", b.types().unit(), {before});
            if (slot.valid()) result = b.take(slot);
            result.valid() ? b.ret(result) : b.ret();
        });
    }

    void goOver(uint32_t id) { guard(FunctionId(id), "deep", FunctionId(levels[0].at(id)), false); }
    void comeBack(uint32_t id) { guard(FunctionId(levels[0].at(id)), "wanted", FunctionId(id), true); }

    Module &module;
    std::vector<uint32_t> heads;                       ///< functions of the cycle that go over
    std::vector<std::map<uint32_t, uint32_t>> levels;  ///< clone of each function of the cycle, by level of the recursion
};

} // namespace

void serialClones(Module &module) { SerialClones(module).run(); }

} // namespace parlane::opt
