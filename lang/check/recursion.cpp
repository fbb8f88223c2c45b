// Types that would contain themselves by value.
#include "lang/base/match.h"
#include "lang/check/context.h"

#include <algorithm>
#include <map>
#include <set>

namespace parlane::check {

namespace {

/// Follows what a struct or enum holds by value; arrays of variable length and boxes end the walk.
class RecursionFinder {
public:
    explicit RecursionFinder(Context &c) : c(c) {}

    void start(TypeId type, Span span, NameId name) {
        target = type;
        seen.clear();
        steps = 0;
        if (!reaches(type, true)) return;
        c.emitter.report(Code::RecursiveType, span, c.text(name))
            .why("a value of it would hold a value of it, without end")
            .fix("put `Box<" + c.text(name) + ">` or an array in between");
    }

private:
    bool reachesAny(const std::vector<TypeId> &types) {
        return std::ranges::any_of(types, [&](TypeId t) { return reaches(t, false); });
    }

    bool nominal(TypeId type, bool first, const std::vector<TypeId> &parts) {
        if (!first && sameDecl(type)) return true;
        if (!first && !seen.insert(type).second) return false;
        // Type arguments that grow on the way would never repeat.
        if (++steps > 2000) return true;
        return reachesAny(parts);
    }

    bool sameDecl(TypeId type) const {
        const auto *a = c.types().as<types::StructType>(type), *b = c.types().as<types::StructType>(target);
        if (a && b) return a->decl == b->decl;
        const auto *d = c.types().as<types::EnumType>(type), *e = c.types().as<types::EnumType>(target);
        return d && e && d->decl == e->decl;
    }

    bool reaches(TypeId id, bool first) {
        const types::Type type = c.types()[id];
        return match(
            type, [&](const types::FixedType &t) { return reaches(t.elem, false); },
            [&](const types::TupleType &t) { return reachesAny(t.elems); },
            [&](const types::OptionalType &t) { return reaches(t.value, false); },
            [&](const types::StructType &t) {
                if (!first && sameDecl(id)) return true;
                std::vector<TypeId> parts;
                for (uint32_t i = 0; i < c.types().info(t.decl).fields.size(); ++i)
                    parts.push_back(c.types().fieldType(id, i));
                return nominal(id, first, parts);
            },
            [&](const types::EnumType &t) {
                if (!first && sameDecl(id)) return true;
                std::vector<TypeId> parts;
                for (uint32_t k = 0; k < c.types().info(t.decl).cases.size(); ++k)
                    for (uint32_t i = 0; i < c.types().info(t.decl).cases[k].payload.size(); ++i)
                        parts.push_back(c.types().payloadType(id, k, i));
                return nominal(id, first, parts);
            },
            [&](const auto &) { return false; });
    }

    Context &c;
    TypeId target;
    std::set<TypeId> seen;
    int steps = 0;
};

/// Whether the types inside, through arrays and boxes too, never come to an end: `struct T<X> { next: Box<T<X[]>> }`.
bool neverEnds(Context &c, TypeId start) {
    constexpr int kMany = 1000; ///< instances of one declaration
    std::map<std::pair<bool, uint32_t>, int> instances;
    std::set<TypeId> seen{start};
    std::vector<TypeId> open{start};
    auto visit = [&](TypeId id) {
        if (seen.insert(id).second) open.push_back(id);
    };
    while (!open.empty()) {
        const TypeId id = open.back();
        open.pop_back();
        const types::Type type = c.types()[id];
        const auto *s = std::get_if<types::StructType>(&type);
        const auto *e = std::get_if<types::EnumType>(&type);
        if ((s && ++instances[{true, s->decl.raw}] > kMany) ||
            (e && ++instances[{false, e->decl.raw}] > kMany)) return true;
        match(
            type, [&](const types::ArrayType &t) { visit(t.elem); }, [&](const types::FixedType &t) { visit(t.elem); },
            [&](const types::OptionalType &t) { visit(t.value); }, [&](const types::BoxType &t) { visit(t.value); },
            [&](const types::TupleType &t) { std::ranges::for_each(t.elems, visit); },
            [&](const types::StructType &t) {
                for (uint32_t i = 0; i < c.types().info(t.decl).fields.size(); ++i) visit(c.types().fieldType(id, i));
            },
            [&](const types::EnumType &t) {
                for (uint32_t k = 0; k < c.types().info(t.decl).cases.size(); ++k)
                    for (uint32_t i = 0; i < c.types().info(t.decl).cases[k].payload.size(); ++i)
                        visit(c.types().payloadType(id, k, i));
            },
            [&](const auto &) {});
    }
    return false;
}

std::vector<TypeId> ownParams(Context &c, const std::vector<ParamId> &params) {
    std::vector<TypeId> args;
    for (ParamId p : params) args.push_back(c.types().param(p));
    return args;
}

} // namespace

void Context::finishTypes() {
    RecursionFinder finder(*this);
    const uint32_t before = emitter.errorCount();
    for (uint32_t i = 0; i < structs.size(); ++i) {
        const types::StructInfo &info = types().info(StructId(i));
        finder.start(types().structure(StructId(i), ownParams(*this, info.params)), info.span, info.name);
    }
    for (uint32_t i = 0; i < enums.size(); ++i) {
        const types::EnumInfo &info = types().info(EnumId(i));
        finder.start(types().enumeration(EnumId(i), ownParams(*this, info.params)), info.span, info.name);
    }
    // A recursive type has no copies, no zero, no layout: nothing later may walk into it.
    if (emitter.errorCount() != before) {
        for (uint32_t i = 0; i < structs.size(); ++i)
            for (types::FieldInfo &field : types().info(StructId(i)).fields)
                if (types().isGeneric(field.type) || !types().scalarOf(field.type)) field.type = types().error;
        for (uint32_t i = 0; i < enums.size(); ++i)
            for (types::CaseInfo &one : types().info(EnumId(i)).cases)
                for (TypeId &part : one.payload) part = types().error;
    }
    if (emitter.errorCount() == before) {
        auto grows = [&](TypeId type, Span span, NameId name) {
            if (neverEnds(*this, type))
                emitter.report(Code::GrowingType, span, text(name))
                    .why("its fields need one more type each time, without end");
        };
        for (uint32_t i = 0; i < structs.size(); ++i) {
            const types::StructInfo &info = types().info(StructId(i));
            grows(types().structure(StructId(i), ownParams(*this, info.params)), info.span, info.name);
        }
        for (uint32_t i = 0; i < enums.size(); ++i) {
            const types::EnumInfo &info = types().info(EnumId(i));
            grows(types().enumeration(EnumId(i), ownParams(*this, info.params)), info.span, info.name);
        }
    }
    types_complete = true;
    for (const Pending &wait : std::vector<Pending>(std::move(pending))) checkConstraint(wait.argument, wait.param,
        wait.span);
}

} // namespace parlane::check
