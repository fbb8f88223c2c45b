// Generic functions that call each other with ever larger type arguments would have no end of instances.
#include "lang/base/match.h"
#include "lang/check/context.h"

#include <map>
#include <set>

namespace parlane::check {

namespace {

/// One type parameter of one function.
using Node = std::pair<FunctionId, uint32_t>;
struct Edge {
    Node to;
    bool grows;
    Span span;
};

void paramsIn(const types::TypeStore &types, TypeId id, std::set<uint32_t> &out) {
    auto each = [&](const std::vector<TypeId> &ids) {
        for (TypeId one : ids) paramsIn(types, one, out);
    };
    match(
        types[id], [&](const types::ParamType &t) { out.insert(t.index); },
            [&](const types::ArrayType &t) { paramsIn(types, t.elem, out); },
        [&](const types::ViewType &t) { paramsIn(types, t.elem, out); },
            [&](const types::FixedType &t) { paramsIn(types, t.elem, out), each(t.dims); },
        [&](const types::TupleType &t) { each(t.elems); }, [&](const types::StructType &t) { each(t.args); },
        [&](const types::EnumType &t) { each(t.args); },
            [&](const types::OptionalType &t) { paramsIn(types, t.value, out); },
        [&](const types::BoxType &t) { paramsIn(types, t.value, out); },
        [&](const types::SizeSumType &t) {
            for (const types::SizeSumType::Term &term : t.terms) each(term.factors);
        },
        [&](const auto &) {});
}

class Graph {
public:
    explicit Graph(Context &c) : c(c) {}

    void callee(FunctionId from, const hir::Callee &callee, Span span) {
        if (!callee.function.valid()) return;
        for (uint32_t i = 0; i < callee.type_args.size(); ++i) {
            std::set<uint32_t> inside;
            paramsIn(c.program.types, callee.type_args[i], inside);
            const bool grows = !c.program.types.is<types::ParamType>(callee.type_args[i]);
            for (uint32_t p : inside) edges[{from, p}].push_back({{callee.function, i}, grows, span});
        }
    }

    void function(FunctionId id, const hir::Function &f) {
        if (!f.body || f.type_params.empty()) return;
        const hir::Body &body = *f.body;
        for (const hir::Expr &e : body.exprs) {
            if (const auto *call = std::get_if<hir::Call>(&e.node)) callee(id, call->callee, e.span);
            else if (const auto *ref = std::get_if<hir::FunctionRef>(&e.node)) callee(id, ref->callee, e.span);
        }
        for (const hir::Stmt &s : body.stmts)
            if (const auto *op = std::get_if<hir::OpAssign>(&s.node); op && op->function) callee(id, *op->function,
                s.span);
        for (const hir::Loop &l : body.loops) {
            for (const hir::FoldOp &op : l.ops) callee(id, op.function, op.span);
            for (const hir::Accumulator &acc : l.accumulators) callee(id, acc.op.function, acc.span);
        }
    }

    bool reaches(Node from, Node to) const {
        std::set<Node> seen{from};
        std::vector<Node> open{from};
        while (!open.empty()) {
            Node node = open.back();
            open.pop_back();
            if (node == to) return true;
            auto next = edges.find(node);
            if (next == edges.end()) continue;
            for (const Edge &e : next->second)
                if (seen.insert(e.to).second) open.push_back(e.to);
        }
        return false;
    }

    void report() const {
        for (const auto &[from, list] : edges)
            for (const Edge &e : list)
                if (e.grows && reaches(e.to, from)) {
                    c.emitter.report(Code::GrowingInstances, e.span, c.text(c.program.functions[e.to.first].name))
                        .label(c.program.functions[from.first].name_span, "called again from here with a larger type")
                        .why("every call would need one more instance, without end");
                    return;
                }
    }

private:
    Context &c;
    std::map<Node, std::vector<Edge>> edges;
};

} // namespace

void Context::checkGrowth() {
    Graph graph(*this);
    for (uint32_t i = 0; i < program.functions.size(); ++i) graph.function(FunctionId(i),
        program.functions[FunctionId(i)]);
    graph.report();
}

} // namespace parlane::check
