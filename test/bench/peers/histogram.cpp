#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 256 << 20);
    std::vector<uint8_t> x(n);
    uint8_t *p = x.data();
    bench.loop(n, [=](int64_t i) {
        uint64_t w = hash(uint64_t(i / 8)) & hash(uint64_t(i / 8 + 1));
        p[i] = uint8_t(w >> (8 * (i % 8)));
    });
    int64_t count[256];
    while (bench.again()) {
        std::memset(count, 0, sizeof count);
        bench.begin();
        if (bench.who == Contestant::onetbb) {
            tbb::combinable<std::vector<int64_t>> tables([] { return std::vector<int64_t>(256); });
            tbb::parallel_for(tbb::blocked_range<int64_t>(0, n), [&](const tbb::blocked_range<int64_t> &r) {
                int64_t *t = tables.local().data();
                for (int64_t i = r.begin(); i < r.end(); ++i) ++t[p[i]];
            });
            tables.combine_each([&](const std::vector<int64_t> &t) {
                for (int b = 0; b < 256; ++b) count[b] += t[b];
            });
        } else if (bench.who == Contestant::openmp) {
#pragma omp parallel for reduction(+ : count[:256])
            for (int64_t i = 0; i < n; ++i) ++count[p[i]];
        } else {
            for (int64_t i = 0; i < n; ++i) ++count[p[i]];
        }
        bench.end();
    }
    int64_t sum = 0;
    for (int64_t b = 0; b < 256; ++b) sum += count[b] * (b * b + 1);
    bench.report(sum);
}
