/* Compiles, calls, fails and goes on, from plain C. Exit status 0: all is well. */
#include "compiler/embed/parlane.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "embed_test: %s\n", what);
    ++failures;
}

static const char *kProgram = "export fn scale(a: f32, inout x: f32[]) { par for &e in x { e *= a } }\n"
                              "export fn total(x: f32[]) -> f64 { return reduce(+) par for e in x { f64(e) } }\n"
                              "export fn at(x: f32[], i: int) -> f32 { return x[i] }\n";

int main(void) {
    parlane_context *context = parlane_create();
    expect(context != NULL, "a context is made");
    if (!context) return 1;
    expect(parlane_compile(context, "bad.par", "export fn f( {") != 0, "a syntax error is an error");
    expect(strstr(parlane_error(context), "bad.par") != NULL, "the error names the program");
    if (parlane_compile(context, "kernels.par", kProgram) != 0) {
        fprintf(stderr, "%s\n", parlane_error(context));
        return 1;
    }
    float data[1000];
    for (int i = 0; i < 1000; ++i) data[i] = (float)i;
    float *place = data;
    float factor = 2;
    int64_t n = 1000, index = 5000;
    double sum = 0;
    float element = 0;

    void (*address)(void) = NULL;
    const parlane_function *scale = parlane_get(context, "scale", &address);
    const parlane_function *total = parlane_get(context, "total", NULL);
    const parlane_function *at = parlane_get(context, "at", NULL);
    expect(scale && total && at && address, "exports are found");
    if (!scale || !total || !at) return 1;
    expect(parlane_get(context, "nothing", NULL) == NULL, "a missing export is NULL");

    expect(((int32_t(*)(float, float *, int64_t))address)(factor, data, n) == 0, "a call through the address");
    void *of_scale[] = {&factor, &place, &n};
    expect(parlane_call(context, scale, of_scale) == 0, "a call through the handle");
    double *result = &sum;
    void *of_total[] = {&place, &n, &result};
    expect(parlane_call(context, total, of_total) == 0 && sum == 4 * 499500.0, "both scaled");
    float *to = &element;
    void *of_at[] = {&place, &n, &index, &to};
    expect(parlane_call(context, at, of_at) == 2, "an index out of bounds is outcome 2");
    expect(strstr(parlane_error(context), "5000") != NULL, "the text of the trap has the index");
    index = 10;
    expect(parlane_call(context, at, of_at) == 0 && element == 40, "the process lives on");
    parlane_destroy(context);
    return failures == 0 ? 0 : 1;
}
