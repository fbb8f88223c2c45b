// The serial meaning of Pir: runs any level, `par.*` one iteration after the other in the order of the language's folds. Memory is native, so that
// the runtime's C functions work on it; bounds are always checked, whatever the verdicts say.
#pragma once
#include "compiler/pir/layout.h"
#include "compiler/pir/pir.h"
#include "parlane/runtime.h"

#include <functional>
#include <memory>

namespace parlane::pir {

/// What the interpreter needs of a runtime. `linkedRuntime()` is the real one; `plainRuntime()` has memory and strings only.
struct RuntimeTable {
    void *(*alloc)(par_ctx *, int64_t bytes, int32_t zeroed);
    void (*free)(void *, int64_t bytes);
    int32_t (*str_copy)(par_ctx *, void *result, const void *s);
    int32_t (*str_drop)(par_ctx *, void *none, void *s);
    int32_t (*file_close)(par_ctx *, void *none, void *file);
    par_ctx *(*enter)(par_entry *);
    void (*leave)(par_ctx *, par_entry *);
    /// C function of `call.rt name`; null if there is none.
    void *(*find)(std::string_view name);
};

/// A small runtime without threads and I/O that counts its allocations; for tests.
const RuntimeTable &plainRuntime();
/// Allocations that are alive in a context of plainRuntime.
int64_t plainRuntimeLive(const par_ctx *ctx);

struct SourcePlace {
    std::string file;
    uint32_t line = 0, column = 0;
};

struct InterpretOptions {
    const RuntimeTable *runtime = nullptr; ///< plainRuntime() if null
    /// Place of a location for faults; without it line is the byte offset.
    std::function<SourcePlace(LocId)> place;
    /// Shim of a C function (`call.c`): void shim(void *result, const void *arg...). Null if it is not known.
    std::function<void *(std::string_view)> c_function;
    int64_t stack_bytes = int64_t{64} << 20;  ///< all frames together; more is a stack trap
    bool shadow = false;                     ///< check ownership of elements in parallel regions
    int64_t max_ops = 0;                     ///< steps at loop back edges and calls before the run is stopped (outcome 3); 0: no limit
};

/// Runs functions of one module, which must be verified, stay unchanged and outlive it. Not thread-safe.
class Interpreter {
public:
    Interpreter(const Module &module, InterpretOptions options = {});
    ~Interpreter();
    Interpreter(const Interpreter &) = delete;
    Interpreter &operator=(const Interpreter &) = delete;

    /// Calls a function. `arguments` point to native values, one a parameter (a ref parameter: to the pointer). `result` has room for the
    /// result type (null if unit) and is written on success; what it owns is the caller's. Returns the outcome; the fault is in fault().
    int32_t run(FunctionId function, std::span<const void *const> arguments = {}, void *result = nullptr);

    /// Fault of the last failed run.
    const par_fault &fault() const;
    /// The fault in one or more lines, as `trap index: 5, 3 at x.par:1:2; iteration 4 (x.par:1:1)`; for tests and development.
    std::string faultText() const;
    /// Message about a broken invariant of the compiler (a verdict that does not hold) that the last run met; empty if none.
    const std::string &internalError() const;
    par_ctx *context() const;
    /// Drops the value of that type at `place`.
    void drop(TypeId type, void *place);
    Layouts &layouts();
    /// Steps (instructions are not counted: calls and loop rounds are) since construction.
    int64_t steps() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl;
};

} // namespace parlane::pir
