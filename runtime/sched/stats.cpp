// Counters by place of the construct: an open-addressed table that only grows, so that counting needs no lock.
#include "runtime/lib/text.h"
#include "runtime/sched/pool.h"

#include <cstdio>
#include <cstdlib>

namespace parlane::rt {

namespace {

struct SiteStats {
    std::atomic<const par_site *> site{nullptr};
    std::atomic<int64_t> runs{0}, serial{0}, parts{0}, steals{0};
    std::atomic<uint64_t> workers[16]{}; ///< one bit a worker
    std::atomic<float> unit_ns{0};
};

constexpr uint32_t kSites = 1024;
constinit SiteStats table[kSites];
/// Regions that ran serially because a predicate in front of them did not hold.
constinit std::atomic<int64_t> guards_failed{0};

/// The counters of a site; null if the table is full.
SiteStats *statsOf(const par_site *site) {
    auto hash = static_cast<uint32_t>((reinterpret_cast<uintptr_t>(site) >> 3) * 0x9E3779B1u);
    for (uint32_t step = 0; step < kSites; ++step) {
        SiteStats &entry = table[(hash + step) % kSites];
        const par_site *there = entry.site.load(std::memory_order_acquire);
        if (there == site) return &entry;
        if (there) continue;
        if (entry.site.compare_exchange_strong(there, site, std::memory_order_acq_rel)) return &entry;
        if (there == site) return &entry;
    }
    return nullptr;
}

struct Json {
    char *text = nullptr;
    size_t size = 0, room = 0;
    void add(const char *bytes, size_t count) {
        if (size + count + 1 > room) {
            room = (size + count + 1) * 2;
            auto *bigger = static_cast<char *>(realloc(text, room));
            if (!bigger) return;
            text = bigger;
        }
        memcpy(text + size, bytes, count);
        size += count;
    }
    void add(const char *bytes) { add(bytes, strlen(bytes)); }
    void number(const char *name, int64_t value) {
        char line[64];
        int length = snprintf(line, sizeof line, "\"%s\": %lld", name, static_cast<long long>(value));
        add(line, static_cast<size_t>(length));
    }
    void string(const char *name, const char *value) {
        add("\"");
        add(name);
        add("\": \"");
        for (const char *c = value ? value : ""; *c; ++c) {
            if (*c == '"' || *c == '\\') add("\\");
            if (static_cast<unsigned char>(*c) >= 0x20) add(c, 1);
        }
        add("\"");
    }
};

int64_t workersOf(const SiteStats &entry) {
    int64_t count = 0;
    for (auto &bits : entry.workers) count += __builtin_popcountll(bits.load(std::memory_order_relaxed));
    return count;
}

bool before(const par_site *a, const par_site *b) {
    if (int order = strcmp(a->file ? a->file : "", b->file ? b->file : "")) return order < 0;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void writeSite(Json &out, const SiteStats &entry, const par_site &site) {
    out.add("    {");
    out.string("file", site.file);
    out.add(", ");
    out.number("line", site.line);
    out.add(", ");
    out.number("column", site.column);
    out.add(", ");
    out.string("construct", site.construct);
    struct {
        const char *name;
        int64_t value;
    } numbers[] = {{"runs", entry.runs.load(std::memory_order_relaxed)},
                   {"serial", entry.serial.load(std::memory_order_relaxed)},
                   {"parts", entry.parts.load(std::memory_order_relaxed)},
                   {"steals", entry.steals.load(std::memory_order_relaxed)},
                   {"workers", workersOf(entry)}};
    for (auto &number : numbers) {
        out.add(", ");
        out.number(number.name, number.value);
    }
    out.add("}");
}

} // namespace

void countRun(const par_site *site, bool shared) {
    SiteStats *entry = site ? statsOf(site) : nullptr;
    if (!entry) return;
    entry->runs.fetch_add(1, std::memory_order_relaxed);
    if (!shared) entry->serial.fetch_add(1, std::memory_order_relaxed);
}

void countSerial(const Worker &w, const par_site *site) {
    countRun(site, false);
    countPart(site, w, false);
}

void countPart(const par_site *site, const Worker &w, bool stolen) {
    SiteStats *entry = site ? statsOf(site) : nullptr;
    if (!entry) return;
    entry->parts.fetch_add(1, std::memory_order_relaxed);
    if (stolen) entry->steals.fetch_add(1, std::memory_order_relaxed);
    auto number = static_cast<uint32_t>(w.worker);
    entry->workers[number / 64 % 16].fetch_or(uint64_t{1} << number % 64, std::memory_order_relaxed);
}

int64_t workersAt(const par_site *site) {
    SiteStats *entry = site ? statsOf(site) : nullptr;
    return entry ? workersOf(*entry) : 0;
}

double learnedNs(const par_site *site) {
    SiteStats *entry = site ? statsOf(site) : nullptr;
    return entry ? static_cast<double>(entry->unit_ns.load(std::memory_order_relaxed)) : 0;
}

void learnNs(const par_site *site, double unit_ns) {
    SiteStats *entry = site && unit_ns > 0 ? statsOf(site) : nullptr;
    if (!entry) return;
    auto before = static_cast<double>(entry->unit_ns.load(std::memory_order_relaxed));
    double now = before > 0 ? (before + unit_ns) / 2 : unit_ns;
    // Written only when it matters: the line is shared by all that run this construct.
    if (now < before * 0.8 || now > before * 1.25)
        entry->unit_ns.store(static_cast<float>(now), std::memory_order_relaxed);
}

int64_t partsAt(const par_site *site) {
    SiteStats *entry = site ? statsOf(site) : nullptr;
    return entry ? entry->parts.load(std::memory_order_relaxed) : 0;
}

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_guard_failed(par_ctx *, void *) {
    guards_failed.fetch_add(1, std::memory_order_relaxed);
    return PAR_OK;
}

extern "C" int32_t par_rt_stats(par_ctx *ctx, void *result) {
    Json out;
    out.add("{\n  ");
    out.number("threads", par_rt_threads());
    out.add(",\n  ");
    out.number("guards_failed", guards_failed.load(std::memory_order_relaxed));
    out.add(",\n  \"constructs\": [\n");
    // Selection by repeated minimum: few sites, no memory.
    const par_site *last = nullptr;
    for (bool any = true; any;) {
        any = false;
        const SiteStats *next = nullptr;
        const par_site *next_site = nullptr;
        for (auto &entry : table) {
            const par_site *site = entry.site.load(std::memory_order_acquire);
            if (!site || (last && !before(last, site))) continue;
            if (next_site && !before(site, next_site)) continue;
            next = &entry;
            next_site = site;
        }
        if (!next) break;
        if (last) out.add(",\n");
        writeSite(out, *next, *next_site);
        last = next_site;
        any = true;
    }
    out.add("\n  ]\n}\n");
    int32_t o = newText(workerOf(ctx), result, out.text ? out.text : "", out.text ? out.size : 0);
    free(out.text);
    return o;
}
