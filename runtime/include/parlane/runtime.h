/* Parlane's runtime: the C ABI between generated code (or a host, or the interpreter) and the scheduler.
 *
 * C11 and C++. Every function may be called from any thread, but a `par_ctx` belongs to the thread that got it: frames
 * never change threads, so `ctx` never leaves the thread it was handed to.
 *
 * Failure: functions return an *outcome* (below). The payload of outcomes 1 and 2 is in `ctx->fault`; nothing unwinds.
 * Ownership: what is written through `result` belongs to the caller; `const` operands are only read. Results are
 * written only with outcome 0 (and PAR_DONE where a function says so).
 * Values have their native layout (implementation.md, section 2); the structs for it are here.
 */
#ifndef PARLANE_RUNTIME_H
#define PARLANE_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes with every incompatible change of this file; the compiler and a loaded library compare it. */
#define PAR_ABI_VERSION 1

/* ---- outcomes ---- */

enum {
    PAR_OK = 0,
    PAR_THROWN = 1,  /* an error of the program, in ctx->fault */
    PAR_TRAPPED = 2, /* a trap, in ctx->fault */
    PAR_STOPPED = 3, /* an enclosing region was stopped; no payload; the caller only leaves its scopes */
    /* strip of `first`: a hit; pipeline source: no more items; pipeline stage: the item ended (`continue`) */
    PAR_DONE = 4
};

typedef struct par_ctx par_ctx;
typedef struct par_region par_region;

/* ---- native values ---- */

/* `str`: 16 bytes. Byte 15: 0-15 = inline length, 0x80 = on the heap (owned), 0xC0 = static; in the last two cases
 * word 0 is the pointer and the low 56 bits of word 1 are the length. All zero is "". */
typedef struct par_str {
    union {
        uint8_t bytes[16];
        struct {
            const uint8_t *data;
            uint64_t length; /* low 56 bits; the top byte is bytes[15] */
        } far;
    } u;
} par_str;

/* Views (never owned) of rank 1 to 3; strides count elements, the innermost is 1. An owner (`T[]`, `T[,]`,
 * `T[,,]`) is a view without its strides. Empty owners are all zero. */
typedef struct par_view1 {
    void *data;
    int64_t n;
} par_view1;
typedef struct par_view2 {
    void *data;
    int64_t h, w, s0;
} par_view2;
typedef struct par_view3 {
    void *data;
    int64_t d, h, w, s0, s1;
} par_view3;
typedef par_view1 par_array; /* an owner of rank 1 */

/* `File`: the descriptor plus one, so that zero is empty. */
typedef struct par_file {
    int64_t handle;
} par_file;

/* The prelude's `struct Error { message: str }`: what runtime functions throw, with type number PAR_TYPE_ERROR. */
typedef struct par_error {
    par_str message;
} par_error;

/* ---- places and faults ---- */

/* A place in the source; static data of the generated code, compared by address. Lines and columns count from 1. */
typedef struct par_site {
    const char *file;
    uint32_t line, column;
    const char *construct; /* "par for", "reduce", "invoke", …; NULL for plain places */
    const char *names;     /* names of the indices, "i, j"; NULL if there are none */
} par_site;

enum {
    PAR_TRAP_NOTHING = 0,
#define PAR_TRAP(name, code, text) PAR_TRAP_##name,
#include "parlane/traps.def"
#undef PAR_TRAP
    PAR_TRAP_COUNT
};

enum { PAR_FAULT_VALUES = 8, PAR_FAULT_INDICES = 16, PAR_FAULT_INLINE = 24, PAR_TYPE_ERROR = 1 };

/* What went wrong. One is preallocated a worker; it moves with the failure from piece to owner. */
typedef struct par_fault {
    int32_t outcome; /* PAR_OK: no fault */
    uint32_t trap;   /* PAR_TRAP_*, for outcome 2 */
    const par_site *site;
    uint32_t value_count, index_count;
    int64_t values[PAR_FAULT_VALUES];
    struct {
        const par_site *site; /* of the loop */
        int64_t value;
    } indices[PAR_FAULT_INDICES]; /* innermost loop first; within a loop in the order of its indices */
    par_str message;              /* of asserts; owned by the fault */
    /* the thrown value: in place up to 24 bytes, else in one allocation whose pointer is the first word */
    uint32_t type, size;
    void (*drop)(void *value); /* NULL if the value owns nothing */
    union {
        uint8_t bytes[PAR_FAULT_INLINE];
        void *pointer;
    } thrown;
} par_fault;

/* ---- the worker, as far as fast paths see it ---- */

/* The static description of an `invoke`. `branch` runs branch `number` and returns its outcome. */
typedef struct par_invoke {
    const par_site *site;
    int32_t count;
    int32_t (*branch)(par_ctx *, void *env, int32_t number);
} par_invoke;

/* A latent spawn, in the frame of the function that contains the `invoke`; `env` follows it directly (see
 * runtime/fast). Only the owning thread reads and writes it. */
typedef struct par_record {
    struct par_record *prev;
    const par_invoke *invoke;
    int32_t taken;      /* branches have been given away: leave through par_rt_join */
    int32_t next;       /* the first branch that the owner has not begun */
    par_region *region; /* valid only if taken */
} par_record;

/* The first words of a worker; the rest is private. `limit`, `spawn_limit` are read with relaxed atomics by the
 * owner and written by anybody (a request stores UINTPTR_MAX). */
struct par_ctx {
    par_record *tail;      /* the youngest latent record */
    uintptr_t limit;       /* poll: if (address of a local < limit) par_rt_poll_slow */
    uintptr_t spawn_limit; /* the same for spawns; also raised while somebody wants work */
    par_fault *fault;      /* where failures write; never NULL */
    uint32_t requests;     /* bits of pending requests; atomic */
    int32_t worker;        /* number of this worker, 0 … threads - 1 */
    /* 1: small constructs go through the runtime too: the schedule is perturbed, or what runs is counted */
    int32_t always_runtime;
    /* frames below this address have enough latent work above them: recursive functions run their serial clones */
    uintptr_t serial_below;
};

#ifdef __cplusplus
#define PAR_STATIC_ASSERT(condition) static_assert(condition, #condition)
#else
#define PAR_STATIC_ASSERT(condition) _Static_assert(condition, #condition)
#endif
PAR_STATIC_ASSERT(sizeof(void *) == 8);
PAR_STATIC_ASSERT(sizeof(par_str) == 16);
PAR_STATIC_ASSERT(offsetof(struct par_ctx, tail) == 0);
PAR_STATIC_ASSERT(offsetof(struct par_ctx, limit) == 8);
PAR_STATIC_ASSERT(offsetof(struct par_ctx, spawn_limit) == 16);
PAR_STATIC_ASSERT(offsetof(struct par_ctx, fault) == 24);
PAR_STATIC_ASSERT(offsetof(struct par_ctx, requests) == 32);
PAR_STATIC_ASSERT(offsetof(struct par_ctx, always_runtime) == 40);
PAR_STATIC_ASSERT(offsetof(struct par_ctx, serial_below) == 48);
PAR_STATIC_ASSERT(sizeof(par_record) == 32);
PAR_STATIC_ASSERT(offsetof(par_record, taken) == 16);
PAR_STATIC_ASSERT(sizeof(par_site) == 32);
PAR_STATIC_ASSERT(sizeof(par_invoke) == 24);

/* ---- descriptions of loops ---- */

/* Runs iterations (or units, blocks) lo … hi - 1 in order. Returns an outcome. A failing strip has added its
 * indices to the fault (par_rt_fault_index). Runs on any worker; `env` is shared by all of them. */
typedef int32_t (*par_strip)(par_ctx *, void *env, int64_t lo, int64_t hi, void *acc);

enum {
    /* fold: exactly associative and commutative (integers): one accumulator a worker, in any order. The strip gets
     * one or more blocks and folds *onto* what `acc` holds. Fold and scan: blocks of any length give the same bits */
    PAR_LOOP_ANY_ORDER = 1,
    /* scan: `apply` and `combine` do not fail, and the values own nothing: a block may be applied as soon as everything
     * left of it is known */
    PAR_LOOP_EARLY = 2
};

/* Static description of a parallel loop. Fields that a construct does not name are zero. */
typedef struct par_loop {
    const par_site *site;
    /* fold, scan, filter, first: iterations (or rows) of one strip call; a fold's strip gets exactly one block,
     * which is a block of the language's fold order or an aligned group of 2^k of them */
    int64_t block;
    /* estimated cost of an iteration (fold, scan, …) or unit (for); 0: unknown, will be measured */
    float ns_per_unit;
    uint32_t flags;    /* PAR_LOOP_* */
    uint32_t acc_size; /* bytes of an accumulator (fold, scan) or of a hit (first); 16-byte aligned */
    uint32_t value_size;
    par_strip strip;
    int32_t (*init)(par_ctx *, void *env, void *acc);                    /* NULL: all zero */
    /* left = left op right; consumes right, always */
    int32_t (*combine)(par_ctx *, void *env, void *left, void *right);
    void (*drop)(void *acc);                                             /* NULL: owns nothing */
    int32_t (*copy)(par_ctx *, void *env, void *into, const void *from); /* scan; NULL: copy the bytes */
    /* scan: turns the values of lo … hi - 1 into prefixes, starting from `acc` (which it may change) */
    par_strip apply;
    /* fold, optional: writes the values of lo … hi - 1 to acc = array of value_size, value of lo first */
    par_strip values;
    /* folds one block of such values */
    int32_t (*fold_values)(par_ctx *, void *env, const void *values, int64_t count, void *acc);
} par_loop;

/* Where the strip of a filter puts what it keeps: one array a column. The strip appends at `count` after making
 * room. */
enum { PAR_MAX_COLUMNS = 16 };
typedef struct par_sink {
    int64_t count, capacity;
    uint8_t *data[PAR_MAX_COLUMNS];
} par_sink;

typedef struct par_filter {
    par_loop loop; /* strip's `acc` is a par_sink* */
    uint32_t columns;
    const uint32_t *sizes;       /* bytes of an element, by column */
    void (*const *drop)(void *); /* by column, entries NULL where elements own nothing; or NULL */
} par_filter;

enum { PAR_STAGE_PARALLEL = 0, PAR_STAGE_SERIAL = 1, PAR_STAGE_UNORDERED = 2 };

/* `source` makes the next item in `token` (zeroed before) or returns PAR_DONE; it runs for one item at a time, in
 * order. A stage that returns PAR_DONE ends its item. `drop` releases what a retiring token owns (and need not
 * zero it). */
typedef struct par_pipe {
    const par_site *site;
    uint32_t stages, token_size;
    const uint8_t *kinds; /* PAR_STAGE_*, one a stage */
    int32_t (*source)(par_ctx *, void *env, void *token);
    int32_t (*const *stage)(par_ctx *, void *env, void *token);
    void (*drop)(void *token); /* NULL: owns nothing */
} par_pipe;

/* ---- constructs ----
 * Each returns when everything it started has ended. With outcome 1 or 2 ctx->fault is the fault that the serial run
 * would have met first; 3: an enclosing region was stopped. */

int32_t par_rt_for(par_ctx *, const par_loop *, void *env, int64_t units);

/* Folds n iterations (or rows) in the language's order. `result` (acc_size bytes, not initialised) is written only
 * on success. */
int32_t par_rt_fold(par_ctx *, const par_loop *, void *env, int64_t n, void *result);

/* 1. `strip` stores the values of a block in the result (known to env) and folds the block onto `acc`, which
 * `init` filled; 2. prefix over the blocks; 3. `apply`. */
int32_t par_rt_scan(par_ctx *, const par_loop *, void *env, int64_t n);

/* `result`: `columns` consecutive par_array, written on success. */
int32_t par_rt_filter(par_ctx *, const par_filter *, void *env, int64_t n, void *result);
/* Makes room for `more` elements behind `count` in a sink. Fails with a trap. */
int32_t par_rt_sink_grow(par_ctx *, par_sink *, int64_t more);

/* Strip returns PAR_DONE with the smallest hit of its iterations in `acc` (acc_size bytes, zeroed before). Returns
 * PAR_DONE with the smallest hit of all moved to `result`, or 0 if there is none. */
int32_t par_rt_first(par_ctx *, const par_loop *, void *env, int64_t n, void *result);

/* Out of line `invoke`, for callers that do not inline runtime/fast. */
int32_t par_rt_invoke(par_ctx *, const par_invoke *, void *env);

/* limit <= 0: 4 tokens a thread. */
int32_t par_rt_pipeline(par_ctx *, const par_pipe *, void *env, int64_t limit);

/* The cold ends of the fast paths (runtime/fast/fast.h). `par_rt_poll_slow`: 0, 2 (stack) or 3.
 * `par_rt_spawn_slow` is its form at a spawn, with the new record linked. `par_rt_join` unlinks `record`, whose
 * owner has ended branch next - 1 with `own_outcome`, runs or awaits the rest and returns the outcome of the
 * smallest failing branch. */
int32_t par_rt_poll_slow(par_ctx *);
int32_t par_rt_spawn_slow(par_ctx *);
/* The cold end of par_fast_wanted: gives away the oldest latent work, and is 1 if code that spawns should run instead:
 * there is none and somebody wants work, there is a request, or the stack is used up. */
int32_t par_rt_spawn_wanted(par_ctx *);
/* Lowers `serial_below`, so that functions called from here spawn again; `result` (int64_t) is for
 * par_rt_spawn_as_before. */
int32_t par_rt_spawn_deeper(par_ctx *, void *result);
int32_t par_rt_spawn_as_before(par_ctx *, void *result, const void *before);
int32_t par_rt_join(par_ctx *, par_record *, int32_t own_outcome);

/* ---- memory ---- */

/* 64-byte aligned; 0 bytes give a valid pointer that par_rt_free accepts with 0 bytes. Fails with NULL and a trap
 * in ctx->fault. */
void *par_rt_alloc(par_ctx *, int64_t bytes, int32_t zeroed);
/* Any thread; `bytes` is what was asked for; NULL is ignored. */
void par_rt_free(void *, int64_t bytes);

/* ---- faults ---- */

/* Each records a fault in ctx->fault and returns its outcome, to be returned by the caller. */
int32_t par_rt_trap(par_ctx *, uint32_t kind, const par_site *, int32_t count, const int64_t *values);
/* The message is copied. */
int32_t par_rt_trap_text(par_ctx *, uint32_t kind, const par_site *, const par_str *message);
/* Moves `size` bytes of a thrown value into the fault. */
int32_t par_rt_throw(par_ctx *, const par_site *, uint32_t type, const void *value, uint32_t size,
                     void (*drop)(void *));
/* Throws an `Error` with this text (copied). */
int32_t par_rt_throw_text(par_ctx *, const par_site *, const par_str *message);
/* The failure edge of a call into the runtime (a slice of a string, an allocation, …) or into the library: the place of the
 * fault, if it has none yet or one in a module of the library (a file `<std.…>`), which the user has not written. */
void par_rt_fault_site(par_ctx *, const par_site *);
/* The failure edge of a parallel body: adds the indices of the failing iteration of the loop at `site`. */
void par_rt_fault_index(par_ctx *, const par_site *, int32_t count, const int64_t *indices);
/* After outcome 1: the type of the thrown value; moves it (`size` bytes) to `into` and clears the fault. */
uint32_t par_rt_thrown_type(par_ctx *);
void par_rt_catch(par_ctx *, void *into, uint32_t size);
/* Drops the fault and what it owns. */
void par_rt_fault_clear(par_ctx *);
/* The text of the fault, as it is printed at the end of a run, with place and iterations; `result` is a str. */
int32_t par_rt_fault_render(par_ctx *, void *result);

/* ---- entering, configuration, whole programs ---- */

/* Room for what a nested entry saves; lives in the frame of the caller. */
typedef struct par_entry {
    uint64_t opaque[16];
} par_entry;

/* Makes the calling thread a worker (or nests). Never fails: memory for it is taken at first use, and if there is
 * none the process ends with a message. Leaving restores what was and writes out what was printed. */
par_ctx *par_rt_enter(par_entry *);
void par_rt_leave(par_ctx *, par_entry *);

typedef struct par_options {
    int32_t threads;       /* 0: what the machine, its limits and PARLANE_THREADS say */
    int32_t stats;         /* 1: JSON on standard error at the end of par_rt_main; -1: PARLANE_STATS decides */
    /* as PARLANE_SCHED: "seed:n", "steal-always", "reverse", "serial"; NULL: PARLANE_SCHED decides */
    const char *schedule;
    int32_t argc;          /* for `args` */
    const char *const *argv;
} par_options;

/* Before the first entry; later calls change only argc and argv. NULL: defaults. Other entries than by par_rt_main
 * use what was set, or the environment. */
void par_rt_configure(const par_options *);
/* The number of threads that regions may use. */
int32_t par_rt_threads(void);
/* Asks everything that runs to stop with outcome 3 at its next poll. Any thread, signal handlers included. */
void par_rt_interrupt(void);
/* Ends an interruption: to be called when what was stopped has returned. */
void par_rt_interrupt_clear(void);
/* The counters as JSON (`result` is a str), one object a construct: see runtime/README.md. */
int32_t par_rt_stats(par_ctx *, void *result);

/* The whole life of a program: configures, enters, runs `entry`, writes out, renders a fault to standard error,
 * prints the counters if asked. Returns the exit status: 0, 4 trap, 5 error. */
typedef int32_t (*par_main)(par_ctx *);
int32_t par_rt_main(const par_options *, par_main entry);
/* The same for an entry that needs to know something: the interpreter, tests, benches. */
int32_t par_rt_run(const par_options *, int32_t (*entry)(par_ctx *, void *data), void *data);

#ifdef __cplusplus
}
#endif

#include "parlane/calls.h"
#endif
