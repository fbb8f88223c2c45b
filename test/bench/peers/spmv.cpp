#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 1000000);
    std::vector<int64_t> start(n + 1);
    std::vector<uint32_t> col(16 * n);
    std::vector<double> val(16 * n), x(n), y(n);
    bench.loop(n + 1, [&](int64_t i) { start[i] = 16 * i; });
    bench.loop(16 * n, [&](int64_t k) { col[k] = uint32_t(hash(uint64_t(k)) % uint64_t(n)), val[k] = unit(k); });
    bench.loop(n, [&](int64_t i) { x[i] = unit(i + 7); });
    while (bench.again()) {
        bench.begin();
        bench.loop(n, [&](int64_t i) {
            double s = 0;
            for (int64_t k = start[i]; k < start[i + 1]; ++k) s += val[k] * x[col[k]];
            y[i] = s;
        });
        bench.end();
    }
    bench.report(bench.sum<double>(n, [&](int64_t i) { return y[i]; }));
}
