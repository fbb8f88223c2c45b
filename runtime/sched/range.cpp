// Running a range of units: strips of a few microseconds, and between them a look at who is hungry and what was
// stopped.
#include "runtime/sched/region.h"

namespace parlane::rt {

namespace {

constexpr int64_t kShortStripNs = 4'000, kLongStripNs = 20'000;
/// Shorter times say little: the clock alone takes 25 ns.
constexpr int64_t kMeasurableNs = 500;
/// What remains must be worth more than this before somebody is woken for it.
constexpr double kWorthSharingNs = 20'000;

/// How many units the next strip has.
class Pace {
public:
    Pace(const Region &r, double unit_ns) : most(r.most_units > 0 ? r.most_units : INT64_MAX) {
        if (unit_ns > 0) units = static_cast<int64_t>(kShortStripNs / unit_ns);
        if (pool.mode == Mode::StealAlways) most = 1;
        clamp();
    }
    int64_t next(Worker &w) const {
        if (pool.mode != Mode::Seeded) return units;
        int64_t drawn = 1 + static_cast<int64_t>(draw(w) % static_cast<uint64_t>(units * 2));
        return drawn < most ? drawn : most;
    }
    void measured(int64_t n, int64_t ns) {
        if (ns < kMeasurableNs)
            units = n * 8;
        else if (ns < kShortStripNs)
            units = n * 2;
        else if (ns > kLongStripNs)
            units = n / 2;
        clamp();
    }

private:
    void clamp() {
        if (units > most) units = most;
        if (units < 1) units = 1;
    }
    int64_t most, units = 1;
};

bool wantsToShare(Worker &w, const Piece &piece) {
    switch (pool.mode) {
    case Mode::Serial: return false;
    case Mode::StealAlways: return piece.hi - piece.lo >= regionOf(piece).grain && !w.ring.full();
    case Mode::Seeded: return draw(w) % 4 == 0;
    case Mode::Reverse: return false; // everything is public from the start
    case Mode::Normal: break;
    }
    if (!somebodyWants(w)) return false;
    return piece.sure && piece.unit_ns * static_cast<double>(piece.hi - piece.lo) > kWorthSharingNs;
}

/// Before the first unit: should a part be given away at once? Where nothing is known of the cost, a promotion is
/// paid for.
bool sharesAtOnce(Worker &w, const Piece &piece) {
    if (!mayShare() || piece.hi - piece.lo < 2) return false;
    if (pool.mode != Mode::Normal) return pool.mode == Mode::StealAlways;
    if (!somebodyWants(w)) return false;
    if (piece.unit_ns == 0) return mayPromote(w);
    return piece.unit_ns * static_cast<double>(piece.hi - piece.lo) > kWorthSharingNs;
}

/// Between strips: 0 or PAR_STOPPED.
int32_t lookAround(Worker &w, Piece &piece) {
    if (__atomic_load_n(&w.requests, __ATOMIC_RELAXED) != 0)
        if (int32_t o = par_rt_poll_slow(&w)) return o;
    if (!mayShare()) return PAR_OK;
    if (pool.mode == Mode::Seeded && draw(w) % 8 == 0) yieldThread();
    if (wantsToShare(w, piece)) giveAway(w);
    return PAR_OK;
}

/// Mode::Reverse: all of a range is made public, highest part last to be found first.
void giveAll(Worker &w, Piece &piece) {
    int64_t grain = regionOf(piece).grain;
    while (piece.hi - piece.lo >= grain && givePiece(w, piece, piece.lo + (piece.hi - piece.lo) / 2, w.segment)) {}
}

/// The strips of one activation, until the range is empty or stopped.
void runStrips(Worker &w, Region &r, Piece &piece) {
    Pace pace(r, piece.unit_ns);
    int64_t begin = nowNs(), before = begin, units = 0;
    while (piece.lo < piece.hi && !isStoppedAt(r, piece.lo)) {
        int64_t n = pace.next(w), at = piece.lo;
        if (n > piece.hi - at) n = piece.hi - at;
        piece.lo = at + n;
        w.act.ordinal = at;
        int32_t outcome = r.body(w, r, at, at + n);
        units += n;
        if (outcome == PAR_OK && piece.lo < piece.hi) {
            int64_t now = nowNs();
            pace.measured(n, now - before);
            piece.sure = now - before >= kMeasurableNs;
            piece.unit_ns = static_cast<double>(now - before) / static_cast<double>(n);
            before = now;
            outcome = lookAround(w, piece);
        }
        if (outcome == PAR_OK) continue;
        if (outcome != PAR_DONE) lowerStop(w, r, at, outcome);
        break;
    }
    if (!piece.task && units > 0) r.measured_ns = static_cast<double>(nowNs() - begin) / static_cast<double>(units);
}

} // namespace

void beginPiece(Worker &w, Region &r, Piece &piece, int64_t lo, int64_t hi, bool task, Segment *below) {
    piece.prev = w.tail;
    piece.invoke = nullptr;
    setRegion(piece, &r);
    piece.taken = piece.next = 0;
    piece.lo = lo;
    piece.hi = hi;
    piece.unit_ns = r.unit_ns;
    piece.sure = false;
    piece.outer = w.act;
    piece.segment = below;
    piece.task = task;
    w.tail = &piece;
    w.act = {&r, lo};
}

void endPiece(Worker &w, Piece &piece) {
    w.tail = piece.prev;
    w.act = piece.outer;
}

void runRange(Worker &w, Region &r, int64_t lo, int64_t hi, bool task, Segment *below, double unit_ns) {
    Piece piece;
    beginPiece(w, r, piece, lo, hi, task, below);
    if (unit_ns > 0) piece.unit_ns = unit_ns;
    if (task && isStopped(w)) {
        lowerStop(w, r, lo, PAR_STOPPED);
    } else {
        if (pool.mode == Mode::Reverse && mayShare() && !task) giveAll(w, piece);
        if (sharesAtOnce(w, piece)) giveAway(w);
        runStrips(w, r, piece);
    }
    endPiece(w, piece);
}

} // namespace parlane::rt
