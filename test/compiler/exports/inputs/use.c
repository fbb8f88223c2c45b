/* Calls every kind of signature of kernels.par. Exit status 0: all is well. */
#include "kernels.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "use.c: %s\n", what);
    ++failures;
}

int main(void) {
    float x[5] = {0, 1, 2, 3, 4};
    expect(scale(2, x, 5) == 0 && x[4] == 8, "a view is written in place");
    double numbers[2] = {1, 2.5}, sum = 0;
    expect(total(numbers, 2, &sum) == 0 && sum == 3.5, "a sum");
    int64_t element = 0, table[3] = {0, 10, 20};
    expect(at(table, 3, 2, &element) == 0 && element == 20, "an element");
    expect(at(table, 3, 7, &element) == 2, "a trap is outcome 2");
    expect(strstr(par_last_error(), "index 7 is out of bounds") != NULL, "and has a text");
    float image[8] = {2, 4, -1, -1, 6, 8, -1, -1}, half[4];
    expect(blur(image, 2, 2, 4, half, 2, 2, 2) == 0 && half[0] == 1 && half[3] == 4, "a view with a stride between rows");
    par_array_i32_1 made;
    expect(squares(4, &made) == 0 && made.n == 4 && made.data[3] == 9, "an array comes out");
    par_free(made.data, made.n * (int64_t)sizeof *made.data);
    par_Point p = {1, 2}, q = {3, 4}, m;
    expect(middle(p, q, &m) == 0 && m.x == 2 && m.y == 3, "small structs travel in registers");
    par_Big b = {1, 2.5, 3, {4, true}};
    expect(big(&b, &sum) == 0 && sum == 10.5, "large structs by address");
    par_Shape s;
    s.tag = par_Shape_Circle;
    s.payload.Circle = 2;
    expect(area(s, &sum) == 0 && sum == 12, "an enum with its payload");
    par_str text;
    int64_t length = 0;
    const char *who = "somebody with a long name";
    expect(greet((const uint8_t *)who, (int64_t)strlen(who), &text) == 0, "a text goes in");
    const char *bytes = par_str_text(&text, &length);
    expect(length == 32 && memcmp(bytes, "hello, somebody with a long name", 32) == 0, "and comes out");
    par_str_free(&text);
    int32_t n = 3;
    expect(bump(&n) == 0 && n == 4, "an inout number");
    n = INT32_MAX;
    expect(bump(&n) == 0 && n == INT32_MIN, "numbers wrap");
    bool flipped = false;
    expect(flip(false, 4, &flipped) == 0 && flipped, "bool and u8");
    int64_t same = 0;
    expect(fails(2, &same) == 0 && same == 2, "what may throw returns");
    expect(fails(4, &same) == 1 && strstr(par_last_error(), "too large: 4") != NULL, "or throws");
    int32_t cube[2 * 3 * 4];
    for (int i = 0; i < 24; ++i) cube[i] = i;
    expect(sum3(cube, 2, 3, 4, 12, 4, &element) == 0 && element == 276, "rank 3");
    par_optional_f64 perhaps;
    expect(maybe(2, &perhaps) == 0 && perhaps.some && perhaps.value == 2, "some");
    expect(maybe(0, &perhaps) == 0 && !perhaps.some, "none");
    expect(scale(2, x, 5) == 0 && mix(x, 4, x + 1, 4) == 2, "views that overlap and are written are refused");
    return failures == 0 ? 0 : 1;
}
