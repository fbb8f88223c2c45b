// par_rt_alloc and par_rt_free: 64-byte aligned blocks without headers, since the size is always known.
#include "runtime/fault.h"
#include "runtime/large_blocks.h"

#include <cstdlib>
#include <cstring>

namespace parlane::rt {

namespace {

constexpr size_t kSmallest = 64, kLargestSmall = kSmallest << (kSizeClasses - 1);
constexpr uint32_t kMostKept = 32; ///< blocks a list keeps; more go back to the C library

/// 64 -> 0, 65 … 128 -> 1, …
int classOf(size_t bytes) {
    if (bytes <= kSmallest) return 0;
    return 64 - __builtin_clzll(bytes - 1) - 6;
}

alignas(64) char nothing[64];

void *allocSmall(size_t bytes) {
    int size_class = classOf(bytes);
    if (Worker *w = currentWorker()) {
        FreeList &list = w->lists[size_class];
        if (void *block = list.head) {
            memcpy(&list.head, block, sizeof list.head);
            --list.count;
            return block;
        }
    }
    return aligned_alloc(64, kSmallest << size_class);
}

void freeSmall(void *block, size_t bytes) {
    int size_class = classOf(bytes);
    if (Worker *w = currentWorker()) {
        FreeList &list = w->lists[size_class];
        if (list.count < kMostKept) {
            memcpy(block, &list.head, sizeof list.head);
            list.head = block;
            ++list.count;
            return;
        }
    }
    free(block);
}

/// Between small and huge: from malloc, with malloc's own pointer in front of the block. Not by aligned_alloc: in the C library
/// of Debian 12 it does not find freed blocks of its kind again, so that blocks that one thread frees and another makes pile up.
void *allocMiddle(size_t bytes) {
    char *raw = static_cast<char *>(malloc(bytes + 64));
    if (!raw) return nullptr;
    char *block = raw + 64 - (reinterpret_cast<uintptr_t>(raw) & 63);
    memcpy(block - sizeof raw, &raw, sizeof raw);
    return block;
}

void freeMiddle(void *block) {
    char *raw;
    memcpy(&raw, static_cast<char *>(block) - sizeof raw, sizeof raw);
    free(raw);
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" void *par_rt_alloc(par_ctx *ctx, int64_t bytes, int32_t zeroed) {
    if (bytes == 0) return nothing;
    void *block = nullptr;
    auto size = static_cast<size_t>(bytes);
    if (bytes < 0 || size > PTRDIFF_MAX - 4096) {
        block = nullptr;
    } else if (size >= kHugeFrom) {
        block = takeLarge(size, zeroed != 0);
        zeroed = 0;
    } else if (size <= kLargestSmall) {
        block = allocSmall(size);
    } else {
        block = allocMiddle(size);
    }
    if (!block) {
        trapWith(workerOf(ctx), PAR_TRAP_memory, bytes);
        return nullptr;
    }
    if (zeroed) memset(block, 0, size);
    return block;
}

extern "C" void par_rt_free(void *block, int64_t bytes) {
    if (!block || block == nothing || bytes <= 0) return;
    auto size = static_cast<size_t>(bytes);
    if (size >= kHugeFrom)
        giveLarge(block, size);
    else if (size <= kLargestSmall)
        freeSmall(block, size);
    else
        freeMiddle(block);
}
