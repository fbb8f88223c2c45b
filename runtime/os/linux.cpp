#include "runtime/os/os.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace parlane::rt {

namespace {

long futex(std::atomic<uint32_t> &word, int operation, uint32_t value, const timespec *timeout) {
    auto *address = reinterpret_cast<uint32_t *>(&word);
    return syscall(SYS_futex, address, operation | FUTEX_PRIVATE_FLAG, value, timeout, nullptr, 0);
}

/// The first line of a small file, cut at the end of the line; false if it cannot be read.
bool firstLine(const char *path, char *line, size_t room) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    ssize_t got = read(descriptor, line, room - 1);
    close(descriptor);
    if (got <= 0) return false;
    line[got] = 0;
    if (char *end = strchr(line, '\n')) *end = 0;
    return true;
}

int quotaProcessors(int64_t quota, int64_t period) {
    if (quota <= 0 || period <= 0) return INT_MAX;
    int64_t whole = (quota + period - 1) / period;
    return whole > INT_MAX ? INT_MAX : static_cast<int>(whole < 1 ? 1 : whole);
}

/// cgroup v2: the smallest cpu.max on the way from our group to the root.
int quotaOfGroups(const char *group) {
    char path[PATH_MAX], line[128];
    int best = INT_MAX;
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s", group);
    for (;;) {
        snprintf(path, sizeof path, "/sys/fs/cgroup%.3900s/cpu.max", strcmp(name, "/") == 0 ? "" : name);
        long long quota = 0, period = 0;
        if (firstLine(path, line, sizeof line) && sscanf(line, "%lld %lld", &quota, &period) == 2) {
            int here = quotaProcessors(quota, period);
            if (here < best) best = here;
        }
        char *slash = strrchr(name, '/');
        if (!slash || strcmp(name, "/") == 0 || name[0] == 0) return best;
        *slash = 0;
    }
}

int cgroupProcessors() {
    char line[PATH_MAX];
    int best = INT_MAX;
    if (FILE *groups = fopen("/proc/self/cgroup", "re")) {
        while (fgets(line, sizeof line, groups)) {
            line[strcspn(line, "\n")] = 0;
            if (strncmp(line, "0::", 3) == 0) best = quotaOfGroups(line + 3);
        }
        fclose(groups);
    }
    char quota[64], period[64];
    if (firstLine("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota, sizeof quota) &&
        firstLine("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period, sizeof period)) {
        int here = quotaProcessors(atoll(quota), atoll(period));
        if (here < best) best = here;
    }
    return best;
}

struct Start {
    void (*body)(void *);
    void *argument;
};

void *threadBody(void *raw) {
    Start start = *static_cast<Start *>(raw);
    free(raw);
    start.body(start.argument);
    return nullptr;
}

} // namespace

void futexWait(std::atomic<uint32_t> &word, uint32_t expected) { futex(word, FUTEX_WAIT, expected, nullptr); }

void futexWaitFor(std::atomic<uint32_t> &word, uint32_t expected, int64_t ns) {
    timespec timeout{ns / 1'000'000'000, ns % 1'000'000'000};
    futex(word, FUTEX_WAIT, expected, &timeout);
}

void futexWakeOne(std::atomic<uint32_t> &word) { futex(word, FUTEX_WAKE, 1, nullptr); }

int64_t nowNs() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void yieldThread() { sched_yield(); }

int usableProcessors() {
    int count = 0;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
    if (count <= 0) count = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    int quota = cgroupProcessors();
    if (quota < count) count = quota;
    return count < 1 ? 1 : count;
}

StackBounds stackBounds() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) dieNow("the bounds of the stack are not known");
    void *start = nullptr;
    size_t size = 0;
    pthread_attr_getstack(&attributes, &start, &size);
    pthread_attr_destroy(&attributes);
    auto low = reinterpret_cast<uintptr_t>(start);
    return {low, low + size};
}

bool startThread(void (*body)(void *), void *argument, size_t stack_bytes) {
    auto *start = static_cast<Start *>(malloc(sizeof(Start)));
    if (!start) return false;
    *start = {body, argument};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    pthread_t thread;
    int failed = pthread_create(&thread, &attributes, threadBody, start);
    pthread_attr_destroy(&attributes);
    if (failed) free(start);
    return !failed;
}

void *mapPages(size_t bytes) {
    auto map = [](size_t count) { return mmap(nullptr, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); };
    auto isAligned = [](void *at) { return reinterpret_cast<uintptr_t>(at) % kHugeFrom == 0; };
    void *start = map(bytes);
    if (start == MAP_FAILED) return nullptr;
    if (bytes < kHugeFrom) return start;
    if (!isAligned(start)) { // newer kernels do it by themselves
        munmap(start, bytes);
        start = map(bytes + kHugeFrom);
        if (start == MAP_FAILED) return nullptr;
        size_t before = (kHugeFrom - reinterpret_cast<uintptr_t>(start) % kHugeFrom) % kHugeFrom, page = 4096;
        char *aligned = static_cast<char *>(start) + before;
        if (before) munmap(start, before);
        size_t length = (bytes + page - 1) / page * page, after = kHugeFrom - before;
        if (after) munmap(aligned + length, after);
        start = aligned;
    }
    madvise(start, bytes, MADV_HUGEPAGE);
    return start;
}

void unmapPages(void *start, size_t bytes) { munmap(start, bytes); }

bool writeAll(int descriptor, const void *bytes, size_t count) {
    auto *at = static_cast<const char *>(bytes);
    while (count > 0) {
        ssize_t done = write(descriptor, at, count);
        if (done < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        at += done;
        count -= static_cast<size_t>(done);
    }
    return true;
}

void dieNow(const char *message) {
    writeAll(2, "parlane runtime: ", 17);
    writeAll(2, message, strlen(message));
    writeAll(2, "\n", 1);
    abort();
}

} // namespace parlane::rt
