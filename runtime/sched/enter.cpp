// Entering and leaving, configuration, and the slots of workers.
#include "runtime/fault.h"
#include "runtime/large_blocks.h"
#include "runtime/print.h"
#include "runtime/sched/region.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <pthread.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace parlane::rt {

constinit Pool pool;

namespace {

constinit thread_local Worker *current = nullptr;
constinit thread_local uintptr_t stack_low = 0;

constexpr size_t kStackMargin = size_t{128} << 10; ///< for C functions and signal handlers below the last poll

uintptr_t stackLimit() {
    if (stack_low == 0) {
        StackBounds bounds = stackBounds();
        size_t margin = kStackMargin;
        if (margin > (bounds.high - bounds.low) / 4) margin = (bounds.high - bounds.low) / 4;
        stack_low = bounds.low + margin;
    }
    return stack_low;
}

uint32_t floatControl() {
#if defined(__x86_64__)
    return _mm_getcsr();
#else
    return 0;
#endif
}

void setFloatControl([[maybe_unused]] uint32_t word) {
#if defined(__x86_64__)
    _mm_setcsr(word);
#endif
}

constexpr uint32_t kPlainFloats = 0x1F80; ///< round to nearest, subnormals kept, nothing traps

struct Saved {
    Worker *worker;
    uint32_t float_control;
    uint32_t nested;
};
static_assert(sizeof(Saved) <= sizeof(par_entry));

void chooseMode(const char *schedule) {
    if (!schedule || !*schedule) return;
    if (strcmp(schedule, "serial") == 0)
        pool.mode = Mode::Serial;
    else if (strcmp(schedule, "steal-always") == 0)
        pool.mode = Mode::StealAlways;
    else if (strcmp(schedule, "reverse") == 0)
        pool.mode = Mode::Reverse;
    else if (strncmp(schedule, "seed:", 5) == 0) {
        pool.mode = Mode::Seeded;
        pool.seed = strtoull(schedule + 5, nullptr, 10);
    } else
        dieNow("PARLANE_SCHED is serial, steal-always, reverse or seed:<number>");
}

/// A positive number in the environment; 0 if it is not set or not one.
int numberInEnvironment(const char *name) {
    const char *text = getenv(name);
    long number = text ? strtol(text, nullptr, 10) : 0;
    return number > 0 && number < 1'000'000 ? static_cast<int>(number) : 0;
}

/// What was asked for explicitly (the smaller of option and environment), else what the machine offers.
int threadCount(int option) {
    constexpr int kMostThreads = 512;
    int wanted = numberInEnvironment("PARLANE_THREADS"), machine = usableProcessors();
    if (option > 0 && (wanted == 0 || option < wanted)) wanted = option;
    int count = wanted > 0 ? wanted : machine;
    if (count > kMostThreads) count = kMostThreads;
    pool.spin = count <= machine;
    return count;
}

void beforeFork() {
    if (current) flushOutput(*current); // or both processes would write it
}

/// The child has one thread. What the others were doing is lost; a region that was running does not end there.
void afterForkInChild() {
    new (&pool.lock) Lock;
    resetFaultStore();
    resetLarge();
    int count = pool.slots.load(std::memory_order_relaxed);
    for (int i = 0; i < count; ++i)
        if (pool.workers[i].load(std::memory_order_relaxed) != current)
            pool.workers[i].store(nullptr, std::memory_order_relaxed);
    pool.first_sleeper = pool.first_free = nullptr;
    pool.sleepers.store(0, std::memory_order_relaxed);
    int others = mayShare() ? pool.threads - 1 : 0;
    pool.unstarted.store(others, std::memory_order_relaxed);
    pool.hungry.store(others, std::memory_order_seq_cst);
}

Worker *takeSlot() {
    {
        Holding hold(pool.lock);
        if (Worker *w = pool.first_free) {
            pool.first_free = w->next_sleeper;
            return w;
        }
    }
    return addWorker();
}

void beginTop(Worker &w) {
    w.tail = nullptr;
    w.act = {};
    if (!w.segment) {
        Output *output = newOutput();
        if (!output) dieNow("out of memory");
        w.segment = firstSegment(*output);
    }
    bindWorker(w);
}

} // namespace

Worker *currentWorker() { return current; }

void configurePool(const par_options *options) {
    Holding hold(pool.lock);
    if (options) {
        pool.argc = options->argc;
        pool.argv = options->argv;
    }
    if (pool.configured) return;
    pool.configured = true;
    const char *schedule = options && options->schedule ? options->schedule : getenv("PARLANE_SCHED");
    chooseMode(schedule);
    pool.threads = threadCount(options ? options->threads : 0);
    const char *stats = getenv("PARLANE_STATS");
    pool.stats = options && options->stats >= 0 ? options->stats == 1 : stats && strcmp(stats, "1") == 0;
    int others = mayShare() ? pool.threads - 1 : 0;
    pool.unstarted.store(others, std::memory_order_relaxed);
    pool.hungry.store(others, std::memory_order_seq_cst);
    pthread_atfork(beforeFork, nullptr, afterForkInChild);
}

Worker *addWorker() {
    int number = pool.slots.load(std::memory_order_relaxed);
    do {
        if (number >= Pool::kMost) return nullptr;
    } while (!pool.slots.compare_exchange_weak(number, number + 1, std::memory_order_acq_rel));
    void *block = aligned_alloc(alignof(Worker), sizeof(Worker));
    if (!block) return nullptr; // the slot stays empty
    auto *w = new (block) Worker{};
    w->worker = number;
    w->fault = takeFault();
    w->random = (pool.seed + 1) * 0x9E3779B97F4A7C15 + static_cast<uint64_t>(number) * 0xBF58476D1CE4E5B9 + 1;
    w->limit = w->spawn_limit = 0;
    w->always_runtime = pool.stats || isPerturbed();
    pool.workers[number].store(w, std::memory_order_release);
    return w;
}

void bindWorker(Worker &w) {
    current = &w;
    w.stack_limit = stackLimit();
    __atomic_store_n(&w.limit, w.stack_limit, __ATOMIC_RELAXED);
    // Asked or not: the first spawn looks whether somebody is hungry.
    __atomic_store_n(&w.spawn_limit, UINTPTR_MAX, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&w.requests, __ATOMIC_SEQ_CST) != 0) __atomic_store_n(&w.limit, UINTPTR_MAX, __ATOMIC_RELAXED);
    setSerialBelow(w);
    setFloatControl(kPlainFloats);
}

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" par_ctx *par_rt_enter(par_entry *entry) {
    Saved saved{current, floatControl(), current != nullptr};
    memcpy(entry, &saved, sizeof saved);
    if (current) {
        setFloatControl(kPlainFloats);
        return current;
    }
    configurePool(nullptr);
    Worker *w = takeSlot();
    if (!w) dieNow("too many threads or out of memory");
    beginTop(*w);
    return w;
}

extern "C" void par_rt_leave(par_ctx *ctx, par_entry *entry) {
    Worker &w = workerOf(ctx);
    Saved saved;
    memcpy(&saved, entry, sizeof saved);
    if (!saved.nested) {
        flushOutput(w);
        clearFault(*w.fault);
        trimLarge(); // hosts that call now and then do not pay for it with memory
        current = nullptr;
        Holding hold(pool.lock);
        w.next_sleeper = pool.first_free;
        pool.first_free = &w;
    }
    setFloatControl(saved.float_control);
}

extern "C" void par_rt_configure(const par_options *options) { configurePool(options); }

extern "C" int32_t par_rt_threads(void) {
    configurePool(nullptr);
    return mayShare() ? pool.threads : 1;
}

extern "C" void par_rt_interrupt(void) {
    pool.interrupted.store(true, std::memory_order_seq_cst);
    askAll(kAskStop, nullptr);
}

extern "C" void par_rt_interrupt_clear(void) { pool.interrupted.store(false, std::memory_order_seq_cst); }
