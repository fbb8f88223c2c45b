#include "bench.hpp"

constexpr int64_t chunk = 128 << 10;

static uint32_t load32(const uint8_t *p) { uint32_t v; std::memcpy(&v, p, 4); return v; }
static uint64_t load64(const uint8_t *p) { uint64_t v; std::memcpy(&v, p, 8); return v; }

static void put(std::vector<uint8_t> &out, const uint8_t *literals, int64_t count, int64_t length, int64_t distance) {
    out.push_back(uint8_t(count));
    out.insert(out.end(), literals, literals + count);
    out.push_back(uint8_t(length)), out.push_back(uint8_t(distance)), out.push_back(uint8_t(distance >> 8));
}

static std::vector<uint8_t> compress(const uint8_t *text) {
    std::vector<int32_t> last(4096, -1);
    std::vector<uint8_t> out;
    int64_t i = 0, from = 0, n = chunk;
    while (i + 4 <= n) {
        uint32_t v = load32(text + i), slot = (v * 2654435761u) >> 20;
        int64_t at = last[slot];
        last[slot] = int32_t(i);
        if (at >= 0 && i - at < 65536 && load32(text + at) == v) {
            int64_t length = 4;
            while (length < 255 && i + length < n && text[at + length] == text[i + length]) ++length;
            put(out, text + from, i - from, length, i - at);
            i += length, from = i;
        } else if (++i - from == 255) {
            put(out, text + from, i - from, 0, 0);
            from = i;
        }
    }
    out.push_back(uint8_t(n - from));
    out.insert(out.end(), text + from, text + n);
    out.insert(out.end(), 3, 0);
    return out;
}

static uint64_t digest(const uint8_t *text) {
    uint64_t h = 0;
    for (int64_t i = 0; i < chunk; i += 8) h = hash(h ^ load64(text + i));
    return h;
}

struct Item { int64_t k; std::vector<uint8_t> packed; uint64_t h; };

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 1024);
    std::vector<uint8_t> text = syntheticText(n * chunk), out(2 * n * chunk);
    uint64_t fold = 0;
    while (bench.again()) {
        fold = 0;
        int64_t at = 0;
        auto work = [&](int64_t k) { return Item{k, compress(&text[k * chunk]), digest(&text[k * chunk])}; };
        auto write = [&](const Item &item) {
            std::memcpy(&out[at], item.packed.data(), item.packed.size());
            at += int64_t(item.packed.size());
            fold = fold * 31 + item.h + item.packed.size();
        };
        bench.begin();
        if (bench.who == Contestant::serial) {
            for (int64_t k = 0; k < n; ++k) write(work(k));
        } else if (bench.who == Contestant::openmp) {
#pragma omp parallel for ordered schedule(static, 1)
            for (int64_t k = 0; k < n; ++k) {
                Item item = work(k);
#pragma omp ordered
                write(item);
            }
        } else {
            int64_t k = 0;
            tbb::parallel_pipeline(
                32, tbb::make_filter<void, int64_t>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control &fc) -> int64_t {
                        if (k == n) fc.stop();
                        return k++;
                    }) & tbb::make_filter<int64_t, Item>(tbb::filter_mode::parallel, work) &
                        tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, write));
        }
        bench.end();
    }
    bench.report(fold);
}
