#include "bench.hpp"

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 8192);
    std::vector<float> x(n), y(n), z(n), m(n), ax(n), ay(n), az(n);
    for (int64_t i = 0; i < n; ++i) x[i] = unit(4 * i), y[i] = unit(4 * i + 1), z[i] = unit(4 * i + 2), m[i] = unit(4 * i + 3);
    while (bench.again()) {
        bench.begin();
        bench.loop(n, [&](int64_t i) {
            float fx = 0, fy = 0, fz = 0;
            for (int64_t j = 0; j < n; ++j) {
                float dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
                float d2 = dx * dx + dy * dy + dz * dz + 1e-3f;
                float f = m[j] / (d2 * std::sqrt(d2));
                fx += f * dx, fy += f * dy, fz += f * dz;
            }
            ax[i] = fx, ay[i] = fy, az[i] = fz;
        });
        bench.end();
    }
    bench.report(bench.sum<double>(n, [&](int64_t i) {
        return double(std::fabs(ax[i])) + double(std::fabs(ay[i])) + double(std::fabs(az[i]));
    }));
}
