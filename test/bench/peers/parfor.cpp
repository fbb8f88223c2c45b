#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t reps = bench.arg(0, 100000), len = bench.arg(1, 64);
    std::vector<uint32_t> a(len, 1);
    while (bench.again()) {
        std::fill(a.begin(), a.end(), 1);
        bench.begin();
        for (int64_t r = 0; r < reps; ++r) {
            uint32_t *p = a.data();
            bench.loop(len, [p, r](int64_t i) { p[i] = p[i] * 1664525u + uint32_t(r + i); });
        }
        bench.end();
    }
    int64_t sum = 0;
    for (uint32_t e : a) sum += e;
    bench.report(sum);
}
