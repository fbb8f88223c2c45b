// What the runtime asks of the operating system (Linux). Nothing here knows about regions.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace parlane::rt {

/// Sleeps while `word` is `expected`; may return for no reason.
void futexWait(std::atomic<uint32_t> &word, uint32_t expected);
/// As above for at most `ns` nanoseconds.
void futexWaitFor(std::atomic<uint32_t> &word, uint32_t expected, int64_t ns);
void futexWakeOne(std::atomic<uint32_t> &word);

/// Monotonic nanoseconds.
int64_t nowNs();
void yieldThread();
/// A hint to the core that this is a spinning loop.
inline void pauseCore() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Processors that this process may use: affinity mask and cgroup quota (rounded up), at least 1.
int usableProcessors();

struct StackBounds {
    uintptr_t low, high;
};
/// Of the calling thread.
StackBounds stackBounds();

/// Starts a detached thread that has a stack of `stack_bytes`. False if the system refuses.
bool startThread(void (*body)(void *), void *argument, size_t stack_bytes);

/// Fresh zeroed pages, null if there are none. From `kHugeFrom` bytes on they begin at a multiple of that, and huge pages
/// are advised.
void *mapPages(size_t bytes);
void unmapPages(void *start, size_t bytes);
inline constexpr size_t kHugeFrom = size_t{2} << 20;

/// Writes everything, retrying short writes and interruptions. False on error.
bool writeAll(int descriptor, const void *bytes, size_t count);

/// Prints one line to standard error and aborts: for what cannot be a trap.
[[noreturn]] void dieNow(const char *message);

} // namespace parlane::rt
