// Faults: what went wrong, in a record that moves with the failure.
#pragma once
#include "runtime/sched/worker.h"

namespace parlane::rt {

/// A fault to write into, from the preallocated store if it can. Never null.
par_fault *takeFault();
void giveFault(par_fault *fault);
/// In the child of a fork: nobody else holds the store.
void resetFaultStore();
/// Releases what the fault owns and empties it.
void clearFault(par_fault &fault);

/// For calls of the library: traps without a place (the caller adds it) and errors with a text.
int32_t trapWith(Worker &w, uint32_t kind, int64_t a = 0, int64_t b = 0, int64_t c = 0);
int32_t throwWith(Worker &w, const char *text, size_t length);

/// The text of a fault, to be freed with free(); null if there is no memory.
char *renderFault(const par_fault &fault, size_t &length);

} // namespace parlane::rt
