// A mutex of one word for cold paths: it parks in the kernel and never spins.
#pragma once
#include "runtime/os/os.h"

namespace parlane::rt {

class Lock {
public:
    // Acquire on success pairs with the release in unlock().
    void lock() {
        uint32_t free = 0;
        if (word.compare_exchange_strong(free, 1, std::memory_order_acquire, std::memory_order_relaxed)) return;
        while (word.exchange(2, std::memory_order_acquire) != 0) futexWait(word, 2);
    }
    void unlock() {
        if (word.exchange(0, std::memory_order_release) == 2) futexWakeOne(word);
    }

private:
    std::atomic<uint32_t> word{0}; // 0 free, 1 held, 2 held and somebody may wait
};

class Holding {
public:
    explicit Holding(Lock &lock) : held(lock) { held.lock(); }
    ~Holding() { held.unlock(); }
    Holding(const Holding &) = delete;
    Holding &operator=(const Holding &) = delete;

private:
    Lock &held;
};

} // namespace parlane::rt
