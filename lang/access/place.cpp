// Place expressions: from names, fields and indices to variable, fields and terms.
#include "lang/access/walk.h"

#include <fmt/format.h>

namespace parlane::access {

using namespace hir;

namespace {

constexpr uint32_t kListItems = 0, kListLength = 1; ///< fields of `List`
constexpr uint32_t kExtent = 0x210, kLoad = 0x220, kContents = 0x230;
/// More elements than any machine holds.
constexpr Wide kMostElements = Wide(1) << 60;

} // namespace

bool Walker::isPlace(ExprId id) const {
    const ExprNode &node = body.exprs[id].node;
    return std::holds_alternative<LocalRef>(node) || std::holds_alternative<Field>(node) ||
           std::holds_alternative<Index>(node) || std::holds_alternative<Reshape>(node) ||
           std::holds_alternative<ToView>(node) || std::holds_alternative<ListView>(node) ||
           std::holds_alternative<StrBytes>(node) || std::holds_alternative<Unwrap>(node) ||
           std::holds_alternative<BoxValue>(node);
}

Place Walker::part(const Place &whole, StepKind kind, uint32_t index) {
    Place out = whole;
    if (!out.root) return out;
    Step step;
    step.kind = kind;
    step.index = index;
    out.steps.push_back(std::move(step));
    return out;
}

Place Walker::place(ExprId id) {
    const ExprNode &any = body.exprs[id].node;
    auto inside = [&](ExprId base, Content content) {
        return part(place(base), StepKind::Inside, static_cast<uint32_t>(content));
    };
    if (auto *node = std::get_if<LocalRef>(&any)) {
        const Known &known = locals[node->local.raw];
        if (known.alias != Known::kNone) return aliases[known.alias];
        return {node->local, {}, {}};
    }
    if (auto *node = std::get_if<Field>(&any)) return part(place(node->base), StepKind::Field, node->index);
    if (auto *node = std::get_if<Index>(&any)) return indexed(id, *node);
    if (auto *node = std::get_if<Reshape>(&any)) return reshaped(*node);
    if (auto *node = std::get_if<ToView>(&any)) {
        Place out = place(node->base);
        openView(out, body.exprs[node->base].type);
        return out;
    }
    if (auto *node = std::get_if<ListView>(&any)) {
        // `List<T> { items: T[], len: int }`: a view of the first `len` items.
        const Place list = place(node->base);
        Place out = part(list, StepKind::Field, kListItems);
        if (!out.root) return out;
        const Place length = part(list, StepKind::Field, kListLength);
        touch(AccessKind::Read, length, body.exprs[id].span, {});
        Step all;
        all.kind = StepKind::Elements;
        all.shape = {load(length, types.i64, body.exprs[id].span).term};
        all.dims = {{terms.constant(0), all.shape[0]}};
        out.steps.push_back(std::move(all));
        return out;
    }
    if (auto *node = std::get_if<StrBytes>(&any)) {
        Place out = inside(node->base, Content::Bytes);
        openView(out, body.exprs[id].type);
        return out;
    }
    if (auto *node = std::get_if<Unwrap>(&any)) return inside(node->base, Content::Value);
    if (auto *node = std::get_if<BoxValue>(&any)) return inside(node->base, Content::Boxed);
    value(id);
    return {};
}

/// Everything that names a place, as numbers.
std::vector<TermId> Walker::keyOf(const Place &place) {
    std::vector<TermId> key = {terms.constant(place.root.raw)};
    for (const Step &step : place.steps) {
        key.push_back(terms.constant(static_cast<int64_t>(step.kind) << 32 | step.index));
        if (step.offset) key.push_back(step.offset);
        for (const Dim &dim : step.dims) {
            key.push_back(dim.lo);
            if (dim.isRange()) key.push_back(dim.count);
        }
    }
    return key;
}

/// A size of a fixed array, or an argument for an integer parameter.
TermId Walker::sizeTerm(TypeId type) {
    if (auto *size = types.as<types::SizeType>(type)) return terms.constant(size->value);
    if (auto *param = types.as<types::ParamType>(type))
        return terms.opaque(kSizeParam, {terms.constant(param->param.raw)}, 0, {0, Wide(1) << 16});
    return terms.freshTerm({}, {0, Wide(1) << 16});
}

std::vector<TermId> Walker::fixedExtents(const types::FixedType &type) {
    std::vector<TermId> out;
    for (TypeId dim : type.dims) out.push_back(sizeTerm(dim));
    return out;
}

std::vector<TermId> Walker::extents(const Place &place, TypeId type) {
    if (auto *fixed = types.as<types::FixedType>(type)) return fixedExtents(*fixed);
    std::vector<TermId> out;
    if (place.isOpenView()) {
        for (const Dim &dim : place.steps.back().dims)
            if (dim.isRange()) out.push_back(dim.count);
        return out;
    }
    const bool variable = isVariable(place.root);
    const int rank = std::max(types.rankOf(type), 1);
    if (variable && place.steps.empty() && locals[place.root.raw].shape != Known::kNone)
        return shapes[locals[place.root.raw].shape];
    const Birth version = variable ? versionsAt(locals[place.root.raw], place).shape : terms.now();
    const bool array = variable && place.steps.empty() && types.is<types::ArrayType>(type);
    for (int d = 0; d < rank; ++d) {
        std::string text;
        if (variable && place.steps.empty())
            text = localText(place.root) + (rank == 1 ? ".len" : d == 0 ? ".rows" : ".cols");
        out.push_back(terms.opaque(kExtent + static_cast<uint32_t>(d), keyOf(place), version, {0, kMostElements},
                                   std::move(text)));
        noteLoaded(out.back(), place, d, version);
    }
    if (array) {
        // From now on it is the shape of the variable, whatever happens to its elements.
        locals[place.root.raw].shape = static_cast<uint32_t>(shapes.size());
        shapes.push_back(out);
    }
    return out;
}

/// Makes the place end in a view of all elements, if it does not end in a view.
void Walker::openView(Place &place, TypeId type) {
    if (!place.root || place.isOpenView()) return;
    Step step;
    step.kind = StepKind::Elements;
    step.shape = extents(place, type);
    for (TermId extent : step.shape) step.dims.push_back({terms.constant(0), extent});
    place.steps.push_back(std::move(step));
}

void Walker::apply(Place &place, const std::vector<Dim> &dims) {
    if (!place.isOpenView()) return;
    Step &step = place.steps.back();
    size_t next = 0;
    for (Dim &dim : step.dims) {
        if (!dim.isRange()) continue;
        if (next == dims.size()) return;
        const Dim &index = dims[next++];
        const TermId end = index.isRange() ? terms.add(index.lo, index.count) : terms.addConstant(index.lo, 1);
        auto hold = [&](CondId fact) {
            if (fact == terms.truth()) return;
            for (TermId operand : {index.lo, index.isRange() ? end : index.lo, dim.count})
                if (!terms.fits(operand)) terms.doubt(fact, operand);
            place.facts.push_back(fact);
        };
        hold(terms.notNegative(index.lo));
        hold(terms.lessEqual(end, dim.count));
        if (index.isRange()) hold(terms.notNegative(index.count));
        dim = {terms.add(dim.lo, index.lo), index.count};
    }
}

Dim Walker::indexDim(const IndexArg &arg, TermId extent) {
    if (!arg.isRange()) return {value(arg.index).term, {}};
    const TermId lo = arg.lo ? value(arg.lo).term : terms.constant(0);
    TermId hi = arg.hi ? value(arg.hi).term : extent;
    if (!lo || !hi) return {lo, hi};
    if (arg.inclusive) hi = terms.addConstant(hi, 1);
    return {lo, terms.sub(hi, lo)};
}

Place Walker::indexed(ExprId id, const Index &node) {
    Place out = place(node.base);
    openView(out, body.exprs[node.base].type);
    std::vector<TermId> limits;
    if (out.isOpenView())
        for (const Dim &dim : out.steps.back().dims)
            if (dim.isRange()) limits.push_back(dim.count);
    std::vector<Dim> dims;
    bool proved = true;
    for (size_t d = 0; d < node.args.size(); ++d) {
        const TermId limit = d < limits.size() ? limits[d] : terms.freshTerm({}, {0, kMostElements});
        Dim dim = indexDim(node.args[d], limit);
        if (!dim.lo) dim.lo = terms.freshTerm({}, {});
        dims.push_back(dim);
        if (d >= limits.size()) {
            proved = false;
            continue;
        }
        const TermId end = dim.isRange() ? terms.add(dim.lo, dim.count) : terms.addConstant(dim.lo, 1);
        CondId inside = terms.both(terms.notNegative(dim.lo), terms.lessEqual(end, limit));
        if (dim.isRange()) inside = terms.both(inside, terms.notNegative(dim.count));
        const bool sound = !terms.assumes(dim.lo) && !terms.assumes(end) && !terms.assumes(limit);
        proved = proved && sound && conflicts.provenExactly(inside, path);
    }
    apply(out, dims);
    if (proofs.indices.size() > id.raw) proofs.indices[id.raw].bounds = proved ? Bounds::Proved : Bounds::Checked;
    return out;
}

Place Walker::reshaped(const Reshape &node) {
    Place out = place(node.base);
    openView(out, body.exprs[node.base].type);
    std::vector<TermId> shape;
    for (ExprId extent : node.extents) shape.push_back(value(extent).term);
    if (!out.isOpenView()) return out;
    Step &step = out.steps.back();
    // Only what is one stretch of memory can be reshaped: single indices, one range, whole dimensions.
    TermId start = step.offset ? step.offset : terms.constant(0);
    TermId count = terms.constant(1);
    bool open = false, known = true;
    for (size_t d = 0; d < step.dims.size(); ++d) {
        TermId below = terms.constant(1);
        for (size_t k = d + 1; k < step.shape.size(); ++k) below = terms.mul(below, step.shape[k]);
        const Dim &dim = step.dims[d];
        const bool whole = dim.isRange() && terms.constantValue(dim.lo) == 0 && dim.count == step.shape[d];
        known = known && (!open || whole);
        open = open || dim.isRange();
        start = terms.add(start, terms.mul(dim.lo, below));
        if (dim.isRange()) count = terms.mul(count, dim.count);
    }
    if (!known) return out; // it traps, or is all that is touched
    if (shape.empty()) shape.push_back(count);
    Step next;
    next.kind = StepKind::Elements;
    next.shape = shape;
    next.offset = start;
    next.under = step.under.empty() ? step.shape : step.under;
    for (TermId extent : shape) next.dims.push_back({terms.constant(0), extent});
    step = std::move(next);
    return out;
}

Value Walker::load(const Place &place, TypeId type, source::Span span) {
    if (!isVariable(place.root)) return unknownValue(type, {}, span);
    Known &known = locals[place.root.raw];
    const bool integer = isInteger(type), boolean = type == types.boolean;
    if (!integer && !boolean) return {};
    Value out;
    if (place.steps.empty()) {
        if (integer && !known.value) known.value = freshInteger(type, localText(place.root), span);
        out.term = integer ? known.value : TermId();
        out.truth = known.truth;
        if (integer || out.truth) return out;
    }
    const Interval range = integer ? rangeOf(type) : Interval{0, 1};
    const Birth version = versionsAt(known, place).contents;
    const TermId term = terms.opaque(kLoad, keyOf(place), version, range,
                                     placeText(place, [&](TermId index) { return terms.text(index); }), span);
    if (integer) noteLoaded(term, place, Quantity::kValue, version);
    if (integer)
        out.term = term;
    else
        out.truth = terms.notNegative(terms.addConstant(term, -1));
    return out;
}

void Walker::touch(AccessKind kind, const Place &place, source::Span span, ExprId expr, OperatorClass op) {
    if (!place.root) return;
    Access access;
    access.kind = kind;
    access.op = op;
    access.place = place;
    access.path = path;
    access.span = span;
    access.expr = expr;
    accesses.push_back(std::move(access));
}

/// Remembers where the value of a field comes from, so that it can be read once more in front of a region.
void Walker::noteLoaded(TermId term, const Place &place, int extent, Birth version) {
    const auto symbol = terms.asSymbol(term);
    if (!symbol || !isVariable(place.root)) return;
    Quantity from{place.root, {}, extent};
    for (const Step &step : place.steps) {
        if (step.kind != StepKind::Field) return;
        from.path.push_back(step.index);
    }
    loaded.try_emplace(*symbol, Loaded{std::move(from), version});
}

void Walker::touchHeader(const Place &place, source::Span span) {
    if (!isVariable(place.root)) return;
    Place owner = place;
    if (owner.isOpenView()) owner.steps.pop_back();
    const TypeId root = body.locals[place.root].type;
    if (owner.steps.empty() && (types.is<types::ViewType>(root) || types.is<types::FixedType>(root))) return;
    touch(AccessKind::Read, part(owner, StepKind::Inside, uint32_t(Content::Shape)), span, {});
}

TermId Walker::contents(const Place &place) {
    const Birth version = isVariable(place.root) ? versionsAt(locals[place.root.raw], place).contents : terms.now();
    return terms.opaque(kContents, keyOf(place), version, {});
}

Walker::Versions Walker::versionsAt(const Known &known, const Place &place) const {
    Versions out{known.version, known.shape_version};
    if (known.fields == Known::kNone) return out;
    for (const auto &[field, versions] : field_versions[known.fields]) {
        if (!place.steps.empty() && place.steps[0].kind == StepKind::Field && place.steps[0].index != field) continue;
        out.contents = std::max(out.contents, versions.contents);
        out.shape = std::max(out.shape, versions.shape);
    }
    return out;
}

Birth Walker::versionOf(const Known &known, const Quantity &from) const {
    Place place{from.local, {}, {}};
    if (!from.path.empty()) {
        Step field;
        field.index = from.path[0];
        place.steps.push_back(field);
    }
    const Versions versions = versionsAt(known, place);
    return from.extent == Quantity::kValue ? versions.contents : versions.shape;
}

void Walker::bump(Known &known, const Place &place, bool owner) {
    const Birth now = terms.now();
    if (place.steps.empty() || place.steps[0].kind != StepKind::Field) {
        known.version = now;
        if (owner) known.shape_version = now;
        return;
    }
    FieldVersions fields;
    if (known.fields != Known::kNone) fields = field_versions[known.fields];
    Versions &versions = fields[place.steps[0].index];
    versions.contents = now;
    if (owner) versions.shape = now;
    known.fields = static_cast<uint32_t>(field_versions.size());
    field_versions.push_back(std::move(fields));
}

/// Where ways meet, a field has the version that it has on all of them, or a new one.
void Walker::joinFields(Known &mine, const Known &theirs) {
    if (mine.fields == theirs.fields) return;
    FieldVersions joined, others;
    if (mine.fields != Known::kNone) joined = field_versions[mine.fields];
    if (theirs.fields != Known::kNone) others = field_versions[theirs.fields];
    for (const auto &[field, versions] : others) joined.try_emplace(field);
    for (auto &[field, versions] : joined) {
        const auto other = others.find(field);
        const Versions same = other == others.end() ? Versions{} : other->second;
        if (versions.contents != same.contents) versions.contents = terms.now();
        if (versions.shape != same.shape) versions.shape = terms.now();
    }
    mine.fields = static_cast<uint32_t>(field_versions.size());
    field_versions.push_back(std::move(joined));
}

/// After a write: what was known of the contents (of an owner also the extents) is no longer so.
void Walker::noteWrite(const Place &place, bool owner, bool itself) {
    if (!isVariable(place.root)) return;
    Known &known = locals[place.root.raw];
    bump(known, place, owner);
    if (!owner || !place.steps.empty() || !itself) return;
    known.shape = Known::kNone;
    known.value = {};
    known.truth = {};
}

bool Walker::ownsElements(TypeId array) const {
    const TypeId elem = types.elemOf(array);
    return !elem || types.owns(elem);
}

std::string Walker::localText(LocalId local) const {
    if (local == kWorld) return "world";
    if (local == kOut) return "out";
    // What a loop owns without a name.
    if (!body.locals[local].name.valid()) return "the source";
    return std::string(analysis.names.text(body.locals[local].name));
}

} // namespace parlane::access
