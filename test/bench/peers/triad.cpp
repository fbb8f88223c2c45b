#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 64 << 20);
    std::vector<float> a(n), b(n), c(n);
    float *pa = a.data(), *pb = b.data(), *pc = c.data();
    bench.loop(n, [=](int64_t i) { pb[i] = float(i % 1000), pc[i] = float(i % 7); });
    while (bench.again()) {
        bench.begin();
        bench.loop(n, [=](int64_t i) { pa[i] = pb[i] + 3 * pc[i]; });
        bench.end();
    }
    bench.report(bench.sum<double>(n, [=](int64_t i) { return double(pa[i]); }));
}
