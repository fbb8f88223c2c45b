#include "lang/access/walk.h"

#include "lang/access/flow.h"

namespace parlane::access {

using namespace hir;

Walker::Walker(Analysis &analysis, const Function *function, const Body &body, FunctionProofs &proofs)
    : analysis(analysis), program(analysis.program), types(analysis.types), terms(analysis.terms), function(function),
      body(body), proofs(proofs), conflicts(analysis.terms, paths, analysis.solver), locals(body.locals.size()),
      declared_at(body.locals.size()) {
    field_effects = [this](FunctionId callee, size_t param) { return fieldsWritten(callee, param); };
}

std::optional<std::set<uint32_t>> Walker::fieldsWritten(FunctionId callee, size_t param) {
    const Function &info = program.functions[callee];
    if (!info.body || param >= info.params.size()) return std::nullopt;
    const Summary &summary = analysis.summary(callee);
    if (summary.whole || summary.state != Summary::State::Ready) return std::nullopt;
    std::set<uint32_t> fields;
    for (const Access &access : summary.accesses) {
        if (access.place.root != info.params[param].local || !access.writes()) continue;
        if (access.place.steps.empty() || access.place.steps[0].kind != StepKind::Field) return std::nullopt;
        fields.insert(access.place.steps[0].index);
    }
    return fields;
}

void Walker::run() {
    mark = terms.now();
    proofs.indices.resize(body.exprs.size());
    if (function) {
        in_parallel.resize(function->params.size());
        for (uint32_t k = 0; k < function->params.size(); ++k) {
            const Param &param = function->params[k];
            if (!param.local) continue;
            Value value;
            if (isInteger(param.type)) {
                value.term = freshInteger(param.type, localText(param.local), param.span);
                inputs.push_back({*terms.asSymbol(value.term), k, -1});
            }
            const int rank = types.is<types::FixedType>(param.type) ? 0 : types.rankOf(param.type);
            for (int d = 0; d < rank; ++d) {
                const char *extent = rank == 1 ? ".len" : d == rank - 2 ? ".rows" : d == rank - 1 ? ".cols" : ".len";
                value.shape.push_back(
                    terms.freshTerm(localText(param.local) + extent, {0, Wide(1) << 60}, param.span));
                inputs.push_back({*terms.asSymbol(value.shape.back()), k, d});
            }
            declare(param.local, value);
            entered[param.local] = locals[param.local.raw].version;
        }
    }
    const Value last = block(body.root);
    if (body.blocks[body.root].value && body.blocks[body.root].type != types.never) endWith(last.term);
}

void Walker::checkFlow() {
    std::map<ExprId, std::vector<size_t>> touched;
    for (size_t k = 0; k < accesses.size(); ++k)
        if (accesses[k].expr) touched[accesses[k].expr].push_back(k);
    const FlowFacts facts{accesses, alias_places, touched, source_places, conflicts};
    Flow(analysis, function, body, proofs, facts).run();
}

Proofs access(Program &program, const Interner &names, diag::Emitter &emitter) {
    Analysis analysis(program, names, emitter);
    analysis.proofs.functions.resize(program.functions.size());
    analysis.proofs.constants.resize(program.constants.size());
    inferEffects(analysis);
    for (uint32_t k = 0; k < program.constants.size(); ++k) {
        const Constant &constant = program.constants[ConstId(k)];
        if (!constant.body.root) continue; // nothing reaches it
        FunctionProofs &own = analysis.proofs.constants[k];
        Walker walker(analysis, nullptr, constant.body, own);
        walker.run();
        walker.checkFlow();
    }
    for (uint32_t k = 0; k < program.functions.size(); ++k)
        if (program.functions[FunctionId(k)].body) analysis.summary(FunctionId(k));
    return std::move(analysis.proofs);
}

} // namespace parlane::access
