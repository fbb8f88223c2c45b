#include "compiler/pir/interpret.h"

#include "compiler/pir/interp_code.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/mman.h>

namespace parlane::pir {

namespace interp {

const Code &Machine::code(FunctionId id) {
    if (codes.size() <= id.raw) codes.resize(module.functions.size());
    if (!codes[id.raw]) codes[id.raw] = decode(*this, id);
    return *codes[id.raw];
}

const par_site *Machine::site(LocId loc) {
    if (!loc.valid()) return nullptr;
    auto [found, fresh] = sites.try_emplace(loc.raw, nullptr);
    if (!fresh) return found->second;
    SourcePlace place;
    if (options.place)
        place = options.place(loc);
    else
        place.line = module.locations[loc].span.begin.offset;
    site_files.push_back(place.file);
    site_store.push_back({site_files.back().c_str(), place.line, place.column, nullptr, nullptr});
    return found->second = &site_store.back();
}

/// Copies of one body, as passes make them, share a site: they are one loop.
const par_site *Machine::site(const Op &iteration) {
    std::string_view construct = iteration.string(AttrKey::Text), names = iteration.string(AttrKey::Name);
    auto [found, fresh] = iteration_sites.try_emplace({iteration.loc.raw, construct, names}, nullptr);
    if (!fresh) return found->second;
    const par_site *plain = site(iteration.loc);
    if (!plain) return nullptr;
    par_site made = *plain;
    if (!construct.empty()) made.construct = site_files.emplace_back(construct).c_str();
    if (!names.empty()) made.names = site_files.emplace_back(names).c_str();
    site_store.push_back(made);
    return found->second = &site_store.back();
}

void Machine::leaveLibrary(LocId loc) {
    const par_site *old = ctx->fault->site;
    if (old && old->file && std::string_view(old->file).starts_with("<std.")) ctx->fault->site = site(loc);
}

void Machine::clearFault() {
    par_fault &fault = *ctx->fault;
    if (fault.outcome == PAR_THROWN) {
        void *place = fault.size > PAR_FAULT_INLINE ? fault.thrown.pointer : static_cast<void *>(fault.thrown.bytes);
        if (thrown_type.valid())
            values.drop(thrown_type, place);
        else if (fault.type == PAR_TYPE_ERROR)
            runtime.str_drop(ctx, nullptr, place);
        if (fault.size > PAR_FAULT_INLINE) runtime.free(fault.thrown.pointer, fault.size);
    }
    runtime.str_drop(ctx, nullptr, &fault.message);
    fault = {};
    thrown_type = {};
}

int32_t Machine::trap(uint32_t kind, LocId loc, std::span<const int64_t> trap_values, std::string_view text) {
    clearFault();
    par_fault &fault = *ctx->fault;
    fault.outcome = PAR_TRAPPED;
    fault.trap = kind;
    fault.site = site(loc);
    fault.value_count = static_cast<uint32_t>(std::min<size_t>(trap_values.size(), PAR_FAULT_VALUES));
    std::copy_n(trap_values.begin(), fault.value_count, fault.values);
    if (!text.empty()) {
        // The text is copied by the runtime's own means, so that whoever clears the fault can release it.
        par_str fixed{};
        fixed.u.far.data = reinterpret_cast<const uint8_t *>(text.data());
        fixed.u.far.length = text.size();
        fixed.u.bytes[15] = 0x80; // as if owned: a static one would not be copied
        runtime.str_copy(ctx, &fault.message, &fixed);
    }
    return PAR_TRAPPED;
}

int32_t Machine::throwValue(TypeId type, const void *value, LocId loc) {
    clearFault();
    int64_t size = layouts.size(type);
    void *place = ctx->fault->thrown.bytes;
    if (size > PAR_FAULT_INLINE) {
        place = runtime.alloc(ctx, size, 0);
        if (!place) return PAR_TRAPPED; // the value is lost with the run
        ctx->fault->thrown.pointer = place;
    }
    std::memcpy(place, value, static_cast<size_t>(size));
    par_fault &fault = *ctx->fault;
    fault.outcome = PAR_THROWN;
    fault.site = site(loc);
    fault.size = static_cast<uint32_t>(size);
    fault.type = module.types[type].name == "Error" ? uint32_t{PAR_TYPE_ERROR} : 0x10000 + type.raw;
    thrown_type = type;
    return PAR_THROWN;
}

void Machine::catchValue(TypeId type, void *into) {
    par_fault &fault = *ctx->fault;
    auto size = static_cast<size_t>(layouts.size(type));
    if (fault.size > PAR_FAULT_INLINE) {
        std::memcpy(into, fault.thrown.pointer, size);
        runtime.free(fault.thrown.pointer, fault.size);
    } else {
        std::memcpy(into, fault.thrown.bytes, size);
    }
    runtime.str_drop(ctx, nullptr, &fault.message);
    fault = {};
    thrown_type = {};
}

int32_t Machine::broken(LocId loc, std::string message) {
    if (internal.empty()) internal = message;
    return trap(PAR_TRAP_other, loc, {}, "internal error: " + message);
}

int32_t Machine::subroutine(const Insn *start, char *frame) {
    if (nested >= 400) return trap(PAR_TRAP_stack, {});
    ++nested;
    char *before = top;
    int32_t result = start->run(start, frame, *this);
    top = before;
    --nested;
    return result;
}

int32_t Machine::call(const Code &code, char *frame) {
    put(frame, 0, FrameHeader{nullptr, nullptr});
    outcome = PAR_OK;
    const Insn *pc = code.insns.data();
    return pc->run(pc, frame, *this);
}

} // namespace interp

using interp::Code;
using interp::Machine;

struct Interpreter::Impl {
    const Module &module;
    InterpretOptions options;
    const RuntimeTable &runtime;
    Layouts layouts;
    ValueOps values;
    par_entry entry{};
    Machine machine;

    Impl(const Module &module, InterpretOptions given)
        : module(module), options(std::move(given)), runtime(options.runtime ? *options.runtime : plainRuntime()),
          layouts(module.types), values(module, layouts, runtime), machine(module, options, runtime, layouts, values) {
        values.ctx = machine.ctx = runtime.enter(&entry);
        void *stack = mmap(nullptr, static_cast<size_t>(options.stack_bytes), PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        PAR_CHECK(stack != MAP_FAILED, "no address space for the interpreter's stack");
        machine.stack = machine.top = static_cast<char *>(stack);
        machine.limit = machine.stack + options.stack_bytes;
        if (options.max_ops) machine.step_limit = options.max_ops;
    }
    ~Impl() {
        machine.clearFault();
        munmap(machine.stack, static_cast<size_t>(options.stack_bytes));
        runtime.leave(machine.ctx, &entry);
    }
};

Interpreter::Interpreter(const Module &module, InterpretOptions options)
    : impl(std::make_unique<Impl>(module, std::move(options))) {}
Interpreter::~Interpreter() = default;

int32_t Interpreter::run(FunctionId function, std::span<const void *const> arguments, void *result) {
    Machine &m = impl->machine;
    m.clearFault();
    m.internal.clear();
    m.top = m.stack;
    const Code &code = m.code(function);
    char *frame = m.enter(code);
    if (!frame) return m.trap(PAR_TRAP_stack, impl->module.functions[function].loc);
    PAR_CHECK(arguments.size() == code.params.size(), "@{} has {} parameters", impl->module.functions[function].name,
              code.params.size());
    for (size_t i = 0; i < arguments.size(); ++i)
        std::memcpy(frame + code.params[i], arguments[i], static_cast<size_t>(code.param_sizes[i]));
    int32_t outcome = m.call(code, frame);
    PAR_CHECK(m.pars.empty(), "a parallel construct was left open");
    if (outcome == PAR_OK && result)
        std::memcpy(result, m.returned,
                    static_cast<size_t>(impl->layouts.size(impl->module.functions[function].result)));
    return outcome;
}

const par_fault &Interpreter::fault() const { return *impl->machine.ctx->fault; }
const std::string &Interpreter::internalError() const { return impl->machine.internal; }
par_ctx *Interpreter::context() const { return impl->machine.ctx; }
void Interpreter::drop(TypeId type, void *place) { impl->values.drop(type, place); }
Layouts &Interpreter::layouts() { return impl->layouts; }
int64_t Interpreter::steps() const { return impl->machine.steps; }

std::string Interpreter::faultText() const {
    const par_fault &fault = *impl->machine.ctx->fault;
    auto place = [](const par_site *site) {
        return site ? fmt::format("{}:{}:{}", site->file, site->line, site->column) : std::string("?");
    };
    std::string out;
    if (fault.outcome == PAR_THROWN)
        out = fmt::format("thrown, type {}", fault.type);
    else if (fault.outcome == PAR_TRAPPED)
        out = fmt::format("trap {}", text(static_cast<Trap>(fault.trap)));
    else
        return "no fault";
    for (uint32_t i = 0; i < fault.value_count; ++i) out += fmt::format("{}{}", i ? ", " : ": ", fault.values[i]);
    out += " at " + place(fault.site);
    for (uint32_t i = 0; i < fault.index_count; ++i)
        out += fmt::format("; iteration {} of {}", fault.indices[i].value, place(fault.indices[i].site));
    const uint8_t *bytes = fault.message.u.bytes;
    if (bytes[15] >= 16)
        out += fmt::format("; {}", std::string_view(reinterpret_cast<const char *>(fault.message.u.far.data),
                                                    fault.message.u.far.length & 0x00ffffffffffffffu));
    else if (bytes[15])
        out += fmt::format("; {}", std::string_view(reinterpret_cast<const char *>(bytes), bytes[15]));
    return out;
}

} // namespace parlane::pir
