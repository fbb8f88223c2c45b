#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 64 << 20);
    std::vector<int64_t> x(n), y(n);
    int64_t *p = x.data(), *q = y.data();
    bench.loop(n, [=](int64_t i) { p[i] = int64_t(hash(uint64_t(i)) >> 40); });
    while (bench.again()) {
        bench.begin();
        if (bench.who == Contestant::onetbb) {
            tbb::parallel_scan(
                tbb::blocked_range<int64_t>(0, n), int64_t(0),
                [=](const tbb::blocked_range<int64_t> &r, int64_t s, bool last) {
                    for (int64_t i = r.begin(); i < r.end(); ++i) {
                        s += p[i];
                        if (last) q[i] = s;
                    }
                    return s;
                },
                [](int64_t a, int64_t b) { return a + b; });
        } else if (bench.who == Contestant::openmp) {
            // Two passes by hand: clang puts the buffer of `reduction(inscan)` on the stack.
            std::vector<int64_t> totals(bench.threads + 1);
#pragma omp parallel
            {
                int64_t t = omp_get_thread_num(), count = omp_get_num_threads(), s = 0;
                for (int64_t i = n * t / count; i < n * (t + 1) / count; ++i) s += p[i];
                totals[t + 1] = s;
#pragma omp barrier
#pragma omp single
                for (int64_t k = 0; k < count; ++k) totals[k + 1] += totals[k];
                s = totals[t];
                for (int64_t i = n * t / count; i < n * (t + 1) / count; ++i) q[i] = s += p[i];
            }
        } else {
            int64_t s = 0;
            for (int64_t i = 0; i < n; ++i) q[i] = s += p[i];
        }
        bench.end();
    }
    uint64_t sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += uint64_t(y[i]) * uint64_t(i % 7 + 1);
    bench.report(sum);
}
