// Blocks, bindings, statements.
#include "compiler/lower/function_lowering.h"
#include "lang/access/children.h"
#include "lang/base/match.h"

namespace parlane::lower {

using pir::TypeKind;

ValueId FunctionLowering::block(hir::BlockId id) {
    const hir::Block &of = body.blocks[id];
    for (hir::StmtId stmt : of.stmts) {
        if (dead) return {};
        statement(stmt);
    }
    if (!of.value || dead) return {};
    return value(of.value);
}

void FunctionLowering::statement(hir::StmtId id) {
    const hir::Stmt &stmt = body.stmts[id];
    Located here(*this, stmt.span);
    bool keeps = false; // what a binding looks into lives as long as the binding
    if (auto *let = std::get_if<hir::Let>(&stmt.node)) {
        std::vector<hir::LocalId> bound;
        access::addBindings(body, let->pattern, bound);
        for (hir::LocalId local : bound) keeps = keeps || body.locals[local].storage != hir::Storage::Owned;
    }
    statementFrame([&] { match(stmt.node, [&](const auto &node) { lower(node); }); }, keeps);
}

void FunctionLowering::lower(const hir::ExprStmt &stmt) { discard(value(stmt.value)); }

// ---- bindings ---------------------------------------------------------------------------------------------------

/// Makes the local's slot (or its value, if it never changes and is small) and stores what it starts with.
void FunctionLowering::declare(hir::LocalId local, ValueId initial) {
    LocalBinding &binding = locals[local.raw];
    if (outer_slots.contains(local.raw)) {
        storeNew(binding.id, initial);
        return;
    }
    if (!initial.valid()) return;
    const hir::Local &about = body.locals[local];
    PType type = fn().type(initial);
    if (!about.is_mutable && isSmallPlain(types(), type)) {
        binding = {
            kindOf(initial) == TypeKind::View ? LocalBinding::Kind::View : LocalBinding::Kind::Value, initial, {}, {}};
        return;
    }
    ValueId ref = b.slot(type, nameOf(local));
    b.store(ref, initial);
    binding = {LocalBinding::Kind::Ref, ref, {}, {}};
}

/// A slot for a local that is bound in a region inside and used behind it, unless a construct around has made one.
void FunctionLowering::declareOuter(hir::LocalId local) {
    HType type = concrete(body.locals[local].type);
    if (all.isUnit(type) || outer_slots.contains(local.raw)) return;
    PType held = all.type(type);
    bool alias = body.locals[local].storage != hir::Storage::Owned && types().kind(held) != TypeKind::View &&
                 !isSmallPlain(types(), held);
    if (alias) held = types().ref(held);
    locals[local.raw] = {LocalBinding::Kind::Ref, b.slot(held, nameOf(local)), {}, {}};
    outer_slots.insert(local.raw);
}

std::vector<hir::LocalId> FunctionLowering::boundBy(const hir::Block &of) {
    std::vector<hir::LocalId> out;
    for (hir::StmtId id : of.stmts) {
        const hir::StmtNode &node = body.stmts[id].node;
        if (auto *let = std::get_if<hir::Let>(&node)) access::addBindings(body, let->pattern, out);
        if (auto *declared = std::get_if<hir::Declare>(&node)) out.push_back(declared->local);
        auto *stmt = std::get_if<hir::ExprStmt>(&node);
        auto *invoke = stmt ? std::get_if<hir::InvokeExpr>(&body.exprs[stmt->value].node) : nullptr;
        if (!invoke) continue;
        for (hir::BlockId branch_block : body.invokes[invoke->invoke].branches)
            for (hir::LocalId local : boundBy(body.blocks[branch_block])) out.push_back(local);
    }
    return out;
}

void FunctionLowering::lower(const hir::Declare &declared) {
    HType type = concrete(body.locals[declared.local].type);
    if (all.isUnit(type)) return;
    if (outer_slots.contains(declared.local.raw)) return;
    ValueId ref = b.slot(all.type(type), nameOf(declared.local));
    locals[declared.local.raw] = {LocalBinding::Kind::Ref, ref, {}, {}};
}

void FunctionLowering::lower(const hir::Let &let) {
    auto *single = std::get_if<hir::BindPattern>(&body.patterns[let.pattern].node);
    if (single && !let.otherwise) {
        const hir::Local &local = body.locals[single->local];
        if (local.storage != hir::Storage::Owned) {
            // A view or a place of somebody else.
            Subject of = subject(let.init);
            if (!dead) bindLocal(single->local, of);
            return;
        }
        ValueId made = value(let.init);
        if (!dead) declare(single->local, made);
        return;
    }
    Subject of = subject(let.init);
    if (dead) return;
    if (let.otherwise) {
        ValueId fits = test(let.pattern, of);
        when(b.unary(OpCode::Not, fits), [&] { discard(block(let.otherwise)); });
    }
    bind(let.pattern, of);
}

} // namespace parlane::lower
