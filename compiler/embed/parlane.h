/* Parlane inside a C or C++ program: compile text, get functions, call them. C11 and C++.
 *
 * A context belongs to one thread at a time; different contexts may be used by different threads at once. The compiled functions
 * themselves may be called from any thread. Nothing here throws, exits or prints. */
#ifndef PARLANE_H
#define PARLANE_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PARLANE_API __attribute__((visibility("default")))
#else
#define PARLANE_API
#endif

typedef struct parlane_context parlane_context;
/* An exported function, as `parlane_get` gives it. Valid as long as its context. */
typedef struct parlane_function parlane_function;

/* A fresh context; NULL if this machine cannot run generated code. To be destroyed when none of its code runs any more. */
PARLANE_API parlane_context *parlane_create(void);
PARLANE_API void parlane_destroy(parlane_context *);

/* Compiles a program whose `export fn` functions can then be got. `name` is shown in diagnostics. 0: good; else parlane_error has
 * the diagnostics, and the context is as before. Several programs may be compiled into one context; their exports need
 * different names. */
PARLANE_API int32_t parlane_compile(parlane_context *, const char *name, const char *source);

/* The exported function of that name, or NULL. `address` (may be NULL) receives it as a C function with the signature that
 * implementation.md, section 2, gives it: int32_t f(arguments..., result pointer). */
PARLANE_API const parlane_function *parlane_get(parlane_context *, const char *name, void (**address)(void));

/* Calls a function; `arguments` point to its C arguments in order, a view being pointer and extents, the last one the pointer to the
 * result if there is one. 0: good; 1: it threw; 2: it trapped; 3: it was stopped. Then parlane_error has the text. */
PARLANE_API int32_t parlane_call(parlane_context *, const parlane_function *, void *const *arguments);

/* The same from any thread, without a context; parlane_last_error has the text of a failure. */
PARLANE_API int32_t parlane_invoke(const parlane_function *, void *const *arguments);

/* Its type as text: `(f32, inout f32[]) -> ()`. Integers, floats and bool by their names, `int` as i64; arrays of rank 1 to 3; `str`;
 * other types by the names they have in the program. */
PARLANE_API const char *parlane_signature(const parlane_function *);

/* Why the last call of parlane_compile, parlane_get or parlane_call with this context failed; valid until the next one. */
PARLANE_API const char *parlane_error(const parlane_context *);

/* Why the last call through an address failed on this thread. */
PARLANE_API const char *parlane_last_error(void);
/* Releases an array that a function gave out: its data and the bytes in it. */
PARLANE_API void parlane_free(void *data, int64_t bytes);
/* The bytes of a text (16 bytes at `text`) that a function gave out, and how many; and its release. */
PARLANE_API const char *parlane_str_text(const void *text, int64_t *bytes);
PARLANE_API void parlane_str_free(void *text);

#ifdef __cplusplus
}
#endif
#endif
