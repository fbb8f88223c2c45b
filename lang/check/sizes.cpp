// Instances of generic functions whose fixed arrays would have a negative or too large size: the definition cannot know.
#include "lang/base/match.h"
#include "lang/check/context.h"

#include <algorithm>
#include <deque>
#include <set>

namespace parlane::check {

namespace {

bool hasFixed(const types::TypeStore &types, TypeId id) {
    auto any = [&](const std::vector<TypeId> &ids) {
        return std::ranges::any_of(ids, [&](TypeId one) { return hasFixed(types, one); });
    };
    return match(
        types[id], [&](const types::SizeType &) { return true; }, [&](const types::FixedType &) { return true; },
        [&](const types::ArrayType &t) { return hasFixed(types, t.elem); },
        [&](const types::ViewType &t) { return hasFixed(types, t.elem); }, [&](const types::TupleType &t) { return any(t.elems); },
        [&](const types::StructType &t) { return any(t.args); }, [&](const types::EnumType &t) { return any(t.args); },
        [&](const types::OptionalType &t) { return hasFixed(types, t.value); },
        [&](const types::BoxType &t) { return hasFixed(types, t.value); }, [&](const auto &) { return false; });
}

/// A call by which sizes enter a function.
struct Instance {
    FunctionId function;
    std::vector<TypeId> args;
    Span from;
    auto operator<=>(const Instance &other) const {
        return std::pair(function, args) <=> std::pair(other.function, other.args);
    }
    bool operator==(const Instance &other) const { return function == other.function && args == other.args; }
};

class Sizes {
public:
    explicit Sizes(Context &c) : c(c) {}

    void run() {
        for (uint32_t i = 0; i < c.program.functions.size(); ++i) {
            const hir::Function &f = c.program.functions[FunctionId(i)];
            if (f.body && f.type_params.empty()) body(*f.body, {}, {});
        }
        for (uint32_t i = 0; i < c.program.constants.size(); ++i) body(c.program.constants[hir::ConstId(i)].body, {}, {});
        while (!open.empty()) {
            const Instance next = open.front();
            open.pop_front();
            const hir::Function &f = c.program.functions[next.function];
            bool good = f.result == c.types().unit || type(f.result, next.args, next.from, f);
            for (const hir::Param &param : f.params) good = good && type(param.type, next.args, next.from, f);
            if (good && f.body) body(*f.body, next.args, {&f, next.from});
        }
    }

private:
    struct Inside {
        const hir::Function *function = nullptr;
        Span from;
    };

    void callee(const hir::Callee &callee, const std::vector<TypeId> &args, Span from) {
        if (!callee.function.valid() || callee.type_args.empty()) return;
        Instance made{callee.function, {}, from};
        for (TypeId arg : callee.type_args) made.args.push_back(c.types().substitute(arg, args));
        const bool sized = std::ranges::any_of(made.args, [&](TypeId arg) { return hasFixed(c.types(), arg); });
        if (sized && seen.insert(made).second) open.push_back(std::move(made));
    }

    void body(const hir::Body &body, const std::vector<TypeId> &args, Inside inside) {
        bool good = true;
        for (const hir::Expr &e : body.exprs) {
            const Span from = inside.function ? inside.from : e.span;
            if (const auto *call = std::get_if<hir::Call>(&e.node)) callee(call->callee, args, from);
            else if (const auto *ref = std::get_if<hir::FunctionRef>(&e.node)) callee(ref->callee, args, from);
            if (inside.function && good) good = type(e.type, args, inside.from, *inside.function);
        }
        for (const hir::Stmt &s : body.stmts)
            if (const auto *op = std::get_if<hir::OpAssign>(&s.node); op && op->function)
                callee(*op->function, args, inside.function ? inside.from : s.span);
    }

    /// Whether what the type comes to in this instance may be; reports why not.
    bool type(TypeId written, const std::vector<TypeId> &args, Span from, const hir::Function &function) {
        if (!c.types().isGeneric(written)) return true;
        if (c.types().is<types::FixedType>(written)) {
            const TypeId made = c.types().substitute(written, args);
            return !c.types().is<types::FixedType>(made) || c.checkFixed(made, from, function.name_span);
        }
        const types::Type shape = c.types()[written];
        if (const auto *t = std::get_if<types::TupleType>(&shape))
            return std::ranges::all_of(t->elems, [&](TypeId part) { return type(part, args, from, function); });
        if (const auto *t = std::get_if<types::OptionalType>(&shape)) return type(t->value, args, from, function);
        if (const auto *t = std::get_if<types::ArrayType>(&shape)) return type(t->elem, args, from, function);
        return true;
    }

    Context &c;
    std::deque<Instance> open;
    std::set<Instance> seen;
};

} // namespace

void Context::checkSizes() { Sizes(*this).run(); }

} // namespace parlane::check
