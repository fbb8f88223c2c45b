#include "runtime/fault.h"
#include "runtime/lib/text.h"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace parlane::rt {

namespace {

/// Spare faults: a failure must be possible to report when memory is out.
class FaultStore {
public:
    par_fault *take() {
        {
            Holding hold(lock);
            if (!primed) prime();
            if (used < kSpares) {
                par_fault *fault = spares[used];
                spares[used++] = nullptr;
                return fault;
            }
        }
        auto *fault = static_cast<par_fault *>(calloc(1, sizeof(par_fault)));
        if (!fault) dieNow("out of memory while reporting a failure");
        return fault;
    }
    void give(par_fault *fault) {
        clearFault(*fault);
        Holding hold(lock);
        if (used > 0)
            spares[--used] = fault;
        else
            free(fault);
    }

    void unlock() { new (&lock) Lock; }

private:
    static constexpr int kSpares = 32;
    void prime() {
        primed = true;
        for (auto &spare : spares) {
            spare = static_cast<par_fault *>(calloc(1, sizeof(par_fault)));
            if (!spare) dieNow("out of memory");
        }
    }
    Lock lock;
    bool primed = false;
    int used = 0;
    par_fault *spares[kSpares] = {};
};

FaultStore store;

struct TrapText {
    const char *name, *code, *text;
};
constexpr TrapText kTraps[] = {
    {"nothing", "X5000", "nothing"},
#define PAR_TRAP(name, code, text) {#name, code, text},
#include "parlane/traps.def"
#undef PAR_TRAP
};
static_assert(sizeof kTraps / sizeof kTraps[0] == PAR_TRAP_COUNT);

void *thrownValue(par_fault &fault) {
    return fault.size <= PAR_FAULT_INLINE ? fault.thrown.bytes : fault.thrown.pointer;
}

/// A growing text in C memory; when memory is out it stays as it is.
struct Writer {
    char *text = nullptr;
    size_t size = 0, room = 0;
    void add(const char *bytes, size_t count) {
        if (size + count + 1 > room) {
            size_t more = (size + count + 1) * 2;
            auto *bigger = static_cast<char *>(realloc(text, more));
            if (!bigger) return;
            text = bigger;
            room = more;
        }
        memcpy(text + size, bytes, count);
        size += count;
        text[size] = 0;
    }
    void add(const char *bytes) { add(bytes, strlen(bytes)); }
    void number(int64_t value) {
        char digits[24];
        add(digits, static_cast<size_t>(snprintf(digits, sizeof digits, "%lld", static_cast<long long>(value))));
    }
};

/// The text of a kind with its values filled in.
void writeTrap(Writer &out, const par_fault &fault) {
    const TrapText &trap = kTraps[fault.trap < PAR_TRAP_COUNT ? fault.trap : 0];
    for (const char *c = trap.text; *c; ++c) {
        if (c[0] == '{' && c[1] == '}') {
            Text message = textOf(&fault.message);
            out.add(message.chars(), message.size());
            ++c;
        } else if (c[0] == '{') {
            auto k = static_cast<uint32_t>(c[1] - '0');
            if (k < fault.value_count)
                out.number(fault.values[k]);
            else
                out.add("?");
            c += 2;
        } else {
            out.add(c, 1);
        }
    }
}

/// "in iteration i = 3, j = 1 of `par for` at a.par:2:5", innermost loop first. The names, empty ones included, say how
/// many indices one iteration has.
void writeIterations(Writer &out, const par_fault &fault) {
    for (uint32_t k = 0; k < fault.index_count;) {
        const par_site *site = fault.indices[k].site;
        out.add("  in iteration ");
        const char *name = site && site->names ? site->names : "";
        for (bool more = true; more && k < fault.index_count && fault.indices[k].site == site; ++k) {
            size_t length = strcspn(name, ",");
            if (length > 0) {
                out.add(name, length);
                out.add(" = ");
            }
            out.number(fault.indices[k].value);
            name += length;
            more = *name == ',';
            if (!more) continue;
            name += 2; // ", "
            if (k + 1 < fault.index_count) out.add(", ");
        }
        if (site) {
            out.add(" of `");
            out.add(site->construct ? site->construct : "loop");
            out.add("` at ");
            out.add(site->file);
            out.add(":");
            out.number(site->line);
            out.add(":");
            out.number(site->column);
        }
        out.add("\n");
    }
}

bool isLibrary(const par_site &site) { return site.file && strncmp(site.file, "<std.", 5) == 0; }

} // namespace

par_fault *takeFault() { return store.take(); }
void giveFault(par_fault *fault) { store.give(fault); }
void resetFaultStore() { store.unlock(); }

void clearFault(par_fault &fault) {
    if (fault.outcome == PAR_OK) return;
    if (fault.outcome == PAR_THROWN) {
        void *value = thrownValue(fault);
        if (fault.drop) fault.drop(value);
        if (fault.size > PAR_FAULT_INLINE) par_rt_free(value, fault.size);
    }
    dropText(fault.message);
    memset(&fault, 0, sizeof fault);
}

int32_t trapWith(Worker &w, uint32_t kind, int64_t a, int64_t b, int64_t c) {
    int64_t values[] = {a, b, c};
    return par_rt_trap(&w, kind, nullptr, 3, values);
}

int32_t throwWith(Worker &w, const char *text, size_t length) {
    par_str message{};
    if (int32_t o = newText(w, &message, text, length)) return o;
    return par_rt_throw(&w, nullptr, PAR_TYPE_ERROR, &message, sizeof message,
                        [](void *value) { dropText(*static_cast<par_str *>(value)); });
}

char *renderFault(const par_fault &fault, size_t &length) {
    Writer out;
    if (fault.outcome == PAR_TRAPPED) {
        out.add("trap[");
        out.add(kTraps[fault.trap < PAR_TRAP_COUNT ? fault.trap : 0].code);
        out.add("]: ");
        writeTrap(out, fault);
    } else if (fault.outcome == PAR_THROWN) {
        out.add("error: ");
        if (fault.type == PAR_TYPE_ERROR) {
            Text message = textOf(fault.thrown.bytes);
            out.add(message.chars(), message.size());
        } else {
            out.add("a value of type ");
            out.number(fault.type);
        }
    } else {
        out.add("stopped");
    }
    out.add("\n");
    if (fault.site) {
        out.add("  at ");
        out.add(fault.site->file);
        out.add(":");
        out.number(fault.site->line);
        out.add(":");
        out.number(fault.site->column);
        out.add("\n");
    }
    writeIterations(out, fault);
    length = out.size;
    return out.text;
}

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_trap(par_ctx *ctx, uint32_t kind, const par_site *site, int32_t count,
                               const int64_t *values) {
    par_fault &fault = *ctx->fault;
    clearFault(fault);
    fault.outcome = PAR_TRAPPED;
    fault.trap = kind;
    fault.site = site;
    for (int32_t i = 0; i < count && i < PAR_FAULT_VALUES; ++i) fault.values[fault.value_count++] = values[i];
    return PAR_TRAPPED;
}

extern "C" int32_t par_rt_trap_text(par_ctx *ctx, uint32_t kind, const par_site *site, const par_str *message) {
    par_str copy{};
    if (int32_t o = par_rt_str_copy(ctx, &copy, message)) return o;
    par_rt_trap(ctx, kind, site, 0, nullptr);
    ctx->fault->message = copy;
    return PAR_TRAPPED;
}

extern "C" int32_t par_rt_throw(par_ctx *ctx, const par_site *site, uint32_t type, const void *value, uint32_t size,
                                void (*drop)(void *)) {
    par_fault &fault = *ctx->fault;
    void *block = nullptr;
    if (size > PAR_FAULT_INLINE && !(block = par_rt_alloc(ctx, size, 0))) return PAR_TRAPPED;
    clearFault(fault);
    fault.outcome = PAR_THROWN;
    fault.site = site;
    fault.type = type;
    fault.size = size;
    fault.drop = drop;
    if (block) {
        memcpy(block, value, size);
        fault.thrown.pointer = block;
    } else if (size > 0) {
        memcpy(fault.thrown.bytes, value, size);
    }
    return PAR_THROWN;
}

extern "C" int32_t par_rt_throw_text(par_ctx *ctx, const par_site *site, const par_str *message) {
    Text text = textOf(message);
    int32_t o = throwWith(workerOf(ctx), text.chars(), text.size());
    if (o == PAR_THROWN) ctx->fault->site = site;
    return o;
}

extern "C" void par_rt_fault_site(par_ctx *ctx, const par_site *site) {
    par_fault &fault = *ctx->fault;
    if (fault.outcome != PAR_OK && (!fault.site || isLibrary(*fault.site))) fault.site = site;
}

extern "C" void par_rt_fault_index(par_ctx *ctx, const par_site *site, int32_t count, const int64_t *indices) {
    par_fault &fault = *ctx->fault;
    for (int32_t i = 0; i < count && fault.index_count < PAR_FAULT_INDICES; ++i)
        fault.indices[fault.index_count++] = {site, indices[i]};
}

extern "C" uint32_t par_rt_thrown_type(par_ctx *ctx) { return ctx->fault->type; }

extern "C" void par_rt_catch(par_ctx *ctx, void *into, uint32_t size) {
    par_fault &fault = *ctx->fault;
    memcpy(into, thrownValue(fault), size);
    fault.drop = nullptr; // moved out
    clearFault(fault);
}

extern "C" void par_rt_fault_clear(par_ctx *ctx) { clearFault(*ctx->fault); }

extern "C" int32_t par_rt_fault_render(par_ctx *ctx, void *result) {
    size_t length = 0;
    char *text = renderFault(*ctx->fault, length);
    // A trap in here must not overwrite the fault that is being rendered.
    par_fault spare{};
    par_fault *saved = ctx->fault;
    ctx->fault = &spare;
    int32_t o = newText(workerOf(ctx), result, text ? text : "", text ? length : 0);
    ctx->fault = saved;
    free(text);
    return o;
}
