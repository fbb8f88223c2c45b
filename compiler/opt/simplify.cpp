// Pass `simplify`: constants folded by the interpreter's own functions, values of slots forwarded, equal pure ops
// shared, decided branches and checks gone, dead ops gone. No identity of floats is used: bits stay what they were.
#include "compiler/opt/simplify.h"

namespace parlane::opt {

using namespace pir;

bool Simplifier::run() {
    changed = false;
    findPlainSlots();
    Known known;
    Shared shared;
    region(f.body, known, shared);
    replacements.apply(f);
    climb(f.body);
    removeDead();
    return changed;
}

/// Slots that are only loaded and stored as a whole: what they hold is known without looking at memory.
void Simplifier::findPlainSlots() {
    plain.assign(f.values.size(), false);
    forEachOp(f, f.body, [&](OpId id) {
        const Op &op = f.ops[id];
        if (op.code == OpCode::Slot) plain[op.result.raw] = !module.types.owns(module.types[f.type(op.result)].elem);
    });
    forEachOp(f, f.body, [&](OpId id) {
        const Op &op = f.ops[id];
        for (size_t i = 0; i < op.operands.size(); ++i)
            if (i != 0 || (op.code != OpCode::Load && op.code != OpCode::Store)) plain[op.operands[i].raw] = false;
    });
}

void Simplifier::forgetStored(RegionId id, Known &known) {
    forEachOp(f, id, [&](OpId inner) {
        const Op &op = f.ops[inner];
        if (op.code == OpCode::Store) known.erase(op.operands[0].raw);
        forgetOwners(op, known);
    });
}

void Simplifier::region(RegionId id, Known &known, Shared &shared) {
    std::vector<OpId> ops = f.regions[id].ops;
    for (OpId op : ops)
        if (f.ops[op].parent == id) one(op, known, shared);
}

void Simplifier::nested(OpId id, Known &known, Shared &shared) {
    // A region that may run again, or after another one of the op, knows only what no region of the op changes.
    const Op &op = f.ops[id];
    bool once =
        op.code == OpCode::If || op.code == OpCode::Switch || op.code == OpCode::Block || op.code == OpCode::Scope;
    Known before = known;
    for (RegionId inner : op.regions) forgetStored(inner, known);
    for (RegionId inner : op.regions) {
        Known inside = once ? before : known;
        Shared visible = shared;
        region(inner, inside, visible);
        // A scope ends where its region ends; values that it made are not seen behind it.
        if (op.code != OpCode::Scope) continue;
        std::erase_if(inside, [&](const auto &entry) { return isDefinedIn(entry.second, inner); });
        known = std::move(inside);
    }
}

bool Simplifier::isDefinedIn(ValueId value, RegionId id) const {
    const Value &v = f.values[value];
    return isInside(f, v.op.valid() ? f.ops[v.op].parent : v.region, id);
}

void Simplifier::one(OpId id, Known &known, Shared &shared) {
    Op &op = f.ops[id];
    for (ValueId &operand : op.operands) operand = replacements.find(operand);
    forgetOwners(op, known);
    switch (op.code) {
    case OpCode::Slot: return void(known.erase(op.result.raw));
    case OpCode::Store:
        if (plain[op.operands[0].raw]) known[op.operands[0].raw] = op.operands[1];
        if (OpId made = f.values[op.operands[1]].op;
            made.valid() && f.ops[made].code == OpCode::Array && rootOf(op.operands[0]).valid())
            known[kArray | op.operands[0].raw] = op.operands[1];
        return;
    case OpCode::View:
        if (forwardView(id, known)) return;
        break;
    case OpCode::Extent:
        if (auto found = arrays.find(op.operands[0].raw); found != arrays.end())
            return replace(id, f.ops[found->second].operands[static_cast<size_t>(op.integer(AttrKey::Dim))]);
        break;
    case OpCode::Load:
        if (!plain[op.operands[0].raw]) return;
        if (auto found = known.find(op.operands[0].raw); found != known.end())
            replace(id, found->second);
        else
            known[op.operands[0].raw] = op.result;
        return;
    case OpCode::Check:
        if (auto value = constant(op.operands[0]); value && *value) return drop(id);
        // What was checked once is true from then on.
        if (!shared.try_emplace("check " + std::to_string(op.operands[0].raw), op.operands[0]).second) drop(id);
        return;
    case OpCode::If: return branch(id, known, shared);
    default: break;
    }
    if (!op.regions.empty()) return nested(id, known, shared);
    if (!op.result.valid()) return;
    if (fold(id)) return;
    share(id, shared);
}

std::optional<uint64_t> Simplifier::constant(ValueId value) const {
    OpId made = f.values[value].op;
    TypeKind kind = module.types.kind(f.type(value));
    if (!made.valid() || !isScalar(kind)) return std::nullopt;
    if (f.ops[made].code == OpCode::Zero) return 0;
    if (f.ops[made].code != OpCode::Const) return std::nullopt;
    return scalar::literalBits(kind, *f.ops[made].find(AttrKey::Value));
}

void Simplifier::branch(OpId id, Known &known, Shared &shared) {
    auto cond = constant(f.ops[id].operands[0]);
    if (!cond) return nested(id, known, shared);
    RegionId taken = f.region(id, *cond ? Role::Then : Role::Else);
    if (!taken.valid()) return drop(id);
    Op &op = f.ops[id];
    op.code = OpCode::Scope;
    op.operands.clear();
    op.regions = {taken};
    f.regions[taken].role = Role::Body;
    changed = true;
    nested(id, known, shared);
}

void Simplifier::replace(OpId id, ValueId by) {
    replacements.add(f.ops[id].result, replacements.find(by));
    drop(id);
}

void Simplifier::drop(OpId id) {
    removeOp(f, id);
    changed = true;
}

bool Simplifier::fold(OpId id) {
    Op &op = f.ops[id];
    if (op.code == OpCode::Select) {
        auto cond = constant(op.operands[0]);
        if (cond || op.operands[1] == op.operands[2]) return replace(id, op.operands[cond && !*cond ? 2 : 1]), true;
        return false;
    }
    if (op.code == OpCode::Get) return foldGet(id);
    if (op.operands.empty() || op.code > OpCode::Bits) return false;
    TypeKind from = module.types.kind(f.type(op.operands[0])), to = module.types.kind(f.type(op.result));
    if (!isScalar(from) || !isScalar(to)) return false;
    std::vector<uint64_t> values;
    for (ValueId operand : op.operands)
        if (auto value = constant(operand)) values.push_back(*value);
    if (values.size() == op.operands.size()) {
        auto result = scalar::evaluate(op.code, from, to, values);
        if (!result) return false;
        op.code = OpCode::Const;
        op.operands.clear();
        op.attrs = {{AttrKey::Value, scalar::literalOf(to, *result)}};
        return changed = true;
    }
    return isFloat(from) || isFloat(to) ? false : identity(id, from);
}

/// Integers and bool only.
bool Simplifier::identity(OpId id, TypeKind kind) {
    Op &op = f.ops[id];
    ValueId a = op.operands[0], b = op.operands.size() > 1 ? op.operands[1] : ValueId{};
    if (op.code == OpCode::Convert && f.type(a) == f.type(op.result)) return replace(id, a), true;
    if (op.code == OpCode::Not) {
        OpId made = f.values[a].op;
        if (made.valid() && f.ops[made].code == OpCode::Not) return replace(id, f.ops[made].operands[0]), true;
        return false;
    }
    if (!b.valid()) return false;
    auto x = constant(a), y = constant(b);
    uint64_t ones = scalar::withType(kind, [](auto tag) {
        using T = typename decltype(tag)::Type;
        if constexpr (scalar::kFloat<T>)
            return uint64_t{0};
        else if constexpr (scalar::kBool<T>)
            return uint64_t{1};
        else
            return scalar::toBits(static_cast<T>(~T{0}));
    });
    auto becomes = [&](ValueId value) { return replace(id, value), true; };
    switch (op.code) {
    case OpCode::Add:
    case OpCode::Or:
    case OpCode::Xor:
        if (y && *y == 0) return becomes(a);
        if (x && *x == 0) return becomes(b);
        return op.code == OpCode::Or && a == b ? becomes(a) : false;
    case OpCode::Sub:
    case OpCode::Shl:
    case OpCode::Shr: return y && *y == 0 ? becomes(a) : false;
    case OpCode::Mul:
        if (y && *y == 1) return becomes(a);
        if (x && *x == 1) return becomes(b);
        if ((y && *y == 0) || (x && *x == 0)) return becomes(y && *y == 0 ? b : a);
        return false;
    case OpCode::Div: return y && *y == 1 ? becomes(a) : false;
    case OpCode::And:
        if (y && *y == ones) return becomes(a);
        if (x && *x == ones) return becomes(b);
        if ((y && *y == 0) || (x && *x == 0)) return becomes(y && *y == 0 ? b : a);
        return a == b ? becomes(a) : false;
    case OpCode::Min:
    case OpCode::Max: return a == b ? becomes(a) : false;
    case OpCode::Eq:
    case OpCode::Le: return a == b ? decided(id, true) : false;
    case OpCode::Ne:
    case OpCode::Lt: return a == b ? decided(id, false) : false;
    default: return false;
    }
}

bool Simplifier::decided(OpId id, bool value) {
    Op &op = f.ops[id];
    op.code = OpCode::Const;
    op.operands.clear();
    op.attrs = {{AttrKey::Value, int64_t{value}}};
    return changed = true;
}

/// A field of an aggregate that was just built (of parts that own nothing).
bool Simplifier::foldGet(OpId id) {
    const Op &op = f.ops[id];
    OpId made = f.values[op.operands[0]].op;
    if (!made.valid() || module.types.owns(f.type(op.operands[0]))) return false;
    const Op &from = f.ops[made];
    auto number = op.integer(AttrKey::Field);
    if (from.code == OpCode::Tuple) return replace(id, from.operands[static_cast<size_t>(number)]), true;
    if (from.code == OpCode::With && from.integer(AttrKey::Field) == number) return replace(id, from.operands[1]), true;
    if (from.code == OpCode::With) {
        f.ops[id].operands[0] = from.operands[0];
        return changed = true;
    }
    return false;
}

/// The same pure op on the same operands gives the same value; a checked element that was reached once is in bounds.
void Simplifier::share(OpId id, Shared &shared) {
    const Op &op = f.ops[id];
    bool part =
        op.code == OpCode::Field && module.types.kind(module.types[f.type(op.operands[0])].elem) != TypeKind::Box;
    bool fits = isPure(op) || op.code == OpCode::Elem || part;
    bool owning = module.types.owns(f.type(op.result));
    if (!fits || owning || op.code == OpCode::Closure || op.code == OpCode::Slot) return;
    std::string key(1, static_cast<char>(op.code));
    auto append = [&](const auto &value) { key.append(reinterpret_cast<const char *>(&value), sizeof value); };
    append(f.type(op.result).raw);
    for (ValueId operand : op.operands) append(operand.raw);
    for (const Attr &attr : op.attrs) {
        key += static_cast<char>(attr.key);
        match(
            attr.value, [&](const int64_t &n) { append(n); }, [&](const double &d) { append(d); },
            [&](const std::string &text) {
                key += text;
                key += '\0';
            },
            [&](const std::vector<int64_t> &list) {
                for (int64_t n : list) append(n);
            });
    }
    auto [found, first] = shared.try_emplace(std::move(key), op.result);
    if (!first) replace(id, found->second);
}

void Simplifier::removeDead() {
    for (bool again = true; again;) {
        again = false;
        auto uses = countUses(f);
        // Slots that are only stored to.
        std::vector<bool> read(f.values.size(), false);
        forEachOp(f, f.body, [&](OpId id) {
            const Op &op = f.ops[id];
            for (size_t i = 0; i < op.operands.size(); ++i)
                if (op.code != OpCode::Store || i != 0) read[op.operands[i].raw] = true;
        });
        auto isDeadSlot = [&](ValueId value) {
            OpId made = f.values[value].op;
            return made.valid() && f.ops[made].code == OpCode::Slot && !read[value.raw] &&
                   !module.types.owns(module.types[f.type(value)].elem);
        };
        std::vector<OpId> dead;
        forEachOp(f, f.body, [&](OpId id) {
            const Op &op = f.ops[id];
            bool unused = op.result.valid() && uses[op.result.raw] == 0;
            bool reads = op.code == OpCode::Load || op.code == OpCode::Tag || op.code == OpCode::View ||
                         (op.code == OpCode::Field &&
                          module.types.kind(module.types[f.type(op.operands[0])].elem) != TypeKind::Box);
            if (unused && (isPure(op) || reads)) dead.push_back(id);
            if (op.code == OpCode::Store && isDeadSlot(op.operands[0])) dead.push_back(id);
            if (op.code == OpCode::Slot && unused && isDeadSlot(op.result)) dead.push_back(id);
        });
        for (OpId id : dead) {
            removeOp(f, id);
            again = changed = true;
        }
    }
}

void simplifyFunction(Module &module, FunctionId id) {
    for (int round = 0; round < 4; ++round)
        if (!Simplifier(module, id).run()) break;
}

void simplify(Module &module) {
    for (uint32_t i = 0; i < module.functions.size(); ++i) simplifyFunction(module, FunctionId(i));
}

} // namespace parlane::opt
