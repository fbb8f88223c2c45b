// A body's frames, scopes and locals.
#include "lang/check/body.h"

#include <algorithm>

namespace parlane::check {

void BodyChecker::pushFrame(Frame frame) {
    frame.scope_base = scopes.size();
    frame.region_base = regions.size();
    frames.push_back(std::move(frame));
}

Frame BodyChecker::popFrame() {
    Frame frame = std::move(frames.back());
    frames.pop_back();
    return frame;
}

bool BodyChecker::isList(TypeId type) const {
    const auto *s = c.program.types.as<types::StructType>(type);
    return s && s->decl == c.program.list_struct;
}

TypeId BodyChecker::optionalValue(TypeId type) const {
    const auto *o = type.valid() ? c.program.types.as<types::OptionalType>(type) : nullptr;
    return o ? o->value : TypeId();
}

void BodyChecker::declare(NameId name, LocalId local, Span span) {
    if (!name.valid()) return;
    if (LocalId first = scopes.back().find(name); first.valid())
        report(Code::DeclaredTwice, span, text(name))
            .label(body.locals[first].span, "the first one")
            .fix("use another name");
    scopes.back().add(name, local);
}

LocalId BodyChecker::addLocal(ast::Name name, TypeId type, hir::LocalKind kind, hir::Storage storage, bool is_mutable) {
    LocalId id = body.locals.add({name.id, type, name.span, kind, storage, is_mutable});
    declare(name.id, id, name.span);
    return id;
}

/// The nearest local of that name; notes what closures around capture. Constants and defaults see none.
LocalId BodyChecker::findLocal(NameId name, Span use) {
    const size_t lowest = !frames.empty() && frames.back().is_const ? frames.back().scope_base : 0;
    for (size_t i = scopes.size(); i-- > lowest;) {
        const LocalId local = scopes[i].find(name);
        if (!local.valid()) continue;
        for (Frame &f : frames) {
            if (!f.is_closure || f.scope_base <= i) continue;
            auto known = std::ranges::find(f.captures, local, &hir::Capture::local);
            if (known == f.captures.end()) f.captures.push_back({local, false, use, {}});
        }
        return local;
    }
    return {};
}

void BodyChecker::noteWrite(LocalId local, Span span) {
    for (Frame &f : frames)
        for (hir::Capture &capture : f.captures)
            if (capture.local == local && !capture.writes) capture.writes = true, capture.first_write = span;
}

void BodyChecker::function(FunctionId id) {
    hir::Function &f = c.program.functions[id];
    const FunctionData &data = c.functions[id.raw];
    Frame frame;
    frame.result = f.result;
    frame.throws = f.throws;
    frame.error_type = f.error_type;
    frame.head = f.name_span;
    pushFrame(std::move(frame));
    pushScope();
    for (hir::Param &param : f.params) {
        const bool owned = param.mode == Mode::Sink, exclusive = param.mode == Mode::Inout;
        const auto storage = owned ? hir::Storage::Owned : exclusive ? hir::Storage::Exclusive : hir::Storage::Alias;
        LocalId local = body.locals.add({param.name, param.type, param.span, hir::LocalKind::Param, storage, owned ||
            exclusive});
        if (param.name.valid()) scopes.back().add(param.name, local);
        param.local = local;
    }
    if (f.kind == hir::FunctionKind::Script) {
        hir::Block root;
        root.type = types().unit;
        root.span = f.span;
        statements(root, module->script, Want::Discard, {});
        body.root = body.blocks.add(std::move(root));
    } else {
        const ast::BlockId written = data.item ? data.item->body : data.block;
        const bool gives = f.result != types().unit;
        body.root = block(written, gives ? Want::Value : Want::Discard, gives ? f.result : TypeId(), false);
        if (gives) {
            const hir::Block &root = body.blocks[body.root];
            const Span end = root.stmts.empty() ? root.span : body.stmts[root.stmts.back()].span;
            if (root.type == types().unit && !isError(f.result))
                report(Code::MissingResult, f.name_span, text(f.name), text(f.result))
                    .label(end, "the body ends here without a value")
                    .why("every path through a function with a result gives one");
            else finishBlock(body.root, f.result);
        }
    }
    popScope();
    popFrame();
}

TypeId BodyChecker::constant(ast::ExprId value, TypeId wanted) {
    Frame frame;
    frame.is_const = true;
    frame.result = types().error;
    pushFrame(std::move(frame));
    pushScope();
    ExprId e = wanted.valid() ? ownedAs(value, wanted) : consume(expr(value));
    popScope();
    popFrame();
    hir::Block root;
    root.value = e;
    root.type = typeOf(e);
    root.span = spanOf(e);
    body.root = body.blocks.add(std::move(root));
    return typeOf(e);
}

} // namespace parlane::check
