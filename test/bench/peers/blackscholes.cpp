#include "bench.hpp"

constexpr float rate = 0.02f, volatility = 0.3f;

static float cnd(float x) {
    float a = std::fabs(x), k = 1 / (1 + 0.2316419f * a);
    float p = k * (0.319381530f + k * (-0.356563782f + k * (1.781477937f + k * (-1.821255978f + k * 1.330274429f))));
    float w = 0.39894228f * std::exp(-0.5f * a * a) * p;
    return x < 0 ? w : 1 - w;
}

static float call(float s, float k, float t) {
    float vt = volatility * std::sqrt(t);
    float d1 = (std::log(s / k) + (rate + 0.5f * volatility * volatility) * t) / vt;
    return s * cnd(d1) - k * std::exp(-rate * t) * cnd(d1 - vt);
}

int main(int argc, char **argv) {
    Bench bench(argc, argv);
    int64_t n = bench.arg(0, 16 << 20);
    std::vector<float> s(n), k(n), t(n), out(n);
    float *ps = s.data(), *pk = k.data(), *pt = t.data(), *po = out.data();
    bench.loop(n, [=](int64_t i) {
        ps[i] = 10 + 90 * unit(3 * i), pk[i] = 10 + 90 * unit(3 * i + 1), pt[i] = 0.2f + 2 * unit(3 * i + 2);
    });
    while (bench.again()) {
        bench.begin();
        bench.loop(n, [=](int64_t i) { po[i] = call(ps[i], pk[i], pt[i]); });
        bench.end();
    }
    bench.report(bench.sum<double>(n, [=](int64_t i) { return double(po[i]); }));
}
