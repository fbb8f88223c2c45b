// A runtime for tests: memory and strings, nothing else. Counts what is alive.
#include "compiler/pir/interpret.h"

#include <cstdlib>
#include <cstring>

namespace parlane::pir {

namespace {

struct PlainContext {
    par_ctx ctx{};
    par_fault fault{};
    int64_t live = 0;
};

constexpr size_t kHeader = 64; // in front of each block: whose it is

void *plainAlloc(par_ctx *ctx, int64_t bytes, int32_t zeroed) {
    size_t size = (static_cast<size_t>(bytes) + 63) / 64 * 64;
    void *block = bytes > (int64_t{1} << 40) ? nullptr : std::aligned_alloc(64, kHeader + size);
    if (!block) {
        ctx->fault->outcome = PAR_TRAPPED;
        ctx->fault->trap = PAR_TRAP_memory;
        ctx->fault->value_count = 1;
        ctx->fault->values[0] = bytes;
        return nullptr;
    }
    auto *owner = reinterpret_cast<PlainContext *>(ctx); // ctx is its first field
    std::memcpy(block, &owner, sizeof owner);
    ++owner->live;
    char *made = static_cast<char *>(block) + kHeader;
    if (zeroed) std::memset(made, 0, size);
    return made;
}

void plainFree(void *place, int64_t) {
    if (!place) return;
    char *block = static_cast<char *>(place) - kHeader;
    PlainContext *owner;
    std::memcpy(&owner, block, sizeof owner);
    --owner->live;
    std::free(block);
}

bool onHeap(const par_str &s) { return s.u.bytes[15] == 0x80; }
int64_t lengthOf(const par_str &s) { return static_cast<int64_t>(s.u.far.length & 0x00ffffffffffffffu); }

int32_t plainStrCopy(par_ctx *ctx, void *result, const void *s) {
    par_str str;
    std::memcpy(&str, s, sizeof str);
    if (onHeap(str)) {
        int64_t length = lengthOf(str);
        auto *made = static_cast<uint8_t *>(plainAlloc(ctx, length, 0));
        if (!made) return PAR_TRAPPED;
        std::memcpy(made, str.u.far.data, static_cast<size_t>(length));
        str.u.far.data = made;
    }
    std::memcpy(result, &str, sizeof str);
    return PAR_OK;
}

int32_t plainStrDrop(par_ctx *, void *, void *s) {
    par_str str;
    std::memcpy(&str, s, sizeof str);
    if (onHeap(str)) plainFree(const_cast<uint8_t *>(str.u.far.data), lengthOf(str));
    std::memset(s, 0, sizeof str);
    return PAR_OK;
}

int32_t plainFileClose(par_ctx *, void *, void *file) {
    std::memset(file, 0, 8);
    return PAR_OK;
}

par_ctx *plainEnter(par_entry *entry) {
    auto *made = new PlainContext;
    made->ctx.fault = &made->fault;
    std::memcpy(entry, &made, sizeof made);
    return &made->ctx;
}

void plainLeave(par_ctx *, par_entry *entry) {
    PlainContext *made;
    std::memcpy(&made, entry, sizeof made);
    delete made;
}

// Enough of the text functions for tests on strings: str(view<str,1>) joins, str(str) copies.
int32_t plainConcat(par_ctx *ctx, void *result, const void *parts) {
    par_view1 view;
    std::memcpy(&view, parts, sizeof view);
    const auto *strs = static_cast<const par_str *>(view.data);
    int64_t length = 0;
    auto size = [](const par_str &s) { return s.u.bytes[15] < 16 ? int64_t{s.u.bytes[15]} : lengthOf(s); };
    for (int64_t i = 0; i < view.n; ++i) length += size(strs[i]);
    par_str made{};
    uint8_t *out = made.u.bytes;
    if (length > 15) {
        out = static_cast<uint8_t *>(plainAlloc(ctx, length, 0));
        if (!out) return PAR_TRAPPED;
    }
    for (int64_t i = 0, at = 0; i < view.n; at += size(strs[i]), ++i)
        std::memcpy(out + at, strs[i].u.bytes[15] < 16 ? strs[i].u.bytes : strs[i].u.far.data, static_cast<size_t>(size(strs[i])));
    if (length > 15) {
        made.u.far.data = out;
        made.u.far.length = static_cast<uint64_t>(length);
        made.u.bytes[15] = 0x80;
    } else {
        made.u.bytes[15] = static_cast<uint8_t>(length);
    }
    std::memcpy(result, &made, sizeof made);
    return PAR_OK;
}

void *plainFind(std::string_view name) {
    if (name == "str_concat") return reinterpret_cast<void *>(&plainConcat);
    if (name == "str_copy") return reinterpret_cast<void *>(&plainStrCopy);
    return nullptr;
}

} // namespace

const RuntimeTable &plainRuntime() {
    static constexpr RuntimeTable table = {plainAlloc, plainFree, plainStrCopy, plainStrDrop, plainFileClose, plainEnter, plainLeave, plainFind};
    return table;
}

int64_t plainRuntimeLive(const par_ctx *ctx) { return reinterpret_cast<const PlainContext *>(ctx)->live; }

} // namespace parlane::pir
