#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 1024);
    std::vector<double> a(n * n), b(n * n), c(n * n);
    for (int64_t i = 0; i < n * n; ++i) a[i] = unit(i), b[i] = unit(n * n + i);
    while (bench.again()) {
        bench.begin();
        bench.loop(n, [&](int64_t i) {
            double *__restrict row = &c[i * n];
            std::fill(row, row + n, 0.0);
            for (int64_t k = 0; k < n; ++k) {
                double f = a[i * n + k];
                const double *__restrict p = &b[k * n];
                for (int64_t j = 0; j < n; ++j) row[j] += f * p[j];
            }
        });
        bench.end();
    }
    double sum = 0;
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) sum += c[i * n + j] * double(1 + (i * 7 + j) % 5);
    bench.report(sum);
}
