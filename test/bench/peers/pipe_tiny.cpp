#include "bench.hpp"

static uint64_t transform(int64_t k) {
    uint64_t x = uint64_t(k);
    for (int round = 0; round < 4; ++round) x = hash(x);
    return x;
}

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 1000000);
    uint64_t fold = 0;
    while (bench.again()) {
        fold = 0;
        bench.begin();
        if (bench.who == Contestant::serial) {
            for (int64_t k = 0; k < opaque(n); ++k) fold = fold * 31 + transform(k);
        } else if (bench.who == Contestant::openmp) {
#pragma omp parallel for ordered schedule(static, 1)
            for (int64_t k = 0; k < n; ++k) {
                uint64_t v = transform(k);
#pragma omp ordered
                fold = fold * 31 + v;
            }
        } else {
            int64_t k = 0;
            tbb::parallel_pipeline(
                size_t(4 * bench.threads),
                tbb::make_filter<void, int64_t>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control &fc) -> int64_t {
                    if (k == n) fc.stop();
                    return k++;
                }) & tbb::make_filter<int64_t, uint64_t>(tbb::filter_mode::parallel, [](int64_t k) { return transform(k); }) &
                    tbb::make_filter<uint64_t, void>(tbb::filter_mode::serial_in_order, [&](uint64_t v) { fold = fold * 31 + v; }));
        }
        bench.end();
    }
    bench.report(fold);
}
