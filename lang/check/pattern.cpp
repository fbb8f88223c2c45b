// Patterns against the type of what they match.
#include "lang/base/match.h"
#include "lang/check/body.h"

namespace parlane::check {

Subject BodyChecker::part(const Subject &subject, TypeId type) const {
    Subject result = subject;
    result.type = type;
    return result;
}

/// What `match`, `if let` and `let … else` look at: parts of a place are aliased, a temporary gives its parts away.
Subject BodyChecker::subjectOf(ExprId value) const {
    return {typeOf(value), isPlace(value), false, hir::LocalKind::Pattern, false, spanOf(value), value};
}

void BodyChecker::declareBroken(ast::PatternId id) {
    if (!id.valid()) return;
    match(
        tree()[id].node,
        [&](const ast::BindPattern &p) {
            if (p.name.valid()) addLocal(p.name, types().error, hir::LocalKind::Let, hir::Storage::Owned, true);
        },
        [&](const ast::TuplePattern &p) {
            for (ast::PatternId part : p.parts) declareBroken(part);
        },
        [&](const ast::CasePattern &p) {
            for (ast::PatternId part : p.parts) declareBroken(part);
        },
        [&](const auto &) {});
}

bool BodyChecker::isIrrefutable(PatternId id) const {
    if (!id.valid()) return true;
    const hir::Pattern &p = body.patterns[id];
    auto all = [&](const std::vector<PatternId> &ids) {
        for (PatternId one : ids)
            if (!isIrrefutable(one)) return false;
        return true;
    };
    return match(
        p.node, [](const hir::WildPattern &) { return true; }, [](const hir::BindPattern &) { return true; },
        [&](const hir::TuplePattern &n) { return all(n.elems); },
        [&](const hir::CasePattern &n) {
            const auto *e = c.program.types.as<types::EnumType>(p.type);
            return e && c.program.types.info(e->decl).cases.size() == 1 && all(n.payload);
        },
        [](const auto &) { return false; });
}

PatternId BodyChecker::pattern(ast::PatternId id, const Subject &subject) {
    const ast::Pattern &p = tree()[id];
    // A test of the value of an optional: `5`, `lo..hi`, `Circle(r)`, `(a, b)`.
    const TypeId inner = optionalValue(subject.type);
    const auto *literal = std::get_if<ast::LiteralPattern>(&p.node);
    const bool is_none = literal && literal->value.valid() &&
        std::holds_alternative<ast::NoneLiteral>(tree()[literal->value].node);
    const bool plain = std::holds_alternative<ast::WildcardPattern>(p.node) ||
        std::holds_alternative<ast::BindPattern>(p.node) ||
                       std::holds_alternative<ast::AlternativesPattern>(p.node) ||
                           std::holds_alternative<ast::ErrorPattern>(p.node);
    if (inner.valid() && !plain && !is_none) {
        PatternId value = pattern(id, part(subject, inner));
        return addPattern(subject.type, p.span, hir::SomePattern{value});
    }
    return match(
        p.node, [&](const ast::WildcardPattern &) { return addPattern(subject.type, p.span, hir::WildPattern{}); },
        [&](const ast::BindPattern &n) { return bindPattern(n, subject, p.span); },
        [&](const ast::LiteralPattern &n) { return literalPattern(n, subject, p.span); },
        [&](const ast::RangePattern &n) { return rangePattern(n, subject, p.span); },
        [&](const ast::TuplePattern &n) { return tuplePattern(n, subject, p.span); },
        [&](const ast::CasePattern &n) { return casePattern(n.path, n.parts, subject, p.span); },
        // Alternatives stand directly in an arm, which takes them apart.
        [&](const ast::AlternativesPattern &) { return addPattern(types().error, p.span, hir::WildPattern{}); },
        [&](const ast::ErrorPattern &) { return addPattern(types().error, p.span, hir::WildPattern{}); });
}

PatternId BodyChecker::bindPattern(const ast::BindPattern &p, const Subject &subject, Span span) {
    TypeId matched = subject.type;
    if (TypeId inner = optionalValue(matched); inner.valid()) matched = inner;
    if (const auto *e = types().as<types::EnumType>(matched); e && !p.exclusive && caseIndex(e->decl, p.name.id))
        return casePattern({p.name}, {}, subject, span);
    hir::Storage storage = hir::Storage::Owned;
    if (p.exclusive) {
        const bool place = !subject.writable && subject.value.valid() && isPlace(subject.value);
        if (place) {
            const bool writes = requireWritable(subject.value, subject.span, "bound with `&`");
            storage = writes ? hir::Storage::Exclusive : hir::Storage::Alias;
        } else if (!subject.writable) {
            report(Code::PatternNotWritable, span, text(p.name.id))
                .label(subject.span, "this gives no exclusive access")
                .why("`&` in a pattern binds a part of a variable that may be written, or an element of what is passed "
                     "with `&`");
            storage = hir::Storage::Alias;
        } else storage = hir::Storage::Exclusive;
    } else if (subject.place && (types().is<types::ViewType>(subject.type) || !types().isCopy(subject.type))) storage =
        hir::Storage::Alias;
    const bool is_mutable = storage == hir::Storage::Exclusive || (subject.is_var && storage == hir::Storage::Owned);
    LocalId local = addLocal(p.name, subject.type, subject.kind, storage, is_mutable);
    return addPattern(subject.type, span, hir::BindPattern{local});
}

PatternId BodyChecker::literalPattern(const ast::LiteralPattern &p, const Subject &subject, Span span) {
    if (p.value.valid() && std::holds_alternative<ast::NoneLiteral>(tree()[p.value].node)) {
        if (optionalValue(subject.type).valid()) return addPattern(subject.type, span, hir::NonePattern{});
        if (!isError(subject.type)) report(Code::PatternType, span, "none", text(subject.type));
        return addPattern(types().error, span, hir::WildPattern{});
    }
    ExprId value = expr(p.value, subject.type);
    if (isError(value) || isError(subject.type)) return addPattern(types().error, span, hir::WildPattern{});
    if (typeOf(value) != subject.type) {
        report(Code::PatternType, span, text(typeOf(value)), text(subject.type))
            .label(subject.span, "of type `" + text(subject.type) + "`");
        return addPattern(types().error, span, hir::WildPattern{});
    }
    return addPattern(subject.type, span, hir::LiteralPattern{value});
}

PatternId BodyChecker::rangePattern(const ast::RangePattern &p, const Subject &subject, Span span) {
    hir::RangePattern node{{}, {}, p.inclusive};
    bool broken = isError(subject.type);
    if (!broken && !types().satisfies(subject.type, types::Constraint::Number)) {
        report(Code::PatternType, span, "a range", text(subject.type))
            .label(subject.span, "of type `" + text(subject.type) + "`");
        broken = true;
    }
    auto end = [&](ast::ExprId id) {
        ExprId value = expr(id, broken ? TypeId() : subject.type);
        if (isError(value)) broken = true;
        else if (!broken && typeOf(value) != subject.type) {
            report(Code::PatternType, spanOf(value), text(typeOf(value)), text(subject.type));
            broken = true;
        }
        return value;
    };
    if (p.lo.valid()) node.lo = end(p.lo);
    if (p.hi.valid()) node.hi = end(p.hi);
    if (broken) return addPattern(types().error, span, hir::WildPattern{});
    return addPattern(subject.type, span, node);
}

PatternId BodyChecker::tuplePattern(const ast::TuplePattern &p, const Subject &subject, Span span) {
    const auto *t = types().as<types::TupleType>(subject.type);
    if (!t || t->elems.size() != p.parts.size()) {
        if (!isError(subject.type))
            report(Code::PatternType, span, std::to_string(p.parts.size()) + " parts", text(subject.type))
                .label(subject.span, "of type `" + text(subject.type) + "`");
        for (ast::PatternId part : p.parts) declareBroken(part);
        return addPattern(types().error, span, hir::WildPattern{});
    }
    const std::vector<TypeId> elems = t->elems;
    hir::TuplePattern node;
    for (size_t i = 0; i < elems.size(); ++i) node.elems.push_back(pattern(p.parts[i], part(subject, elems[i])));
    return addPattern(subject.type, span, std::move(node));
}

PatternId BodyChecker::casePattern(const std::vector<ast::Name> &path, const std::vector<ast::PatternId> &parts,
    const Subject &subject,
                                   Span span) {
    auto broken = [&] {
        for (ast::PatternId one : parts) declareBroken(one);
        return addPattern(types().error, span, hir::WildPattern{});
    };
    if (isError(subject.type)) return broken();
    if (TypeId inner = optionalValue(subject.type); inner.valid()) {
        PatternId value = casePattern(path, parts, part(subject, inner), span);
        return addPattern(subject.type, span, hir::SomePattern{value});
    }
    const ast::Name &name = path.back();
    const auto *e = types().as<types::EnumType>(subject.type);
    if (!e) {
        report(Code::PatternType, span, text(name.id), text(subject.type))
            .label(subject.span, "of type `" + text(subject.type) + "`");
        return broken();
    }
    const EnumId decl = e->decl;
    auto index = caseIndex(decl, name.id);
    const bool other = path.size() > 1 && path[path.size() - 2].id != types().info(decl).name;
    if (!index || other) {
        const ast::Name &wrong = other ? path[path.size() - 2] : name;
        std::vector<NameId> candidates;
        for (const types::CaseInfo &one : types().info(decl).cases) candidates.push_back(one.name);
        auto problem = report(Code::UnknownCase, wrong.span, text(subject.type), text(wrong.id));
        problem.label(types().info(decl).span, "declared here");
        if (std::string near = c.similar(name.id, candidates); !near.empty() && !other) problem
            .fix("did you mean `" + near + "`?", {{name.span, near}});
        return broken();
    }
    const size_t count = types().info(decl).cases[*index].payload.size();
    if (parts.size() != count) {
        report(Code::CaseParts, span, text(name.id), count, parts.size())
            .label(types().info(decl).cases[*index].span, "declared here");
        return broken();
    }
    hir::CasePattern node{*index, {}};
    for (uint32_t i = 0; i < count; ++i) node.payload.push_back(pattern(parts[i],
        part(subject, types().payloadType(subject.type, *index, i))));
    return addPattern(subject.type, span, std::move(node));
}

/// The pattern of `if let`, `while let`, `let … else`: against the value of an optional, or any refutable one.
PatternId BodyChecker::conditionPattern(ast::PatternId id, ExprId &value) {
    const TypeId type = typeOf(value);
    if (isError(type)) {
        declareBroken(id);
        return {};
    }
    const Subject subject = subjectOf(value);
    const TypeId inner = optionalValue(type);
    const auto *literal = std::get_if<ast::LiteralPattern>(&tree()[id].node);
    const bool is_none = literal && std::holds_alternative<ast::NoneLiteral>(tree()[literal->value].node);
    if (inner.valid() && !is_none) {
        PatternId p = pattern(id, part(subject, inner));
        return addPattern(type, tree()[id].span, hir::SomePattern{p});
    }
    PatternId p = pattern(id, subject);
    const bool plain = std::holds_alternative<hir::BindPattern>(body.patterns[p].node) ||
        std::holds_alternative<hir::WildPattern>(body.patterns[p].node);
    if (plain && !isError(body.patterns[p].type))
        report(Code::NotAnOptional, spanOf(value), text(type), "if let").why("the pattern always fits");
    return p;
}

} // namespace parlane::check
