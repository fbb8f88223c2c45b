// Parallel ops as serial loops.
#include "compiler/pir/interp_decode.h"

namespace parlane::pir::interp {

void Decoder::parallel(const Op &op, OpId id) {
    if (op.result.valid()) cell(op.result);
    if (op.code == OpCode::ParInvoke) return invokeOp(op, id);
    if (op.code == OpCode::ParPipeline) return pipelineOp(op, id);
    loopNest(op, id);
}

/// The plan of the fold, the cells of its parts and its user functions.
void Decoder::planSite(const Op &op, ParSite &site) {
    ParShape shape = parShape(op);
    RegionId body = f.region(op, Role::Checked);
    auto ops = op.list(AttrKey::Ops);
    std::vector<FoldPlan::Part> parts;
    bool from_first = false;
    for (size_t k = 0; k < ops.size(); ++k) {
        FoldPlan::Part part;
        part.op = static_cast<FoldOp>(ops[k]);
        if (op.code == OpCode::ParFor) {
            const Type &t = types[typeOf(shape.accumulators[k])];
            part.view = t.kind == TypeKind::View;
            part.type = t.elem;
            site.accumulators.push_back(cell(shape.accumulators[k]));
            site.params.push_back(cell(f.regions[body].params[static_cast<size_t>(shape.rank) + k]));
        } else if (op.code == OpCode::ParScan) {
            part.type = types[typeOf(shape.target)].elem;
        } else {
            part.type = ops.size() == 1 ? typeOf(op.result) : types[typeOf(op.result)].parts[k];
            from_first = part.op == FoldOp::Fn;
        }
        part.whole = types.kind(part.type) == TypeKind::Tuple;
        parts.push_back(part);
    }
    site.plan = planFold(m.values, types, std::move(parts), shape.rank, from_first);
    site.combine.resize(ops.size());
    site.init.resize(ops.size());
    Label over = newLabel();
    emitJump(over);
    for (size_t k = 0; k < ops.size(); ++k) {
        subroutine(f.region(op, Role::Combine, static_cast<int64_t>(k)), site.combine[k]);
        subroutine(f.region(op, Role::Init, static_cast<int64_t>(k)), site.init[k]);
    }
    place(over);
}

void Decoder::subroutine(RegionId id, ParSite::Sub &sub) {
    if (!id.valid()) return;
    const auto &params = f.regions[id].params;
    sub.left = cell(params[0]);
    if (params.size() > 1) sub.right = cell(params[1]);
    Label fail = newLabel(), end = newLabel();
    sub.start = static_cast<int32_t>(code->insns.size());
    region({id, f.regions[id].op, fail, {}, end, {}});
    place(end);
    emit(&subReturn);
    place(fail);
    emit(&subFail);
}

int32_t Decoder::extentOf(const Op &op, OpId id, size_t dim, const std::vector<int32_t> &indices) {
    ParShape shape = parShape(op);
    if (dim < shape.extents.size()) return cell(shape.extents[dim]);
    RegionId extent = f.region(op, Role::Extent, static_cast<int64_t>(dim));
    const auto &params = f.regions[extent].params;
    for (size_t i = 0; i < params.size(); ++i) emitMove(cell(params[i]), indices[i], 8);
    int32_t into = room(8);
    Label end = newLabel();
    region({extent, id, contexts.back().pad, {}, end, {into}});
    place(end);
    return into;
}

void Decoder::loopNest(const Op &op, OpId id) {
    auto *site = code->site<ParSite>();
    site->code = code.get();
    site->op = &op;
    site->loc = op.loc;
    RegionId body = f.region(op, Role::Checked);
    bool stateful = op.code != OpCode::ParFirst && !(op.code == OpCode::ParFor && op.list(AttrKey::Ops).empty());
    if (op.code == OpCode::ParFilter) {
        const Type &t = types[typeOf(op.result)];
        if (t.kind == TypeKind::Array) site->columns = {t.elem};
        else
            for (TypeId part : t.parts) site->columns.push_back(types[part].elem);
    }
    if (RegionId require = f.region(op, Role::Require); require.valid()) {
        Label end = newLabel();
        region({require, id, contexts.back().pad, {}, end, {room(8)}});
        place(end);
    }
    if (stateful) planSite(op, *site);
    if (op.result.valid()) site->result = cell(op.result);
    if (op.code == OpCode::ParScan) {
        site->target = cell(parShape(op).target);
        site->inclusive = op.has(AttrKey::Inclusive);
    }
    Label end = newLabel();
    if (op.code == OpCode::ParFirst) emit(&zeroCell, cell(op.result)).imm = sizeOf(typeOf(op.result));
    if (stateful) {
        int32_t total = room(8);
        emit(&zeroCell, total).imm = 8;
        nest(op, id, *site, body, 0, true, total, false);
        emitFailing(&parBegin, total).ptr = site;
        // From here on failures end the state first.
        Pad pad;
        pad.label = newLabel();
        pad.next = contexts.back().pad;
        Insn abort;
        abort.run = &parAbort;
        pad.insns.push_back(abort);
        Context inside;
        inside.region = contexts.back().region;
        inside.pad = pad.label;
        pads.push_back(std::move(pad));
        contexts.push_back(std::move(inside));
    }
    targets[id.raw] = {end, -1, op.result.valid() ? cell(op.result) : -1};
    nest(op, id, *site, body, 0, false, 0, stateful);
    if (stateful) {
        if (op.code == OpCode::ParFold) emitFailing(&foldEnd).ptr = site;
        else if (op.code == OpCode::ParFor) emitFailing(&accumulatorsEnd).ptr = site;
        else if (op.code == OpCode::ParFilter) emitFailing(&filterEnd).ptr = site;
        else emit(&parEnd);
        contexts.pop_back();
    }
    place(end);
}

void Decoder::nest(const Op &op, OpId id, ParSite &site, RegionId body, size_t dim, bool counting, int32_t total, bool stateful) {
    const auto &params = f.regions[body].params;
    auto rank = static_cast<size_t>(op.integer(AttrKey::Rank));
    std::vector<int32_t> indices;
    for (size_t i = 0; i < rank; ++i) indices.push_back(cell(params[i]));
    int32_t extent = extentOf(op, id, dim, indices);
    bool innermost = dim + 1 == rank;
    if (counting && innermost) {
        emit(&addPositive, total, extent);
        return;
    }
    bool rows = innermost && stateful && (op.code == OpCode::ParFold || op.code == OpCode::ParFor);
    Label end = newLabel(), start = newLabel();
    if (rows) emitFailing(&rowBegin, extent);
    branch(&branchNotPositive, extent, end);
    int32_t counter = room(8); // the index itself must survive changes of nothing: it is a value
    emit(&zeroCell, counter).imm = 8;
    place(start);
    emitMove(indices[dim], counter, 8);
    if (innermost) parBody(op, id, site, body, stateful);
    else nest(op, id, site, body, dim + 1, counting, total, stateful);
    emitFailing(&countUp, counter, extent);
    to(start);
    place(end);
    if (rows) emitFailing(&rowEnd);
}

/// Where a failure in a region with `iteration` goes (a parallel body, or what `outline` made of one): it adds the indices, if the op was reached.
void Decoder::addIterations(Context &context) {
    const auto &ops = f.regions[context.region].ops;
    for (OpId id : ops) {
        if (f.ops[id].code != OpCode::Iteration) continue;
        auto *site = code->site<IterationSite>();
        site->op = &f.ops[id];
        for (ValueId index : f.ops[id].operands) site->cells.push_back(cell(index));
        if (id != ops.front()) {
            site->reached = reached[id.raw] = room(8);
            emit(&zeroCell, site->reached).imm = 8;
        }
        Pad pad;
        pad.label = newLabel();
        pad.next = context.pad;
        Insn insn;
        insn.run = &faultIndex;
        insn.ptr = site;
        pad.insns.push_back(insn);
        context.pad = pad.label;
        pads.push_back(std::move(pad));
    }
}

void Decoder::parBody(const Op &op, OpId id, ParSite &site, RegionId body, bool stateful) {
    bool partials = stateful && (op.code == OpCode::ParFold || op.code == OpCode::ParFor);
    if (op.code == OpCode::ParFor && stateful) emit(&bindPartials).ptr = &site;
    Label yielded = newLabel(), again = newLabel();
    targets[id.raw].again = again;
    // What the body yields lands in cells of the site.
    std::vector<int32_t> results;
    const Region &r = f.regions[body];
    const Op *last = r.ops.empty() ? nullptr : &f.ops[r.ops.back()];
    if (last && last->code == OpCode::Yield) {
        for (ValueId value : last->operands) results.push_back(room(sizeOf(typeOf(value))));
        site.values = results;
    }
    region({body, id, contexts.back().pad, {}, yielded, results});
    if (last && last->code == OpCode::Yield) {
        place(yielded);
        switch (op.code) {
        case OpCode::ParFold: emitFailing(&foldStep).ptr = &site; break;
        case OpCode::ParScan: emitFailing(&scanStep).ptr = &site; break;
        case OpCode::ParFilter: emitFailing(&filterPush).ptr = &site; break;
        case OpCode::ParFirst: {
            TypeId type = typeOf(op.result);
            emitMove(site.result, results[0], sizeOf(types[type].elem));
            emit(&putByte, site.result + static_cast<int32_t>(m.layouts.offset(type, 1))).imm = 1;
            emitJump(targets[id.raw].end);
            break;
        }
        default: break;
        }
    } else {
        place(yielded);
    }
    place(again);
    if (partials) emitFailing(&advance);
}

void Decoder::invokeOp(const Op &op, OpId id) {
    for (RegionId branch : op.regions) {
        Label end = newLabel();
        region({branch, id, contexts.back().pad, {}, end, {}});
        place(end);
    }
}

void Decoder::pipelineOp(const Op &op, OpId id) {
    auto *site = code->site<ParSite>();
    site->code = code.get();
    site->op = &op;
    site->loc = op.loc;
    RegionId source = f.region(op, Role::Source);
    const auto &params = f.regions[source].params;
    // Token slots: one place for all items, since they run one after the other.
    Context token;
    token.region = contexts.back().region;
    std::vector<int32_t> places;
    for (size_t i = 1; i < params.size(); ++i) {
        TypeId type = types[typeOf(params[i])].elem;
        places.push_back(room(sizeOf(type)));
        if (types.owns(type)) token.owned.emplace_back(places.back(), type);
    }
    Pad drops;
    drops.label = newLabel();
    drops.next = contexts.back().pad;
    drops.owned = token.owned;
    token.pad = drops.label;
    pads.push_back(std::move(drops));
    int32_t item = room(8), more = room(8);
    Label start = newLabel(), next = newLabel(), end = newLabel();
    emit(&zeroCell, item).imm = 8;
    place(start);
    for (size_t i = 0; i < places.size(); ++i) emit(&zeroCell, places[i]).imm = sizeOf(types[typeOf(params[i + 1])].elem);
    contexts.push_back(std::move(token));
    targets[id.raw] = {end, next, -1};
    for (RegionId inner : op.regions) {
        const Region &r = f.regions[inner];
        emitMove(cell(r.params[0]), item, 8);
        for (size_t i = 0; i < places.size(); ++i) {
            direct[r.params[i + 1].raw] = places[i];
            if (needs_cell[r.params[i + 1].raw]) emit(&address, cell(r.params[i + 1]), places[i]);
        }
        Label after = newLabel();
        region({inner, id, contexts.back().pad, {}, after, {more}});
        place(after);
        if (inner == source) branch(&branchFalse, more, end);
    }
    place(next);
    dropOwned(contexts.back());
    emit(&countItem, item);
    emitFailing(&jumpBack);
    to(start);
    place(end);
    dropOwned(contexts.back());
    contexts.pop_back();
}

} // namespace parlane::pir::interp
