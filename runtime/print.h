// Output in serial order: a list of segments, each written by one activation. See runtime/sched/README.md, "Output".
#pragma once
#include "runtime/sched/worker.h"

namespace parlane::rt {

struct Output;

/// The stream of a thread that entered the runtime, with its first segment. Null if memory is out.
Output *newOutput();
Segment *firstSegment(Output &output);

/// Two new segments directly behind `at`: `piece` for work that is given away, `rest` (if wanted) for what follows
/// the join.
/// False if memory is out; then nothing has changed.
bool insertSegments(Segment *at, Segment **piece, Segment **rest);
/// The activation that wrote to it has ended; what follows may come out.
void closeSegment(Segment *segment);
/// What its activation met ends the construct: nothing behind it comes out before `discardBehind` has been called.
void holdSegment(Segment *segment);
/// Throws away what was written behind `cut`, which is held, and in front of `end`: the serial run never got there.
/// All activations
/// that wrote there have ended.
void discardBehind(Segment *cut, Segment *end);
/// Ends the holding where nothing stands behind.
void releaseSegment(Segment *segment);
/// Appends to the worker's segment. Returns an outcome.
int32_t writeOutput(Worker &w, const void *bytes, size_t count, bool line);
/// Writes out what stands at the head of the worker's stream.
void flushOutput(Worker &w);

} // namespace parlane::rt
