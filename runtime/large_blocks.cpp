#include "runtime/large_blocks.h"

#include "runtime/sched/lock.h"

#include <cstdint>
#include <new>

namespace parlane::rt {

namespace {

constexpr size_t kPage = 4096;
constexpr size_t kMostKept = size_t{1} << 30; ///< bytes
constexpr int kSlots = 4;
/// Blocks begin at different distances from the start of their pages: loops over several arrays of one shape would else
/// meet the same sets of the cache and false dependences between loads and stores.
constexpr size_t kColour = 9 * 64, kColours = 7;

struct Kept {
    void *block;
    size_t mapped;
};

struct Store {
    Lock lock;
    Kept kept[kSlots]{}; ///< oldest first
    int count = 0;
    size_t bytes = 0, next_colour = 0;
};

constinit Store store;

size_t mappedFor(size_t bytes) { return (bytes + kColour * (kColours - 1) + kPage - 1) / kPage * kPage; }

/// Mappings begin at a multiple of kHugeFrom, colours lie below.
void unmap(void *block, size_t mapped) {
    unmapPages(reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(block) & ~(kHugeFrom - 1)), mapped);
}

/// Takes the kept block at `slot` out of the store.
Kept removeKept(int slot) {
    Kept found = store.kept[slot];
    for (int i = slot; i + 1 < store.count; ++i) store.kept[i] = store.kept[i + 1];
    --store.count;
    store.bytes -= found.mapped;
    return found;
}

} // namespace

void *takeLarge(size_t bytes, bool zeroed) {
    size_t mapped = mappedFor(bytes), colour = 0;
    {
        Holding hold(store.lock);
        for (int slot = store.count; !zeroed && slot-- > 0;)
            if (store.kept[slot].mapped == mapped) return removeKept(slot).block;
        colour = store.next_colour++ % kColours * kColour;
    }
    if (!zeroed) trimLarge(); // what grows would leave all its sizes behind
    void *start = mapPages(mapped);
    return start ? static_cast<char *>(start) + colour : nullptr;
}

void giveLarge(void *block, size_t bytes) {
    size_t mapped = mappedFor(bytes);
    if (mapped > kMostKept) return unmap(block, mapped);
    Kept gone[kSlots];
    int count = 0;
    {
        Holding hold(store.lock);
        while (store.count == kSlots || store.bytes + mapped > kMostKept) gone[count++] = removeKept(0);
        store.kept[store.count++] = {block, mapped};
        store.bytes += mapped;
    }
    while (count > 0) --count, unmap(gone[count].block, gone[count].mapped);
}

void trimLarge() {
    Kept gone[kSlots];
    int count = 0;
    {
        Holding hold(store.lock);
        while (store.count > 0) gone[count++] = removeKept(0);
    }
    while (count > 0) --count, unmap(gone[count].block, gone[count].mapped);
}

void resetLarge() { new (&store.lock) Lock; }

} // namespace parlane::rt
