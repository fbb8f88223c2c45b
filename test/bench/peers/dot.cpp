#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 64 << 20);
    std::vector<double> x(n), y(n);
    double *p = x.data(), *q = y.data(), total = 0;
    bench.loop(n, [=](int64_t i) { p[i] = unit(i), q[i] = unit(i + 3); });
    while (bench.again()) {
        bench.begin();
        total = bench.sum<double>(n, [=](int64_t i) { return p[i] * q[i]; });
        bench.end();
    }
    bench.report(total);
}
