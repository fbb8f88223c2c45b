#include "bench.hpp"

static void count(const uint8_t *text, int64_t n, int64_t from, int64_t to, uint32_t *table) {
    for (int64_t s = from; s < to; ++s)
        if (text[s] != ' ' && (s == 0 || text[s - 1] == ' ')) {
            uint32_t h = 2166136261u;
            for (int64_t i = s; i < n && text[i] != ' '; ++i) h = (h ^ text[i]) * 16777619u;
            ++table[h & 65535];
        }
}

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 128 << 20);
    std::vector<uint8_t> text = syntheticText(n);
    std::vector<uint32_t> table(65536);
    while (bench.again()) {
        bench.begin();
        std::fill(table.begin(), table.end(), 0);
        if (bench.who == Contestant::serial) count(text.data(), n, 0, n, table.data());
        if (bench.who == Contestant::openmp) {
            uint32_t *t = table.data();
#pragma omp parallel for reduction(+ : t[:65536]) schedule(static)
            for (int64_t piece = 0; piece < 256; ++piece) count(text.data(), n, n * piece / 256, n * (piece + 1) / 256, t);
        }
        if (bench.who == Contestant::onetbb) {
            tbb::combinable<std::vector<uint32_t>> tables([] { return std::vector<uint32_t>(65536); });
            tbb::parallel_for(tbb::blocked_range<int64_t>(0, n), [&](const tbb::blocked_range<int64_t> &r) {
                count(text.data(), n, r.begin(), r.end(), tables.local().data());
            });
            tables.combine_each([&](const std::vector<uint32_t> &t) {
                for (int k = 0; k < 65536; ++k) table[k] += t[k];
            });
        }
        bench.end();
    }
    uint64_t sum = 0;
    for (uint64_t k = 0; k < 65536; ++k) sum += uint64_t(table[k]) * hash(k);
    bench.report(sum);
}
