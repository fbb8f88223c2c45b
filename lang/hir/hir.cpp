#include "lang/hir/hir.h"

namespace parlane::hir {

// Bodies hold many of these: growth must be noticed.
static_assert(sizeof(Expr) <= 96);
static_assert(sizeof(Stmt) <= 96);

} // namespace parlane::hir
