// The C++ skin: typed functions, failures as values, results that own. Built without exceptions and RTTI. Exit status 0: all is well.
#include "compiler/embed/parlane.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace {

const char *kProgram = R"par(
export fn scale(a: f32, inout x: f32[]) { par for &e in x { e *= a } }
export fn total(x: f64[,]) -> f64 { return reduce(+) par for e in x { e } }
export fn squares(n: int) -> i32[] { return [par for i in 0..n { i32(i * i) }] }
export fn table(h: int, w: int) -> f64[,] { return [par for i in 0..h, j in 0..w { f64(10 * i + j) }] }
export fn greet(name: str) -> str { return "hello, {name}" }
export fn bump(inout n: i32, by: u8) -> bool { n += i32(by); return n > 10 }
export fn mix(x: f32[], inout y: f32[]) { par for i in 0..y.len { y[i] += x[i] } }
export fn fails(n: int) throws -> int { if n > 3 { throw Error("too large: {n}") }; return n }
)par";

int failures = 0;
void expect(bool good, const char *what) {
    if (good) return;
    std::fprintf(stderr, "skin_test: %s\n", what);
    ++failures;
}

void callAll(parlane::Module &mod) {
    std::vector<float> v(1000, 1.5f);
    auto scale = mod.get<void(float, parlane::view<float>)>("scale").value();
    expect(bool(scale(2.f, v)) && v[999] == 3.f, "a vector is written in place");
    std::array<double, 12> grid{1, 2, 3, -1, 4, 5, 6, -1, 7, 8, 9, -1};
    auto total = mod.get<double(parlane::view2<const double>)>("total").value();
    parlane::view2<const double> part(grid.data(), 3, 3);
    part.strides[0] = 4;
    expect(total(part).value() == 45, "rows may lie apart");
    auto squares = mod.get<parlane::array<int32_t>(int64_t)>("squares").value();
    parlane::array<int32_t> made = squares(100).value();
    expect(made.size() == 100 && made[99] == 9801, "an array comes out");
    auto table = mod.get<parlane::array<double, 2>(int64_t, int64_t)>("table").value();
    auto cells = table(3, 4).value();
    expect(cells.extent(0) == 3 && cells.extent(1) == 4 && cells[11] == 23, "of rank 2 too");
    auto greet = mod.get<std::string(std::string_view)>("greet").value();
    expect(greet("somebody with a long name").value() == "hello, somebody with a long name", "texts");
    auto bump = mod.get<bool(int32_t &, uint8_t)>("bump").value();
    int32_t n = 9;
    expect(bump(n, 3).value() && n == 12, "an inout number");
    auto mix = mod.get<void(parlane::view<const float>, parlane::view<float>)>("mix").value();
    auto overlap = mix(parlane::view<const float>(v.data(), 4), parlane::view<float>(v.data() + 1, 4));
    expect(!overlap && overlap.error().kind == parlane::Failure::Trapped, "views that overlap and are written are refused");
    auto fails = mod.get<int64_t(int64_t)>("fails").value();
    expect(fails(2).value() == 2, "what may throw returns");
    auto thrown = fails(4);
    expect(!thrown && thrown.error().kind == parlane::Failure::Thrown && thrown.error().text.find("too large: 4") != std::string::npos,
           "or throws");
}

} // namespace

int main() {
    parlane::Context ctx = parlane::Context::create().value();
    auto bad = ctx.compile("bad.par", "export fn f( {");
    expect(!bad && bad.error().text.find("bad.par") != std::string::npos, "a syntax error is a value");
    auto good = ctx.compile("k.par", kProgram);
    if (!good) return std::fputs(good.error().text.c_str(), stderr), 1;
    callAll(good.value());
    parlane::Module &mod = good.value();
    auto wrong = mod.get<void(double, parlane::view<float>)>("scale");
    expect(!wrong && wrong.error().text == "`scale` is (f32, inout f32[]) -> (), not (f64, inout f32[]) -> ()", "types are checked");
    expect(!mod.get<void()>("nothing"), "a missing function is an error");
    return failures == 0 ? 0 : 1;
}
