// `x.name`, `t.0`, `a[…]`.
#include "lang/check/body.h"

namespace parlane::check {

ExprId BodyChecker::member(const ast::MemberExpr &e, Span span, TypeId hint) {
    if (ModuleId target = moduleNamed(e.base); target.valid()) {
        NameEntry entry = c.lookupIn(target, e.name.id, e.name.span);
        if (entry.constant.valid()) return constantRef(entry.constant, span);
        if (!entry.functions.empty() && hint.valid() && types().is<types::FnType>(hint))
            return functionValue(entry.functions, e.name, hint);
        if (!entry.functions.empty()) report(Code::FunctionAsValue, span, text(e.name.id))
            .fix("call it: `" + text(e.name.id) + "(…)`");
        else if (entry.hasType()) report(Code::TypeAsValue, span);
        return errorExpr(span);
    }
    NameEntry entry;
    std::vector<TypeId> args;
    Span base_span;
    if (typeNamed(e.base, entry, args, base_span)) {
        if (!entry.enumeration.valid()) {
            report(Code::NoSuchMember, e.name.span, text(types().info(entry.structure).name), text(e.name.id));
            return errorExpr(span);
        }
        auto index = caseIndex(entry.enumeration, e.name.id);
        if (!index) {
            auto problem = report(Code::UnknownCase, e.name.span, text(types().info(entry.enumeration).name),
                text(e.name.id));
            problem.label(types().info(entry.enumeration).span, "declared here");
            return errorExpr(span);
        }
        Inference inference(c, types().info(entry.enumeration).params);
        for (size_t i = 0; i < args.size() && i < inference.bound.size(); ++i) inference.bound[i] = args[i];
        return constructCase(entry.enumeration, *index, inference, nullptr, span, hint);
    }
    return valueMember(expr(e.base), e.name, span);
}

ExprId BodyChecker::valueMember(ExprId base, const ast::Name &name, Span span) {
    const TypeId type = typeOf(base);
    if (isError(type)) return errorExpr(span);
    if (types().is<types::StructType>(type)) return field(base, name, span);
    if (types().rankOf(type) > 0) return arrayMember(base, name, span);
    if (type == types().str) {
        if (name.id == c.known.len) return add(types().i64, span, hir::Extent{base, 0});
        if (name.id == c.known.bytes) return add(types().view(types().u8, 1), span, hir::StrBytes{base});
    }
    if (const auto *b = types().as<types::BoxType>(type); b && name.id == c.known.value) return add(b->value, span,
        hir::BoxValue{base});
    auto problem = report(Code::NoSuchMember, name.span, text(type), text(name.id));
    if (optionalValue(type).valid()) problem.fix("take the value out first: `!`, `??` or `if let`");
    else if (!c.lookup(*module, name.id, {}).functions.empty()) problem
        .fix("a call needs its parentheses: `." + text(name.id) + "()`");
    return errorExpr(span);
}

ExprId BodyChecker::field(ExprId base, const ast::Name &name, Span span) {
    const TypeId type = typeOf(base);
    const auto *s = types().as<types::StructType>(type);
    const StructId decl = s->decl;
    const types::StructInfo &info = types().info(decl);
    for (uint32_t i = 0; i < info.fields.size(); ++i) {
        if (info.fields[i].name != name.id) continue;
        const StructData &data = c.structs[decl.raw];
        if (info.fields[i].is_private && data.module != module->id)
            report(Code::PrivateField, name.span, text(name.id), text(info.name))
                .label(info.fields[i].span, "declared `private` here");
        const TypeId field_type = types().fieldType(type, i);
        return isError(field_type) ? errorExpr(span) : add(field_type, span, hir::Field{base, i});
    }
    std::vector<NameId> candidates;
    for (const types::FieldInfo &f : info.fields) candidates.push_back(f.name);
    auto problem = report(Code::NoSuchMember, name.span, text(type), text(name.id));
    problem.label(info.span, "declared here");
    if (std::string near = c.similar(name.id, candidates); !near.empty()) problem
        .fix("did you mean `" + near + "`?", {{name.span, near}});
    else if (!c.lookup(*module, name.id, {}).functions.empty() || !c.functionsOf(*module, type, name.id).empty())
        problem.fix("a call needs its parentheses: `." + text(name.id) + "()`");
    return errorExpr(span);
}

ExprId BodyChecker::reshape(ExprId base, std::vector<ExprId> extents, Span span, int rank) {
    const TypeId elem = types().elemOf(typeOf(base));
    return add(types().view(elem, rank), span, hir::Reshape{base, std::move(extents)});
}

ExprId BodyChecker::arrayMember(ExprId base, const ast::Name &name, Span span) {
    const TypeId type = typeOf(base);
    const int rank = types().rankOf(type);
    auto extent = [&](int dim) { return add(types().i64, span, hir::Extent{base, dim}); };
    if (name.id == c.known.len) return extent(rank == 1 ? 0 : hir::Extent::kAll);
    if (rank == 2 && name.id == c.known.rows) return extent(0);
    if (rank == 2 && name.id == c.known.cols) return extent(1);
    if (name.id == c.known.flat) return reshape(base, {}, span, 1);
    if (name.id == c.known.shape) {
        if (rank == 1) return extent(0);
        hir::Tuple shape;
        std::vector<TypeId> elems(static_cast<size_t>(rank), types().i64);
        for (int dim = 0; dim < rank; ++dim) shape.elems.push_back(extent(dim));
        return add(types().tuple(std::move(elems)), span, std::move(shape));
    }
    auto problem = report(Code::NoSuchMember, name.span, text(type), text(name.id));
    if (!c.lookup(*module, name.id, {}).functions.empty()) problem
        .fix("a call needs its parentheses: `." + text(name.id) + "()`");
    else if (rank == 1) problem.why("an array of rank 1 has `len`, `shape`, `flat`");
    else if (rank == 2) problem.why("an array of rank 2 has `rows`, `cols`, `len`, `shape`, `flat`");
    return errorExpr(span);
}

ExprId BodyChecker::tupleMember(const ast::TupleMemberExpr &e, Span span) {
    ExprId base = expr(e.base);
    if (isError(base)) return base;
    const auto *t = types().as<types::TupleType>(typeOf(base));
    if (t && e.index < t->elems.size()) return add(t->elems[e.index], span, hir::Field{base, e.index});
    report(Code::NoSuchMember, span, text(typeOf(base)), e.index);
    return errorExpr(span);
}

std::optional<hir::IndexArg> BodyChecker::indexArg(ast::ExprId id) {
    const auto *range = std::get_if<ast::RangeExpr>(&tree()[id].node);
    hir::IndexArg arg;
    if (!range) {
        arg.index = integer(id);
        if (isError(arg.index)) return std::nullopt;
        return arg;
    }
    if (range->step.valid()) {
        report(Code::StepInSlice, tree()[range->step].span)
            .why("the innermost dimension of a view is always contiguous");
        return std::nullopt;
    }
    arg.inclusive = range->inclusive;
    if (range->lo.valid()) arg.lo = integer(range->lo);
    if (range->hi.valid()) arg.hi = integer(range->hi);
    if ((arg.lo.valid() && isError(arg.lo)) || (arg.hi.valid() && isError(arg.hi))) return std::nullopt;
    return arg;
}

ExprId BodyChecker::indexString(ExprId base, const ast::IndexExpr &e, Span span) {
    std::optional<hir::IndexArg> arg;
    if (e.indices.size() == 1) arg = indexArg(e.indices[0]);
    if (!arg) return errorExpr(span);
    if (!arg->isRange()) {
        report(Code::StrIndex, span).why("a str is text, not a row of bytes")
            .fix("its bytes are `s.bytes[i]`, its code points `for c in s`");
        return errorExpr(span);
    }
    return add(types().str, span, hir::StrSlice{base, *arg});
}

ExprId BodyChecker::index(const ast::IndexExpr &e, Span span) {
    NameEntry entry;
    std::vector<TypeId> args;
    Span base_span;
    if (typeNamed(e.base, entry, args, base_span)) {
        report(Code::TypeAsValue, span).fix("a value of it is made by a call: `T[n]()`");
        return errorExpr(span);
    }
    ExprId base = expr(e.base);
    if (isError(base)) {
        for (ast::ExprId i : e.indices)
            if (!std::holds_alternative<ast::RangeExpr>(tree()[i].node)) expr(i);
        return base;
    }
    if (typeOf(base) == types().str) return indexString(base, e, span);
    base = isList(typeOf(base)) ? toView(base) : base;
    const TypeId type = typeOf(base);
    const int rank = types().rankOf(type);
    if (rank == 0) {
        auto problem = report(Code::NotIndexable, spanOf(base), text(type));
        if (optionalValue(type).valid()) problem.fix("take the value out first: `!`");
        else if (types().is<types::TupleType>(type)) problem.fix("parts of a tuple are `t.0`, `t.1`, …");
        return errorExpr(span);
    }
    hir::Index node{base, {}};
    int ranges = 0;
    bool broken = false;
    for (ast::ExprId i : e.indices) {
        auto arg = indexArg(i);
        broken |= !arg;
        if (!arg) continue;
        ranges += arg->isRange();
        node.args.push_back(*arg);
    }
    if (broken) return errorExpr(span);
    if (static_cast<int>(node.args.size()) != rank) {
        report(Code::IndexCount, span, rank, node.args.size()).label(spanOf(base), "of type `" + text(type) + "`");
        return errorExpr(span);
    }
    const TypeId elem = types().elemOf(type);
    if (ranges == 0) return add(elem, span, std::move(node));
    if (!node.args.back().isRange()) {
        report(Code::ColumnSlice, span)
            .why("the innermost dimension of a view is always contiguous")
            .fix("copy the column: `m.column(j)`, or index its elements one by one");
        return errorExpr(span);
    }
    return add(types().view(elem, ranges), span, std::move(node));
}

} // namespace parlane::check
