// Moves, and views that are used after what they look into has changed: one forward walk over a body
// with the state of its locals. Internal to lang/access.
#pragma once
#include "lang/access/analysis.h"
#include "lang/access/children.h"

namespace parlane::access {

/// What the walk over terms has found and this one needs.
struct FlowFacts {
    const std::vector<Access> &accesses;
    const std::map<hir::LocalId, Place> &aliases; ///< what locals of storage `Alias` and `Exclusive` stand for
    const std::map<hir::ExprId, std::vector<size_t>> &touched; ///< accesses by place expression
    const std::map<hir::ExprId, Place> &sources; ///< what loops go over
    Conflicts &conflicts;
};

class Flow {
public:
    Flow(Analysis &analysis, const hir::Function *function, const hir::Body &body, FunctionProofs &proofs,
         const FlowFacts &facts);
    void run();

private:
    /// Who broke a view: where, and what happened to the root.
    struct Broken {
        source::Span span;
        std::string_view what;
    };
    struct State {
        bool reachable = true;
        std::map<hir::LocalId, hir::ExprId> moved;
        std::map<hir::LocalId, Broken> broken; ///< views
        std::set<hir::LocalId> bound;          ///< views that have been bound
        void join(const State &other);
        bool covers(const State &other) const;
    };
    struct OpenLoop {
        hir::LoopId loop;
        hir::PipelineId pipeline;
        State breaks, continues;
    };

    void expr(hir::ExprId id);
    /// `first`, then perhaps `second`: operators that may skip their right side.
    void eitherOr(hir::ExprId first, hir::ExprId second);
    void block(hir::BlockId id);
    void statement(hir::StmtId id);
    void source(hir::SourceId id);
    void rest(hir::ExprId id);
    void use(hir::LocalId local, hir::ExprId at);
    void consume(hir::ExprId id, const hir::Consume &node);
    void move(hir::LocalId local, hir::ExprId at);
    void call(hir::ExprId id, const hir::Call &node);
    /// `target` is written (or moved away): breaks the views into it.
    void written(hir::ExprId target, std::string_view what);
    void breakViews(const Place &place, PathId path, source::Span span, std::string_view what, hir::LocalId through,
                    bool reads);
    void target(hir::ExprId id);
    void bind(hir::PatternId pattern);
    void branches(const std::vector<hir::BlockId> &blocks, bool may_skip);
    void loop(hir::LoopId id);
    void pipeline(hir::PipelineId id);
    void invoke(hir::InvokeId id);
    /// One round of a loop, until nothing new is found at its head.
    void rounds(OpenLoop &open, const std::function<void()> &round);
    void freeze(const hir::Loop &loop);
    void leave(hir::LoopId loop, hir::PipelineId pipeline, bool breaks);
    void decideCopies();
    std::string name(hir::LocalId local) const { return std::string(analysis.names.text(body.locals[local].name)); }

    Analysis &analysis;
    const hir::Function *function;
    const hir::Body &body;
    FunctionProofs &proofs;
    const FlowFacts &facts;
    State state;
    std::vector<OpenLoop *> loops;
    std::vector<const char *> bodies; ///< words of the loops and parallel bodies around
    uint32_t sequence = 0, scope = 0, scopes = 0;
    std::vector<uint32_t> scope_of;  ///< by local: where it was declared
    std::vector<uint32_t> branch_of; ///< by local: parallel body where it was declared
    std::vector<uint32_t> last_use;  ///< by local
    uint32_t parallel = 0;           ///< innermost parallel body that is no loop, 0 none
    int closures = 0;
    struct Candidate {
        hir::ExprId expr;
        hir::LocalId local;
        uint32_t sequence;
    };
    std::vector<Candidate> candidates; ///< copies that may be moves
    std::vector<std::pair<const Place *, source::Span>> frozen; ///< sources of the loops around
};

} // namespace parlane::access
