// Blocks from kHugeFrom bytes on: mappings of their own, on huge pages, a few of them kept for the next of their size.
#pragma once
#include "runtime/os/os.h"

namespace parlane::rt {

/// 64-byte aligned; null if there is none. `zeroed`: fresh pages; else anything.
void *takeLarge(size_t bytes, bool zeroed);
void giveLarge(void *block, size_t bytes);
/// Gives back to the system what is kept.
void trimLarge();
/// In the child of a fork, whose only thread calls it.
void resetLarge();

} // namespace parlane::rt
