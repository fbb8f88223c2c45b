// Hunger and sleep: how a worker without work gets some, and parks when there is none.
#include "runtime/sched/region.h"

namespace parlane::rt {

namespace {

constexpr int64_t kLookAroundNs = 5'000;      ///< looking for work before sleeping
constexpr size_t kStackBytes = size_t{64} << 20; ///< of a thread of the pool; address space, not memory

void unlist(Worker &w) {
    Worker **at = &pool.first_sleeper;
    while (*at != &w) at = &(*at)->next_sleeper;
    *at = w.next_sleeper;
    w.sleeping.store(false, std::memory_order_relaxed);
    pool.sleepers.fetch_sub(1, std::memory_order_relaxed);
}

void rouse(Worker &w) {
    w.wake.store(1, std::memory_order_release);
    futexWakeOne(w.wake);
}

/// The sleeper for a task of this region: one that takes anything before one that waits in a join around it.
Worker *chooseSleeper(const Region *region) {
    Worker *fitting = nullptr;
    for (Worker *s = pool.first_sleeper; s; s = s->next_sleeper) {
        if (!s->awaits) return s;
        if (!fitting && isInside(region, s->awaits)) fitting = s;
    }
    return fitting;
}

bool startOne() {
    int left = pool.unstarted.load(std::memory_order_relaxed);
    while (left > 0)
        if (pool.unstarted.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) {
            Worker *w = addWorker();
            if (w && startThread(workerMain, w, kStackBytes)) return true;
            pool.hungry.fetch_sub(1, std::memory_order_seq_cst); // the system has no more: do with what there is
            return false;
        }
    return false;
}

bool anyTask() {
    int count = pool.slots.load(std::memory_order_acquire);
    for (int i = 0; i < count; ++i) {
        Worker *other = pool.workers[i].load(std::memory_order_acquire);
        if (other && other->ring.size() > 0) return true;
    }
    return false;
}

/// Puts `w` on the list of sleepers. After this every new task and the end of `above` wake it.
void announce(Worker &w, Region *above) {
    bool latent = above && hasLatent(w);
    Holding hold(pool.lock);
    w.wake.store(0, std::memory_order_relaxed);
    w.awaits = above;
    w.holds_latent.store(latent, std::memory_order_relaxed);
    w.next_sleeper = pool.first_sleeper;
    pool.first_sleeper = &w;
    w.sleeping.store(true, std::memory_order_seq_cst);
    pool.sleepers.fetch_add(1, std::memory_order_seq_cst);
}

void withdraw(Worker &w) {
    Holding hold(pool.lock);
    if (w.sleeping.load(std::memory_order_relaxed)) unlist(w);
}

bool isOver(const Region *above) { return above && above->pending.load(std::memory_order_seq_cst) == 0; }

/// Looks for a while without sleeping. True if there is something to look at more closely.
bool lookAround(const Region *above) {
    if (!pool.spin) return false;
    int64_t until = nowNs() + kLookAroundNs;
    do {
        for (int i = 0; i < 16; ++i) pauseCore();
        if (anyTask() || isOver(above)) return true;
    } while (nowNs() < until);
    return false;
}

/// A task that this worker was woken for may still wait: wakes another one that takes anything.
void passOn() {
    if (pool.sleepers.load(std::memory_order_seq_cst) == 0 || !anyTask()) return;
    Worker *chosen = nullptr;
    {
        Holding hold(pool.lock);
        for (Worker *s = pool.first_sleeper; s && !chosen; s = s->next_sleeper)
            if (!s->awaits) chosen = s;
        if (chosen) unlist(*chosen);
    }
    if (chosen) rouse(*chosen);
}

} // namespace

void wakeFor(const Task &task) {
    // seq_cst after the push: either we see the sleeper, or it sees the task (README, "Sleeping").
    if (pool.sleepers.load(std::memory_order_seq_cst) > 0) {
        Worker *chosen;
        {
            Holding hold(pool.lock);
            chosen = chooseSleeper(task.region);
            if (chosen) unlist(*chosen);
        }
        if (chosen) {
            rouse(*chosen);
            return;
        }
    }
    startOne();
}

void wakeWorker(Worker &w) {
    if (!w.sleeping.load(std::memory_order_seq_cst)) return;
    bool listed;
    {
        Holding hold(pool.lock);
        listed = w.sleeping.load(std::memory_order_relaxed);
        if (listed) unlist(w);
    }
    if (listed) rouse(w);
}

void ask(Worker &w, uint32_t bits) {
    __atomic_fetch_or(&w.requests, bits, __ATOMIC_SEQ_CST); // before the limits; see README, "Requests"
    __atomic_store_n(&w.limit, UINTPTR_MAX, __ATOMIC_RELAXED);
    __atomic_store_n(&w.spawn_limit, UINTPTR_MAX, __ATOMIC_SEQ_CST);
    if ((bits & kAskWork) && w.holds_latent.load(std::memory_order_relaxed)) wakeWorker(w);
}

void askAll(uint32_t bits, const Worker *except) {
    int count = pool.slots.load(std::memory_order_acquire);
    for (int i = 0; i < count; ++i) {
        Worker *other = pool.workers[i].load(std::memory_order_acquire);
        if (other && other != except) ask(*other, bits);
    }
}

bool findTask(Worker &w, const Region *above, Task &task) {
    if (w.ring.take(task, above, pool.mode == Mode::Reverse)) return true;
    int count = pool.slots.load(std::memory_order_acquire);
    int start = static_cast<int>(draw(w) % static_cast<uint64_t>(count));
    for (int i = 0; i < count; ++i) {
        Worker *other = pool.workers[(start + i) % count].load(std::memory_order_acquire);
        if (other && other != &w && other->ring.take(task, above, true)) return true;
    }
    return false;
}

bool waitForTask(Worker &w, Region *above, Task &task) {
    pool.hungry.fetch_add(1, std::memory_order_seq_cst);
    if (mayShare()) askAll(kAskWork, &w);
    bool found = lookAround(above) && findTask(w, above, task);
    while (!found && !isOver(above)) {
        announce(w, above);
        found = findTask(w, above, task);
        if (!found && !isOver(above))
            while (w.wake.load(std::memory_order_acquire) == 0) futexWait(w.wake, 0);
        withdraw(w);
        if (found) break;
        if (__atomic_load_n(&w.requests, __ATOMIC_RELAXED) & kAskWork) {
            __atomic_fetch_and(&w.requests, ~kAskWork, __ATOMIC_ACQ_REL);
            if (pool.hungry.load(std::memory_order_relaxed) > 1 + static_cast<int>(w.ring.size())) giveAway(w);
        }
        found = findTask(w, above, task);
    }
    pool.hungry.fetch_sub(1, std::memory_order_seq_cst);
    if (!found) passOn();
    return found;
}

void workerMain(void *raw) {
    auto &w = *static_cast<Worker *>(raw);
    bindWorker(w);
    pool.hungry.fetch_sub(1, std::memory_order_seq_cst); // counted as not started so far
    for (;;) {
        Task task;
        if (findTask(w, nullptr, task) || waitForTask(w, nullptr, task)) runTask(w, task);
    }
}

} // namespace parlane::rt
