#include "compiler/pir/interp_control.h"

#include <array>

namespace parlane::pir::interp {

int32_t jump(const Insn *pc, char *frame, Machine &m) { PIR_JUMP(pc->d); }

int32_t jumpBack(const Insn *pc, char *frame, Machine &m) {
    if (++m.steps > m.step_limit) [[unlikely]] PIR_FAIL(PAR_STOPPED);
    PIR_JUMP(pc->d);
}

int32_t branchFalse(const Insn *pc, char *frame, Machine &m) {
    if (get<bool>(frame, pc->a)) PIR_NEXT;
    PIR_JUMP(pc->d);
}

int32_t branchNotPositive(const Insn *pc, char *frame, Machine &m) {
    if (get<int64_t>(frame, pc->a) > 0) PIR_NEXT;
    PIR_JUMP(pc->d);
}

int32_t branchZero(const Insn *pc, char *frame, Machine &m) {
    if (get<int64_t>(frame, pc->a) != 0) PIR_NEXT;
    PIR_JUMP(pc->d);
}

int32_t switchTo(const Insn *pc, char *frame, Machine &m) {
    uint64_t raw = 0;
    std::memcpy(&raw, frame + pc->a, static_cast<size_t>(pc->b));
    int shift = 64 - 8 * pc->b;
    int64_t value = pc->c ? static_cast<int64_t>(raw << shift) >> shift : static_cast<int64_t>(raw);
    const auto *table = static_cast<const SwitchTable *>(pc->ptr);
    auto found = table->targets.find(value);
    PIR_JUMP(found == table->targets.end() ? table->otherwise : found->second);
}

namespace {

int64_t asValue(const char *frame, const TrapSite::Value &v) {
    switch (v.kind) {
    case TypeKind::I8: return get<int8_t>(frame, v.offset);
    case TypeKind::I16: return get<int16_t>(frame, v.offset);
    case TypeKind::I32: return get<int32_t>(frame, v.offset);
    case TypeKind::Bool:
    case TypeKind::U8: return get<uint8_t>(frame, v.offset);
    case TypeKind::U16: return get<uint16_t>(frame, v.offset);
    case TypeKind::U32: return get<uint32_t>(frame, v.offset);
    case TypeKind::F32: return static_cast<int64_t>(get<float>(frame, v.offset));
    case TypeKind::F64: return static_cast<int64_t>(get<double>(frame, v.offset));
    default: return get<int64_t>(frame, v.offset);
    }
}

std::string strText(const par_str &s) {
    bool in_place = s.u.bytes[15] < 16;
    const auto *data = reinterpret_cast<const char *>(in_place ? s.u.bytes : s.u.far.data);
    return {data, in_place ? s.u.bytes[15] : static_cast<size_t>(s.u.far.length & 0x00ffffffffffffffu)};
}

int32_t raise(const TrapSite &site, const char *frame, Machine &m) {
    std::array<int64_t, PAR_FAULT_VALUES> values{};
    size_t count = std::min<size_t>(site.values.size(), values.size());
    for (size_t i = 0; i < count; ++i) values[i] = asValue(frame, site.values[i]);
    std::string message = site.text;
    if (site.message >= 0) message = strText(*get<const par_str *>(frame, site.message));
    return m.trap(site.kind, site.loc, {values.data(), count}, message);
}

} // namespace

int32_t check(const Insn *pc, char *frame, Machine &m) {
    if (get<bool>(frame, pc->a)) [[likely]] PIR_NEXT;
    PIR_FAIL(raise(*static_cast<const TrapSite *>(pc->ptr), frame, m));
}

int32_t trapNow(const Insn *pc, char *frame, Machine &m) { PIR_FAIL(raise(*static_cast<const TrapSite *>(pc->ptr), frame, m)); }

int32_t throwNow(const Insn *pc, char *frame, Machine &m) {
    PIR_FAIL(m.throwValue(TypeId(static_cast<uint32_t>(pc->imm)), frame + pc->b, LocId(static_cast<uint32_t>(pc->a))));
}

int32_t tryCatch(const Insn *pc, char *frame, Machine &m) {
    if (m.outcome != PAR_THROWN) PIR_NEXT;
    m.catchValue(TypeId(static_cast<uint32_t>(pc->imm)), frame + pc->a);
    m.outcome = PAR_OK;
    PIR_JUMP(pc->d);
}

int32_t failReturn(const Insn *pc, char *frame, Machine &m) {
    auto header = get<FrameHeader>(frame, 0);
    m.top = frame;
    if (!header.pc) return m.outcome;
    pc = header.pc;
    frame = header.caller;
    m.leaveLibrary(static_cast<const CallSite *>(pc->ptr)->loc);
    PIR_JUMP(pc->pad);
}

int32_t ret(const Insn *pc, char *frame, Machine &m) {
    auto header = get<FrameHeader>(frame, 0);
    m.top = frame;
    m.returned = frame + pc->b;
    if (!header.pc) return PAR_OK;
    if (pc->imm) std::memcpy(header.caller + header.pc->a, frame + pc->b, static_cast<size_t>(pc->imm));
    pc = header.pc;
    frame = header.caller;
    PIR_NEXT;
}

namespace {

/// Reported at the function for which there is no room, as generated code does.
int32_t overflow(Machine &m, FunctionId callee) { return m.trap(PAR_TRAP_stack, m.module.functions[callee].loc); }

} // namespace

int32_t call(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const CallSite *>(pc->ptr);
    if (!site->code) [[unlikely]] site->code = &m.code(site->callee);
    const Code &code = *site->code;
    char *inner = m.enter(code);
    if (!inner || ++m.steps > m.step_limit) [[unlikely]] {
        if (inner) m.top = inner;
        PIR_FAIL(inner ? PAR_STOPPED : overflow(m, site->callee));
    }
    for (size_t i = 0; i < site->cells.size(); ++i)
        std::memcpy(inner + code.params[i], frame + site->cells[i], static_cast<size_t>(code.param_sizes[i]));
    put(inner, 0, FrameHeader{pc, frame});
    pc = code.insns.data();
    frame = inner;
    PIR_JUMP(0);
}

int32_t makeClosure(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ClosureSite *>(pc->ptr);
    for (const Move &move : site->captures) std::memcpy(frame + site->env + move.to, frame + move.from, static_cast<size_t>(move.size));
    put(frame, pc->a, site);
    put(frame, pc->a + 8, frame + site->env);
    PIR_NEXT;
}

int32_t callClosure(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const CallSite *>(pc->ptr);
    const auto *closure = get<const ClosureSite *>(frame, pc->b);
    const char *env = get<const char *>(frame, pc->b + 8);
    const Code &code = m.code(closure->callee);
    char *inner = m.enter(code);
    if (!inner || ++m.steps > m.step_limit) [[unlikely]] {
        if (inner) m.top = inner;
        PIR_FAIL(inner ? PAR_STOPPED : overflow(m, closure->callee));
    }
    size_t captures = closure->captures.size();
    for (size_t i = 0; i < captures; ++i)
        std::memcpy(inner + code.params[i], env + closure->captures[i].to, static_cast<size_t>(code.param_sizes[i]));
    for (size_t i = 0; i < site->cells.size(); ++i)
        std::memcpy(inner + code.params[captures + i], frame + site->cells[i], static_cast<size_t>(code.param_sizes[captures + i]));
    put(inner, 0, FrameHeader{pc, frame});
    pc = code.insns.data();
    frame = inner;
    PIR_JUMP(0);
}

namespace {

template <size_t... I> int32_t invoke(void *function, par_ctx *ctx, void *result, void *const *args, std::index_sequence<I...>) {
    using F = int32_t (*)(par_ctx *, void *, decltype(static_cast<void>(I), static_cast<void *>(nullptr))...);
    return reinterpret_cast<F>(function)(ctx, result, args[I]...);
}
template <size_t... I> void invokeC(void *function, void *result, void *const *args, std::index_sequence<I...>) {
    using F = void (*)(void *, decltype(static_cast<void>(I), static_cast<void *>(nullptr))...);
    reinterpret_cast<F>(function)(result, args[I]...);
}

/// Calls with 0 to 8 pointers.
int32_t foreign(const ForeignSite &site, char *frame, Machine &m) {
    std::array<void *, 8> args{};
    for (size_t i = 0; i < site.arguments.size(); ++i) {
        auto [cell, pointer] = site.arguments[i];
        args[i] = pointer ? get<void *>(frame, cell) : frame + cell;
    }
    void *result = site.result >= 0 ? frame + site.result : nullptr;
    auto with = [&]<size_t N>(std::integral_constant<size_t, N>) -> int32_t {
        if (site.outcome) return invoke(site.function, m.ctx, result, args.data(), std::make_index_sequence<N>{});
        invokeC(site.function, result, args.data(), std::make_index_sequence<N>{});
        return PAR_OK;
    };
    switch (site.arguments.size()) {
    case 0: return with(std::integral_constant<size_t, 0>{});
    case 1: return with(std::integral_constant<size_t, 1>{});
    case 2: return with(std::integral_constant<size_t, 2>{});
    case 3: return with(std::integral_constant<size_t, 3>{});
    case 4: return with(std::integral_constant<size_t, 4>{});
    case 5: return with(std::integral_constant<size_t, 5>{});
    case 6: return with(std::integral_constant<size_t, 6>{});
    case 7: return with(std::integral_constant<size_t, 7>{});
    default: return with(std::integral_constant<size_t, 8>{});
    }
}

} // namespace

int32_t callForeign(const Insn *pc, char *frame, Machine &m) {
    const auto *site = static_cast<const ForeignSite *>(pc->ptr);
    if (!site->function) PIR_FAIL(m.trap(PAR_TRAP_other, site->loc, {}, "the interpreter cannot call " + site->name));
    int32_t outcome = foreign(*site, frame, m);
    if (outcome == PAR_OK) [[likely]] PIR_NEXT;
    if (outcome == PAR_THROWN || outcome == PAR_TRAPPED) {
        m.thrown_type = {};
        if (!m.ctx->fault->site) m.ctx->fault->site = m.site(site->loc);
    }
    PIR_FAIL(outcome);
}

int32_t subReturn(const Insn *, char *, Machine &) { return PAR_OK; }
int32_t subFail(const Insn *, char *, Machine &m) { return m.outcome; }

} // namespace parlane::pir::interp
