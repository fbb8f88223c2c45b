// Footprints of functions: what a call does to its parameters, in terms of them.
#include "lang/access/walk.h"

#include <algorithm>

namespace parlane::access {

using namespace hir;

namespace {

/// A parameter that is touched in more ways than this counts as touched altogether.
constexpr size_t kMaxAccesses = 24;
/// Terms larger than this are not carried over calls.
constexpr size_t kMaxFacts = 24;

} // namespace

void Walker::summarize(Summary &summary) {
    summary.mark = mark;
    summary.inputs = inputs;
    summary.runs_in_parallel = in_parallel;
    std::map<LocalId, std::vector<Access>> by_param;
    for (const Param &param : function->params) by_param[param.local];
    for (const Access &access : accesses) {
        auto it = by_param.find(access.place.root);
        if (it == by_param.end()) continue;
        Access one = access;
        for (PathId node = access.path; node && one.place.facts.size() < kMaxFacts; node = paths[node].parent)
            one.place.facts.push_back(paths[node].cond);
        one.path = {};
        one.expr = {};
        const bool same = std::any_of(it->second.begin(), it->second.end(), [&](const Access &other) {
            return other.kind == one.kind && other.place.steps == one.place.steps &&
                   other.place.facts == one.place.facts;
        });
        if (!same) it->second.push_back(std::move(one));
    }
    for (auto &[local, list] : by_param) {
        if (list.size() > kMaxAccesses) {
            // All of it, in the strongest of the ways.
            bool writes = false;
            for (const Access &access : list) writes |= access.writes();
            Access whole;
            whole.kind = writes ? AccessKind::Write : AccessKind::Read;
            whole.place.root = local;
            whole.span = list.front().span;
            list = {whole};
        }
        summary.accesses.insert(summary.accesses.end(), list.begin(), list.end());
    }
    summary.result = result;
    for (const auto &[symbol, from] : loaded)
        for (uint32_t k = 0; k < function->params.size(); ++k)
            if (function->params[k].local == from.from.local && from.version == entered[from.from.local])
                summary.parts.push_back({symbol, k, from.from.path, from.from.extent});
}

/// The value that this call gives an integer parameter of the callee; invalid if `symbol` is none.
TermId Walker::sizeArgument(SymbolId id, const Call &node, FunctionId callee) {
    const Symbol symbol = terms[id];
    if (symbol.kind != SymbolKind::Opaque || symbol.bits != kSizeParam) return {};
    const auto &params = program.functions[callee].type_params;
    for (size_t k = 0; k < params.size() && k < node.callee.type_args.size(); ++k)
        if (terms.constantValue(symbol.args[0]) == static_cast<int64_t>(params[k].raw))
            return sizeTerm(node.callee.type_args[k]);
    return terms.freshTerm({}, symbol.range);
}

/// What this call passes for the symbols that stand for integers, extents and fields of parameters.
Walker::Passed Walker::passed(const Summary &summary, const std::vector<Argument> &args) {
    Passed out;
    auto pass = [&](SymbolId symbol, TermId value) {
        if (!value) return;
        out.known[symbol] = value;
        if (!terms.fits(value)) out.wide.emplace_back(symbol, value);
    };
    for (const Summary::Input &input : summary.inputs) {
        if (input.param >= args.size()) continue;
        const Argument &arg = args[input.param];
        if (input.dim < 0) {
            pass(input.symbol, arg.value.term);
            continue;
        }
        std::vector<TermId> shape = arg.value.shape;
        if (arg.is_place) shape = extents(arg.place, body.exprs[arg.arg->value].type);
        if (static_cast<size_t>(input.dim) < shape.size()) pass(input.symbol, shape[static_cast<size_t>(input.dim)]);
    }
    for (const Summary::Part &from : summary.parts) {
        if (from.param >= args.size()) continue;
        const Argument &arg = args[from.param];
        Place place = arg.is_place ? arg.place : arg.copied;
        if (!place.root) continue;
        TypeId type = body.exprs[arg.arg->value].type;
        for (uint32_t field : from.path) {
            place = part(place, StepKind::Field, field);
            const bool fields = type && (types.is<types::StructType>(type) || types.is<types::TupleType>(type));
            type = fields ? types.fieldType(type, field) : TypeId();
        }
        if (!type) continue;
        if (from.dim < 0 && isInteger(type)) pass(from.symbol, load(place, type, arg.arg->span).term);
        if (from.dim >= 0 && types.rankOf(type) > from.dim)
            pass(from.symbol, extents(place, type)[static_cast<size_t>(from.dim)]);
    }
    return out;
}

void Walker::instantiate(const Summary &summary, const Call &node, std::vector<Argument> &args, Value &out) {
    const FunctionId callee = node.callee.function;
    const Function &info = program.functions[callee];
    const bool whole = summary.whole || summary.state != Summary::State::Ready || !info.body;
    for (size_t k = 0; k < args.size(); ++k) {
        if (args[k].is_closure) {
            bool writes_world = false;
            for (const Access &access : args[k].captured)
                writes_world |= access.place.root == kWorld && access.writes();
            if (writes_world && k < summary.runs_in_parallel.size() && summary.runs_in_parallel[k])
                calledInParallel(args[k].arg->value, callee);
            continue;
        }
        if (whole) wholeAccess(args[k], callee);
    }
    if (whole) return;

    Passed passed_here = passed(summary, args);
    std::map<SymbolId, TermId> &known = passed_here.known;
    const TermStore::Map map = [&](SymbolId symbol) -> TermId {
        if (auto found = known.find(symbol); found != known.end()) return found->second;
        if (TermId size = sizeArgument(symbol, node, callee)) return size;
        const Symbol s = terms[symbol];
        if (s.birth <= summary.mark) return {};
        const TermId copy = terms.symbol(terms.fresh(s.kind == SymbolKind::Index ? s.kind : SymbolKind::Free, s.text,
                                                     s.range, s.span));
        known.emplace(symbol, copy);
        return copy;
    };
    for (const Access &access : summary.accesses) {
        size_t k = 0;
        while (k < info.params.size() && info.params[k].local != access.place.root) ++k;
        if (k >= args.size() || !args[k].is_place || !args[k].place.root) continue;
        Access one = access;
        one.place = args[k].place;
        one.path = path;
        one.expr = args[k].arg->value;
        one.span = args[k].arg->span.valid() ? args[k].arg->span : body.exprs[args[k].arg->value].span;
        one.by = callee;
        one.inout = args[k].arg->mode == Mode::Inout;
        if (one.op != OperatorClass::None) one.op = OperatorClass::None;
        append(one.place, access.place, map, passed_here.wide);
        accesses.push_back(std::move(one));
    }
    if (summary.result && isInteger(info.result)) {
        // Only what is a term over the arguments: the rest of the callee is gone.
        bool own = false;
        const TermId value = terms.substitute(summary.result, [&](SymbolId symbol) -> TermId {
            auto found = known.find(symbol);
            if (found != known.end()) return found->second;
            if (TermId size = sizeArgument(symbol, node, callee)) return size;
            own |= terms[symbol].birth > summary.mark;
            return {};
        });
        if (!own) out.term = value;
    }
}

/// Continues the place of an argument by the steps that the callee takes from its parameter.
void Walker::append(Place &place, const Place &inner, const TermStore::Map &map,
                    const std::vector<std::pair<SymbolId, TermId>> &wide) {
    for (CondId fact : inner.facts) {
        const CondId here = terms.substitute(fact, map);
        std::vector<TermId> doubts;
        terms.addDoubts(fact, doubts);
        for (TermId doubt : doubts) terms.doubt(here, terms.substitute(doubt, map));
        for (const auto &[symbol, doubt] : wide)
            if (terms.mentions(fact, symbol)) terms.doubt(here, doubt);
        place.facts.push_back(here);
    }
    for (Step step : inner.steps) {
        for (Dim &dim : step.dims) {
            dim.lo = terms.substitute(dim.lo, map);
            if (dim.isRange()) dim.count = terms.substitute(dim.count, map);
        }
        for (TermId &extent : step.shape) extent = terms.substitute(extent, map);
        for (TermId &extent : step.under) extent = terms.substitute(extent, map);
        if (step.offset) step.offset = terms.substitute(step.offset, map);
        if (step.kind == StepKind::Elements && place.isOpenView()) {
            Step &open = place.steps.back();
            size_t ranges = 0;
            for (const Dim &dim : open.dims) ranges += dim.isRange();
            if (!step.offset && ranges == step.dims.size()) {
                apply(place, step.dims);
            } else if (step.offset && open.dims.size() == 1 && !open.offset) {
                step.offset = terms.add(step.offset, open.dims[0].lo);
                step.under = open.shape;
                open = std::move(step);
            } else {
                return; // all of what the argument is
            }
            continue;
        }
        if (step.kind == StepKind::Part) step.index = ++cuts; // of this call only
        place.steps.push_back(std::move(step));
    }
}

const Summary &Analysis::summary(FunctionId id) {
    Summary &summary = summaries[id.raw];
    const Function &function = program.functions[id];
    if (summary.state != Summary::State::New || !function.body) return summary;
    summary.state = Summary::State::Open;
    FunctionProofs &own = proofs.functions[id.raw];
    Walker walker(*this, &function, *function.body, own);
    walker.run();
    own.effects = effects[id.raw];
    walker.summarize(summary);
    walker.checkFlow();
    summary.state = Summary::State::Ready;
    return summary;
}

} // namespace parlane::access
