// Pipelines: preallocated tokens; a worker carries one as far as it can; serial stages are turnstiles by item number.
#include "runtime/pipeline.h"
#include "runtime/print.h"

#include <cstring>
#include <new>

namespace parlane::rt {

namespace {

constexpr int64_t kTokenAlign = 64;

int64_t tokenBytes(const par_pipe &pipe) {
    int64_t bytes = static_cast<int64_t>(sizeof(Token)) + pipe.token_size;
    return (bytes + kTokenAlign - 1) / kTokenAlign * kTokenAlign;
}

// --- the heap of tokens that can go on, smallest item first; under the lock ---

void addReady(Pipeline &p, Token *token) {
    int64_t at = p.ready_count++;
    for (; at > 0 && p.ready[(at - 1) / 2]->item > token->item; at = (at - 1) / 2) p.ready[at] = p.ready[(at - 1) / 2];
    p.ready[at] = token;
}

Token *takeReady(Pipeline &p) {
    Token *first = p.ready[0], *last = p.ready[--p.ready_count];
    int64_t at = 0;
    for (int64_t child; (child = 2 * at + 1) < p.ready_count; at = child) {
        if (child + 1 < p.ready_count && p.ready[child + 1]->item < p.ready[child]->item) ++child;
        if (p.ready[child]->item > last->item) break;
        p.ready[at] = p.ready[child];
    }
    p.ready[at] = last;
    return first;
}

// --- turnstiles; under the lock ---

/// May the token go through the entrance of its stage? If not, it waits there and will become ready.
bool enterStage(Pipeline &p, Token &token) {
    Turnstile &gate = p.gates[token.stage];
    switch (p.pipe->kinds[token.stage]) {
    case PAR_STAGE_SERIAL:
        if (gate.next == token.item) return true;
        gate.waiting[token.item % p.limit] = &token;
        return false;
    case PAR_STAGE_UNORDERED:
        if (token.admitted) return true;
        if (!gate.busy) return gate.busy = true;
        gate.waiting[(gate.first + gate.queued++) % p.limit] = &token;
        return false;
    default: return true;
    }
}

void leaveStage(Pipeline &p, Token &token) {
    Turnstile &gate = p.gates[token.stage];
    if (p.pipe->kinds[token.stage] == PAR_STAGE_SERIAL) {
        Token *&next = gate.waiting[++gate.next % p.limit];
        if (next && next->item == gate.next) {
            addReady(p, next);
            next = nullptr;
        }
    } else if (p.pipe->kinds[token.stage] == PAR_STAGE_UNORDERED) {
        token.admitted = false;
        gate.busy = gate.queued > 0;
        if (gate.busy) {
            Token *next = gate.waiting[gate.first];
            gate.first = (gate.first + 1) % p.limit;
            --gate.queued;
            next->admitted = true;
            addReady(p, next);
        }
    }
    ++token.stage;
}

bool sourceCanRun(const Pipeline &p) { return !p.source_busy && !p.source_done && p.free; }

// --- running; without the lock ---

/// Runs user code for an item with the item's place and output. Returns its outcome; failures are noted.
template <class Run> int32_t runFor(Worker &w, Region &r, Token &token, Run run) {
    Segment *segment = w.segment;
    if (token.segment) w.segment = token.segment;
    w.act.ordinal = token.item;
    int32_t o = run();
    if (o != PAR_OK && o != PAR_DONE) lowerStop(w, r, token.item, o);
    if (token.segment) {
        token.segment = w.segment;
        w.segment = segment;
    }
    return o;
}

/// Carries a token until it waits at a turnstile or retires. Called and left with the lock held.
void carry(Worker &w, Region &r, Pipeline &p, Token &token) {
    const par_pipe &pipe = *p.pipe;
    while (token.stage < pipe.stages) {
        if (!enterStage(p, token)) return;
        p.lock.unlock();
        if (isStoppedAt(r, token.item)) token.ended = true;
        auto stage = [&] { return pipe.stage[token.stage](&w, p.env, token.data()); };
        if (!token.ended) token.ended = runFor(w, r, token, stage) != PAR_OK;
        p.lock.lock();
        leaveStage(p, token);
    }
    p.lock.unlock();
    if (pipe.drop) pipe.drop(token.data());
    memset(token.data(), 0, pipe.token_size);
    if (token.segment) closeSegment(token.segment);
    p.lock.lock();
    token.next = p.free;
    p.free = &token;
    --p.in_flight;
}

/// Makes the next item. Called and left with the lock held; null if there is none.
Token *fetch(Worker &w, Region &r, Pipeline &p) {
    Token &token = *p.free;
    p.free = token.next;
    ++p.in_flight;
    p.source_busy = true;
    token.item = p.next_item++;
    token.stage = 0;
    token.ended = token.admitted = false;
    token.segment = p.next_segment;
    p.lock.unlock();
    // The segment of the item after this one stands behind it from now on, so that items never overtake each other.
    bool room = !token.segment || insertSegments(token.segment, &p.next_segment, nullptr);
    int32_t o = PAR_DONE;
    if (!room) {
        p.next_segment = nullptr;
        int64_t none = 0;
        par_rt_trap(&w, PAR_TRAP_memory, p.pipe->site, 1, &none);
        lowerStop(w, r, token.item, PAR_TRAPPED);
    } else if (!isStoppedAt(r, token.item)) {
        o = runFor(w, r, token, [&] { return p.pipe->source(&w, p.env, token.data()); });
    }
    p.lock.lock();
    p.source_busy = false;
    if (o == PAR_OK) return &token;
    p.source_done = true;
    token.ended = true;
    token.stage = p.pipe->stages; // retires without passing the turnstiles: nothing comes after it
    return &token;
}

void requestsAt(Worker &w, Region &r) {
    if (__atomic_load_n(&w.requests, __ATOMIC_RELAXED) == 0) return;
    w.act.ordinal = 0; // only what encloses the pipeline can stop all of it
    if (int32_t o = par_rt_poll_slow(&w)) lowerStop(w, r, 0, o);
}

/// Invites another worker if there is more to do than this one can do now.
void invite(Worker &w, Region &r, bool more) {
    if (!more || !mayShare()) return;
    if (pool.mode == Mode::Seeded && draw(w) % 3 == 0) return;
    if (!somebodyWants(w)) return;
    publish(w, r, 0, 1, w.segment, false);
}

/// Works on the pipeline until there is nothing that this worker could do at the moment.
void participate(Worker &w, Region &r, Pipeline &p) {
    p.lock.lock();
    for (;;) {
        Token *token = nullptr;
        if (p.ready_count > 0)
            token = takeReady(p);
        else if (sourceCanRun(p))
            token = fetch(w, r, p);
        else
            break;
        bool more = p.ready_count > 0 || sourceCanRun(p);
        p.lock.unlock();
        requestsAt(w, r);
        invite(w, r, more);
        p.lock.lock();
        carry(w, r, p, *token);
    }
    p.lock.unlock();
}

/// One item after the other on this thread. True: over. False: somebody else wants to help, and items are worth handing over.
bool runAlone(Worker &w, Region &r, Pipeline &p) {
    constexpr int64_t kWorthNs = 1'500; ///< less a stage costs than a turnstile and waking somebody
    const par_pipe &pipe = *p.pipe;
    void *data = p.free->data();
    for (int64_t items = 1;; items = 64) {
        int64_t begin = nowNs();
        for (int64_t i = 0; i < items; ++i) {
            requestsAt(w, r);
            if (isStoppedAt(r, p.next_item)) return true;
            w.act.ordinal = p.next_item;
            int32_t made = pipe.source(&w, p.env, data), o = made;
            for (uint32_t stage = 0; stage < pipe.stages && o == PAR_OK; ++stage) o = pipe.stage[stage](&w, p.env, data);
            if (pipe.drop) pipe.drop(data);
            memset(data, 0, pipe.token_size);
            if (o != PAR_OK && o != PAR_DONE) lowerStop(w, r, p.next_item, o);
            if (made != PAR_OK || (o != PAR_OK && o != PAR_DONE)) return true;
            ++p.next_item;
        }
        if (mayShare() && somebodyWants(w) && nowNs() - begin > items * kWorthNs) return false;
    }
}

/// The same as a stretch of work of the region; what is begun alone can be shared from where it stands.
bool isOverAlone(Worker &w, Region &r, Pipeline &p) {
    if (isPerturbed()) return false;
    Piece piece;
    beginPiece(w, r, piece, 0, 0, false, nullptr);
    bool over = runAlone(w, r, p);
    endPiece(w, piece);
    for (uint32_t stage = 0; stage < p.pipe->stages; ++stage) p.gates[stage].next = p.next_item;
    return over;
}

int32_t seatBody(Worker &w, Region &r, int64_t, int64_t) {
    participate(w, r, *static_cast<Pipeline *>(r.env));
    return PAR_OK;
}

/// The owner's part: works, and waits while others hold what it would need.
int32_t runPipeline(Worker &w, Region &r, Pipeline &p) {
    // The piece stays while we wait: what lies further out and is given away then writes behind all items too.
    Piece piece;
    beginPiece(w, r, piece, 0, 0, false, r.behind);
    participate(w, r, p);
    while (r.shared && r.pending.load(std::memory_order_acquire) != 0) {
        Task task;
        if (findTask(w, &r, task) || waitForTask(w, &r, task)) runTask(w, task);
        participate(w, r, p);
    }
    participate(w, r, p); // nobody else is left: what the last one made ready before it ended is ours
    endPiece(w, piece);
    if (p.next_segment) closeSegment(p.next_segment);
    return closeRegion(w, r);
}

/// Places of everything in one block: tokens, gates, their waiting rooms, the heap.
void layOut(Pipeline &p, uint8_t *block) {
    const par_pipe &pipe = *p.pipe;
    int64_t each = tokenBytes(pipe);
    for (int64_t i = p.limit; i-- > 0;) {
        auto *token = new (block + i * each) Token;
        token->next = p.free;
        p.free = token;
    }
    block += p.limit * each;
    p.gates = reinterpret_cast<Turnstile *>(block);
    block += pipe.stages * sizeof(Turnstile);
    for (uint32_t stage = 0; stage < pipe.stages; ++stage) {
        p.gates[stage].waiting = reinterpret_cast<Token **>(block);
        block += static_cast<size_t>(p.limit) * sizeof(Token *);
    }
    p.ready = reinterpret_cast<Token **>(block);
}

} // namespace

} // namespace parlane::rt

using namespace parlane::rt;

extern "C" int32_t par_rt_pipeline(par_ctx *ctx, const par_pipe *pipe, void *env, int64_t limit) {
    Worker &w = workerOf(ctx);
    if (limit <= 0) limit = 4 * static_cast<int64_t>(par_rt_threads());
    Pipeline p;
    p.pipe = pipe;
    p.env = env;
    p.limit = limit;
    int64_t pointers = limit * (static_cast<int64_t>(pipe->stages) + 1) * static_cast<int64_t>(sizeof(Token *));
    int64_t bytes = limit * tokenBytes(*pipe) + static_cast<int64_t>(pipe->stages * sizeof(Turnstile)) + pointers;
    auto *block = static_cast<uint8_t *>(par_rt_alloc(ctx, bytes, 1));
    if (!block) return PAR_TRAPPED;
    layOut(p, block);
    Region r;
    openRegion(w, r, seatBody, pipe, &p, pipe->site);
    if (isOverAlone(w, r, p)) {
        int32_t o = closeRegion(w, r);
        par_rt_free(block, bytes);
        return o;
    }
    int32_t o = PAR_OK;
    if (mayShare()) {
        if (insertSegments(w.segment, &p.next_segment, &r.behind)) {
            r.shared = true;
            countPart(r.site, w, false);
        } else {
            o = par_rt_trap(ctx, PAR_TRAP_memory, pipe->site, 1, &bytes);
        }
    }
    if (o == PAR_OK) o = runPipeline(w, r, p);
    par_rt_free(block, bytes);
    return o;
}
