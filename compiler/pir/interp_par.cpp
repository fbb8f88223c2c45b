// Instructions of the parallel constructs: serial, in the order of the language's folds.
#include "compiler/pir/interp_control.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace parlane::pir::interp {

int32_t countUp(const Insn *pc, char *frame, Machine &m) {
    int64_t next = get<int64_t>(frame, pc->a) + 1;
    if (++m.steps > m.step_limit) [[unlikely]]
        PIR_FAIL(PAR_STOPPED);
    put(frame, pc->a, next);
    if (next >= get<int64_t>(frame, pc->b)) PIR_NEXT;
    PIR_JUMP(pc->d);
}

int32_t countItem(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, get<int64_t>(frame, pc->a) + 1);
    PIR_NEXT;
}

int32_t addPositive(const Insn *pc, char *frame, Machine &m) {
    put(frame, pc->a, get<int64_t>(frame, pc->a) + std::max<int64_t>(get<int64_t>(frame, pc->b), 0));
    PIR_NEXT;
}

int32_t faultIndex(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const IterationSite *>(pc->ptr);
    par_fault &fault = *m.ctx->fault;
    bool reached = site->reached < 0 || get<int64_t>(frame, site->reached) != 0;
    if (reached && (m.outcome == PAR_THROWN || m.outcome == PAR_TRAPPED))
        for (int32_t cell : site->cells)
            if (fault.index_count < PAR_FAULT_INDICES)
                fault.indices[fault.index_count++] = {m.site(*site->op), get<int64_t>(frame, cell)};
    PIR_NEXT;
}

namespace {

ParState &state(Machine &m) { return *m.pars.back(); }

FoldCalls callsOf(const ParSite *site, char *frame, Machine &m) {
    auto run = [site, frame, &m](const ParSite::Sub &sub, void *left, void *right) -> int32_t {
        if (sub.start < 0) return PAR_OK; // T() is all zero
        put(frame, sub.left, left);
        if (right) put(frame, sub.right, right);
        return m.subroutine(site->code->insns.data() + sub.start, frame);
    };
    FoldCalls calls;
    calls.combine = [site, run](size_t k, void *left, void *right) { return run(site->combine[k], left, right); };
    calls.init = [site, run](size_t k, void *into) { return run(site->init[k], into, nullptr); };
    return calls;
}

/// Elements of accumulator k when the region starts, and scalars of all.
std::vector<int64_t> countsOf(const ParSite &site, const char *frame, const Machine &m, int64_t &scalars) {
    std::vector<int64_t> counts;
    scalars = 0;
    for (size_t k = 0; k < site.plan.parts.size(); ++k) {
        const FoldPlan::Part &part = site.plan.parts[k];
        int64_t count = 1;
        if (part.view) {
            const Type &type = m.module.types[site.code->function->type(parShape(*site.op).accumulators[k])];
            count = elementCount(frame + site.accumulators[k] + 8, type.dims[0]);
        }
        counts.push_back(count);
        scalars += count * m.module.types.scalars(part.type);
    }
    return counts;
}

int32_t begin(const ParSite *site, char *frame, Machine &m, int64_t total) {
    auto made = std::make_unique<ParState>();
    made->site = site;
    made->total = total;
    ParState &now = *made;
    m.pars.push_back(std::move(made));
    if (site->op->code == OpCode::ParScan) {
        now.scan = std::make_unique<Scan>(m.values, m.module.types, m.layouts, site->plan, callsOf(site, frame, m),
                                          site->inclusive);
        return now.scan->start();
    }
    if (site->op->code == OpCode::ParFilter) {
        now.columns = std::make_unique<Columns>(m.values, m.layouts, m.runtime, site->columns);
        return PAR_OK;
    }
    int64_t scalars = 0;
    auto counts = countsOf(*site, frame, m, scalars);
    now.fold = std::make_unique<Fold>(m.values, m.layouts, site->plan, callsOf(site, frame, m), std::move(counts),
                                      total, scalars);
    return now.fold->start();
}

int32_t popped(Machine &m, int32_t outcome) {
    m.pars.pop_back();
    return outcome;
}

int32_t step(const ParSite &site, char *frame, Machine &m) {
    Fold &fold = *state(m).fold;
    for (size_t k = 0, v = 0; k < site.plan.parts.size(); ++k) {
        const FoldPlan::Part &part = site.plan.parts[k];
        char *value = frame + site.values[v++];
        void *partial = fold.partial(k);
        if (part.op == FoldOp::Fma) {
            char *second = frame + site.values[v++];
            if (m.module.types.kind(part.type) == TypeKind::F32)
                put<float>(
                    static_cast<char *>(partial), 0,
                    std::fma(get<float>(value, 0), get<float>(second, 0), get<float>(static_cast<char *>(partial), 0)));
            else if (m.module.types.kind(part.type) == TypeKind::F64)
                put<double>(static_cast<char *>(partial), 0,
                            std::fma(get<double>(value, 0), get<double>(second, 0),
                                     get<double>(static_cast<char *>(partial), 0)));
            else {
                m.values.combine(part.type, FoldOp::Mul, value, second);
                m.values.combine(part.type, FoldOp::Add, partial, value);
            }
        } else if (!fold.has()) {
            std::memcpy(partial, value, static_cast<size_t>(m.layouts.size(part.type)));
            fold.has() = true;
        } else {
            int32_t outcome = fold.fold(k, partial, value);
            if (part.owns) m.values.drop(part.type, value);
            if (outcome) return outcome;
        }
    }
    return PAR_OK;
}

int32_t finishFold(const ParSite &site, char *frame, Machine &m) {
    Fold &fold = *state(m).fold;
    bool any = false;
    if (int32_t o = fold.finish(any)) return o;
    TypeId type = site.code->function->type(site.op->result);
    char *result = frame + site.result;
    if (!any) {
        std::memset(result, 0, static_cast<size_t>(m.layouts.size(type)));
        return callsOf(&site, frame, m).init(0, result);
    }
    bool split = site.plan.parts.size() > 1;
    for (size_t k = 0; k < site.plan.parts.size(); ++k) {
        auto size = static_cast<size_t>(m.layouts.size(site.plan.parts[k].type));
        std::memcpy(result + (split ? m.layouts.offset(type, static_cast<int64_t>(k)) : 0), fold.total(k), size);
        std::memset(fold.total(k), 0, size); // moved
    }
    return PAR_OK;
}

/// place = place op total, for each accumulator.
int32_t writeBack(const ParSite &site, char *frame, Machine &m) {
    Fold &fold = *state(m).fold;
    bool any = false;
    if (int32_t o = fold.finish(any)) return o;
    for (size_t k = 0; k < site.plan.parts.size(); ++k) {
        const FoldPlan::Part &part = site.plan.parts[k];
        char *total = static_cast<char *>(fold.total(k));
        if (!part.view) {
            char *place = get<char *>(frame, site.accumulators[k]);
            if (part.op == FoldOp::Fn) {
                if (int32_t o = callsOf(&site, frame, m).combine(k, place, total)) return o;
            } else {
                m.values.combine(part.type, part.op, place, total, part.whole);
            }
            continue;
        }
        const Type &type = m.module.types[site.code->function->type(parShape(*site.op).accumulators[k])];
        ViewParts v = viewParts(frame + site.accumulators[k], type.dims[0], false);
        int64_t size = m.layouts.size(part.type), inner = v.extents[v.rank - 1];
        int64_t middle = v.rank == 3 ? v.extents[1] : 1, outer = v.rank == 3   ? v.extents[0]
                                                                 : v.rank == 2 ? v.extents[0]
                                                                               : 1;
        for (int64_t i = 0; i < outer; ++i)
            for (int64_t j = 0; j < middle; ++j) {
                int64_t row = v.rank == 1 ? 0 : v.rank == 2 ? i * v.strides[0] : i * v.strides[0] + j * v.strides[1];
                for (int64_t x = 0; x < inner; ++x, total += size)
                    m.values.combine(part.type, part.op, v.data + (row + x) * size, total);
            }
    }
    return PAR_OK;
}

char *scanTarget(const ParSite &site, const char *frame, const Machine &m, int64_t ordinal) {
    const Type &type = m.module.types[site.code->function->type(site.op->operands.back())];
    ViewParts v = viewParts(frame + site.target, type.dims[0], false);
    int64_t at = 0;
    for (int64_t k = v.rank; k-- > 0;) {
        int64_t index = k ? ordinal % v.extents[k] : ordinal;
        at += index * v.strides[k];
        if (k) ordinal /= v.extents[k];
        if (k == 0 && index >= v.extents[0]) return nullptr;
    }
    return v.data + at * m.layouts.size(type.elem);
}

} // namespace

int32_t parBegin(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ParSite *>(pc->ptr);
    if (int32_t o = begin(site, frame, m, get<int64_t>(frame, pc->a))) PIR_FAIL(popped(m, o));
    PIR_NEXT;
}

int32_t parAbort(const Insn *pc, char *frame, Machine &m) {
    m.pars.pop_back();
    PIR_NEXT;
}

int32_t rowBegin(const Insn *pc, char *frame, Machine &m) {
    if (int32_t o = state(m).fold->beginRow(std::max<int64_t>(get<int64_t>(frame, pc->a), 0))) PIR_FAIL(o);
    PIR_NEXT;
}

int32_t rowEnd(const Insn *pc, char *frame, Machine &m) {
    if (int32_t o = state(m).fold->endRow()) PIR_FAIL(o);
    PIR_NEXT;
}

int32_t bindPartials(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ParSite *>(pc->ptr);
    Fold &fold = *state(m).fold;
    for (size_t k = 0; k < site->params.size(); ++k) {
        put(frame, site->params[k], fold.partial(k));
        if (!site->plan.parts[k].view) continue;
        const Type &type = m.module.types[site->code->function->type(parShape(*site->op).accumulators[k])];
        ViewParts parts = viewParts(frame + site->accumulators[k], type.dims[0], true); // the partial has no gaps
        parts.data = static_cast<char *>(fold.partial(k));
        storeView(frame + site->params[k], parts);
    }
    PIR_NEXT;
}

int32_t advance(const Insn *pc, char *frame, Machine &m) {
    if (int32_t o = state(m).fold->advance()) PIR_FAIL(o);
    PIR_NEXT;
}

int32_t foldStep(const Insn *pc, char *frame, Machine &m) {
    if (int32_t o = step(*static_cast<const ParSite *>(pc->ptr), frame, m)) PIR_FAIL(o);
    PIR_NEXT;
}

int32_t foldEnd(const Insn *pc, char *frame, Machine &m) {
    if (int32_t o = finishFold(*static_cast<const ParSite *>(pc->ptr), frame, m)) PIR_FAIL(o);
    m.pars.pop_back();
    PIR_NEXT;
}

int32_t accumulatorsEnd(const Insn *pc, char *frame, Machine &m) {
    if (int32_t o = writeBack(*static_cast<const ParSite *>(pc->ptr), frame, m)) PIR_FAIL(o);
    m.pars.pop_back();
    PIR_NEXT;
}

int32_t scanStep(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ParSite *>(pc->ptr);
    ParState &now = state(m);
    char *place = scanTarget(*site, frame, m, now.position++);
    char *value = frame + site->values[0];
    bool owns = site->plan.parts[0].owns;
    int32_t o = place ? now.scan->step(value, place) : m.broken(site->loc, "the target of a scan is too short");
    if (owns) m.values.drop(site->plan.parts[0].type, value);
    if (o) PIR_FAIL(o);
    PIR_NEXT;
}

int32_t filterPush(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ParSite *>(pc->ptr);
    std::array<void *, PAR_MAX_COLUMNS> values{};
    size_t count = std::min<size_t>(site->values.size(), values.size());
    for (size_t k = 0; k < count; ++k) values[k] = frame + site->values[k];
    if (!state(m).columns->push({values.data(), count})) PIR_FAIL(PAR_TRAPPED);
    PIR_NEXT;
}

int32_t filterEnd(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ParSite *>(pc->ptr);
    if (!state(m).columns->finish(frame + site->result)) PIR_FAIL(PAR_TRAPPED);
    m.pars.pop_back();
    PIR_NEXT;
}

int32_t parEnd(const Insn *pc, char *frame, Machine &m) {
    m.pars.pop_back();
    PIR_NEXT;
}

} // namespace parlane::pir::interp
