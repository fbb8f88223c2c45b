// One walk over a body in order of evaluation: values become terms, touched places become accesses; each parallel
// construct is judged when it ends. Internal to lang/access.
#pragma once
#include "lang/access/analysis.h"
#include "lang/access/children.h"
#include "lang/access/guard.h"

namespace parlane::access {

/// What is known of a value.
struct Value {
    TermId term;               ///< of an integer
    CondId truth;              ///< of a bool
    std::vector<TermId> shape; ///< of a new array
};

/// What is known of a local at one point. Small: copied at branches.
struct Known {
    static constexpr uint32_t kNone = 0xffffffffu;
    TermId value;
    CondId truth;
    Birth version = 0;       ///< of its contents
    Birth shape_version = 0; ///< of its extents
    uint32_t fields = kNone;  ///< in `field_versions`: fields that have been written since
    uint32_t shape = kNone;  ///< in `shapes`
    uint32_t alias = kNone;  ///< in `aliases`: the place it stands for
};

/// Opaque function: the integer parameter of a generic function with this number.
inline constexpr uint32_t kSizeParam = 0x201;

/// What the index of a loop over elements is called.
inline constexpr const char *kNumber = "number";

/// A parallel construct, or one branch or stage of it, while it is walked.
struct Region {
    RegionId id;
    const char *word = "par for"; ///< as the user wrote it
    source::Span header;
    Birth mark = 0;              ///< symbols born later belong to one iteration
    uint32_t declared = 0;       ///< locals declared later too
    size_t first = 0;            ///< its first access
    std::vector<TermId> iteration;
    std::vector<std::pair<std::string, TermId>> shown; ///< names of loop variables, for messages
    const hir::Loop *loop = nullptr;
    std::vector<Known> entry;        ///< what was known in front of it
    std::vector<hir::LocalId> scope; ///< what was in scope there
    mutable Needs needs;             ///< of the proofs so far
    mutable std::optional<Quantities> quantities;
};

/// A number that was read from a field, or the extent of an array that is one.
struct Loaded {
    Quantity from;
    Birth version = 0; ///< of the root when it was read
};

class Walker {
public:
    Walker(Analysis &analysis, const hir::Function *function, const hir::Body &body, FunctionProofs &proofs);
    void run();
    /// Moves, definite assignment, views: after `run`.
    void checkFlow();
    /// What the function does to its parameters.
    void summarize(Summary &summary);

private:
    // ---- values (value.cpp, operators.cpp) ----
    Value value(hir::ExprId id);
    Value valueOf(hir::ExprId id, const hir::Expr &expr);
    Value binary(const hir::Binary &node, types::TypeId type);
    Value unary(const hir::Unary &node, types::TypeId type);
    Value convert(TermId term, types::TypeId to);
    TermId arithmetic(hir::BinaryOp op, TermId a, TermId b, types::TypeId type);
    TermId machine(TermId term, types::TypeId type);
    TermId shift(hir::BinaryOp op, TermId a, TermId b, types::TypeId type);
    TermId bitAnd(TermId a, TermId b, types::TypeId type);
    CondId compare(hir::BinaryOp op, TermId a, TermId b);
    Value conditional(hir::ExprId id, const hir::If &node);
    Value ifLet(const hir::IfLet &node, types::TypeId type);
    Value matchArms(const hir::Match &node, types::TypeId type);
    Value block(hir::BlockId id);
    void endWith(TermId value);
    Value readPlace(hir::ExprId id);
    Value extent(const hir::Extent &node, source::Span span);
    Value newArray(const hir::NewArray &node);
    Value perhaps(hir::ExprId first, hir::ExprId second);
    Value caught(const hir::DoCatch &node);
    std::optional<Value> simple(const hir::Expr &expr);
    /// A value nothing is known of but its type.
    Value unknownValue(types::TypeId type, std::string text = {}, source::Span span = {});
    TermId freshInteger(types::TypeId type, std::string text, source::Span span);
    bool isInteger(types::TypeId type) const;
    Interval rangeOf(types::TypeId type) const;
    void effect(const Effects &effects, source::Span span, hir::FunctionId by);

    // ---- places (place.cpp) ----
    bool isPlace(hir::ExprId id) const;
    /// Evaluates indices on the way; touches nothing else.
    Place place(hir::ExprId id);
    Place indexed(hir::ExprId id, const hir::Index &node);
    Place reshaped(const hir::Reshape &node);
    void openView(Place &place, types::TypeId type);
    /// Applies indices to the open view at the end of a place.
    void apply(Place &place, const std::vector<Dim> &dims);
    Dim indexDim(const hir::IndexArg &arg, TermId extent);
    std::vector<TermId> extents(const Place &place, types::TypeId type);
    TermId sizeTerm(types::TypeId type);
    std::vector<TermId> fixedExtents(const types::FixedType &type);
    std::vector<TermId> keyOf(const Place &place);
    Value load(const Place &place, types::TypeId type, source::Span span);
    Place part(const Place &place, StepKind kind, uint32_t index);
    void touch(AccessKind kind, const Place &place, source::Span span, hir::ExprId expr,
               OperatorClass op = OperatorClass::None);
    void noteLoaded(TermId term, const Place &place, int extent, Birth version);
    /// Reads where an array lies and how long it is, if that is kept in memory that may be replaced.
    void touchHeader(const Place &place, source::Span span);
    /// Stands for everything in a place, as long as nobody writes it.
    TermId contents(const Place &place);
    struct Versions {
        Birth contents = 0, shape = 0;
    };
    using FieldVersions = std::map<uint32_t, Versions>;
    /// When a place was last written, as far as fields at its start tell.
    Versions versionsAt(const Known &known, const Place &place) const;
    Birth versionOf(const Known &known, const Quantity &from) const;
    void bump(Known &known, const Place &place, bool owner);
    void joinFields(Known &mine, const Known &theirs);
    /// `owner`: arrays in it may be others afterwards; `itself`: so may the place, if it is an array.
    void noteWrite(const Place &place, bool owner, bool itself = true);
    bool ownsElements(types::TypeId array) const;
    std::string placeText(const Place &place, const std::function<std::string(TermId)> &show);
    std::string localText(hir::LocalId local) const;

    // ---- statements (statement.cpp) ----
    void statement(hir::StmtId id);
    void let(const hir::Let &node, source::Span span);
    void assign(const hir::Assign &node, source::Span span);
    void assignTuple(const hir::AssignTuple &node);
    void opAssign(const hir::OpAssign &node, source::Span span);
    void copyElements(const hir::CopyElements &node, source::Span span);
    void store(const Place &place, Value value, types::TypeId type);
    /// Binds the locals of a pattern to (parts of) a value, or of a place if it has one.
    void bind(hir::PatternId pattern, const Value &value, const Place *from);
    void declare(hir::LocalId local, const Value &value);
    void declareAlias(hir::LocalId local, Place place);
    CondId assertion(const hir::Call &call);

    // ---- paths (path.cpp) ----
    /// From here to the end of the enclosing block `cond` holds.
    void assume(CondId cond);
    void assumeCompared(CondId cond, TermId a, TermId b);
    /// Holds if the operands did not wrap.
    void assumeInexact(CondId cond, const std::vector<TermId> &operands);
    void join(std::vector<Known> other, CondId cond = {});
    TermId chosen(CondId cond, TermId yes, TermId no, const std::string &text);
    void havoc(const Writes &writes);
    std::optional<std::set<uint32_t>> fieldsWritten(hir::FunctionId callee, size_t param);
    Writes writesOf(hir::BlockId block);
    Writes writesOf(hir::ExprId expr);
    bool diverges(hir::BlockId id) const;

    // ---- loops (loop.cpp, source.cpp) ----
    Value loop(hir::ExprId id, const hir::Loop &loop, hir::LoopId loopId);
    /// What evaluating a source once gives: how many parts, and how to bind the part number `index`.
    struct Parts {
        std::vector<TermId> extents;                   ///< of the index; invalid entry: not known before
        std::vector<TermId> index;                     ///< symbols
        TermId lo, hi, step;                           ///< of a range; `lo` invalid: nothing is known
        types::TypeId integer;                         ///< of its indices
        uint32_t cut = 0;                              ///< of chunks, tiles, parts
        std::vector<TermId> cut_by;                    ///< their arguments
        Place place;                                   ///< of elements, parts
        types::TypeId place_type;
        hir::SourceId source;
        std::vector<Parts> inner;
    };
    Parts enter(hir::SourceId id);
    void advance(Parts &parts, hir::PatternId pattern, Region *region);
    void bindPart(const Parts &parts, const std::vector<TermId> &index, hir::PatternId pattern);
    void rangeIndex(Parts &parts, hir::PatternId pattern, Region *region);
    void cutPart(const Parts &parts, const std::vector<TermId> &index, hir::PatternId pattern);

    // ---- calls (call.cpp) ----
    Value call(hir::ExprId id, const hir::Call &node, const hir::Expr &expr);
    struct Argument {
        const hir::Arg *arg = nullptr;
        bool is_place = false;
        Place copied; ///< where a value was copied from
        Place place;
        Value value;
        std::vector<Access> captured; ///< of a closure
        bool is_closure = false;
    };
    bool swapped(const hir::Call &node, const std::vector<Argument> &args);
    void noteArgument(const hir::Call &node, const Argument &argument);
    Argument argument(const hir::Arg &arg);
    void passFunctions(const hir::Call &node, source::Span span);
    void markParallel(hir::LocalId closure);
    void calledInParallel(hir::ExprId passed, hir::FunctionId callee);
    void closure(hir::ClosureId id, Argument &out);
    void exclusive(const std::vector<Argument> &args, source::Span span);
    struct Passed {
        std::map<SymbolId, TermId> known;
        std::vector<std::pair<SymbolId, TermId>> wide; ///< what may have wrapped before it was passed
    };
    Passed passed(const Summary &summary, const std::vector<Argument> &args);
    TermId sizeArgument(SymbolId symbol, const hir::Call &node, hir::FunctionId callee);
    void instantiate(const Summary &summary, const hir::Call &node, std::vector<Argument> &args, Value &result);
    void append(Place &place, const Place &inner, const TermStore::Map &map,
                const std::vector<std::pair<SymbolId, TermId>> &wide);
    void wholeAccess(const Argument &argument, hir::FunctionId by);
    std::optional<Value> known(const hir::Call &node, std::vector<Argument> &args, types::TypeId type);

    // ---- regions (region.cpp, branches.cpp, explain.cpp) ----
    using Group = std::vector<const Access *>;
    using Groups = std::map<hir::LocalId, Group>;
    Region begin(RegionId id, source::Span header, const char *word);
    void end(const Region &region);
    /// Accesses `first` to `last` to what is declared outside, by variable.
    Groups groups(size_t first, size_t last, uint32_t declared) const;
    void judge(const Region &region, hir::LocalId root, Group group);
    bool judgeEffects(const Region &region, hir::LocalId root, const Group &group);
    bool judgeClosure(const Region &region, hir::LocalId root, const Group &group);
    void judgeAccumulators(const Region &region, Group &group);
    bool judgeAtomic(const Region &region, Group &group);
    bool judgeDisjoint(const Region &region, Group &group);
    bool judgePairs(const Region &region, const Group &group);
    bool owned(const Region &region, const Group &group);
    bool ownedAs(const Region &region, const Group &group, Trust trust);
    const Quantities &quantitiesOf(const Region &region);
    std::vector<std::vector<CondId>> candidates(const Region &region, const Access &a);
    bool guarded(const Region &region, const Access &a, const Access &b, Split split);
    bool canGuard(const Region &region, const Needs &needs);
    void addDigits(const Region &region, const Group &group, size_t k, size_t d, std::vector<TermId> &kept);
    bool isLocal(hir::LocalId root, uint32_t declared) const;
    void verdict(const Access &access, Owner owner, RegionId region);
    void capture(const Region &region, const Groups &all);
    bool alreadyReported(hir::LocalId root) { return !reported.insert(root).second; }
    void invoke(const hir::Invoke &invoke, hir::InvokeId id);
    void pipeline(const hir::Pipeline &pipeline, hir::PipelineId id);
    void judgeBranches(const Region &region, const std::vector<Groups> &branches);
    void judgeStages(const Region &region, const hir::Pipeline &pipeline, const std::vector<Groups> &stages);

    struct Conflict {
        const Access &a, &b;
        const Finding &finding;
    };
    void explain(const Region &region, const Conflict &conflict);
    void noteInvariants(diag::Report &report, const Region &region, const Conflict &conflict);
    void explainCollision(const Region &region, const Conflict &conflict);
    void explainUnproven(const Region &region, const Conflict &conflict);
    void explainBranches(const Conflict &conflict, size_t first, size_t second);
    void explainStages(const Region &region, const Conflict &conflict);
    std::string iterationText(const Region &region, const Model &model, int run);
    std::string accessText(const Access &access, const Model &model, int run);
    void suggest(diag::Report &report, const Region &region, const Access &write);
    void suggestCopy(diag::Report &report, const Region &region, const Conflict &conflict);
    bool readElsewhere(const Region &region, const Access &write) const;
    bool onlyBy(const Region &region, const Access &write) const;
    static constexpr size_t kMostPairs = 64; ///< compared for the sake of a fix

    Analysis &analysis;
    hir::Program &program;
    types::TypeStore &types;
    TermStore &terms;
    const hir::Function *function;
    const hir::Body &body;
    FunctionProofs &proofs;

    PathStore paths;
    Conflicts conflicts;
    PathId path;
    std::vector<Known> locals;
    std::vector<hir::LocalId> scope; ///< locals that may be read here, by order of declaration
    std::map<SymbolId, std::pair<TermId, TermId>> index_ends; ///< of loop indices
    std::map<SymbolId, Loaded> loaded;
    FieldEffects field_effects;
    std::map<hir::LocalId, Birth> entered; ///< versions of parameters
    std::vector<uint32_t> declared_at; ///< order of declaration, from 1
    std::vector<std::vector<TermId>> shapes;
    std::vector<FieldVersions> field_versions;
    std::vector<Place> aliases;
    std::vector<Access> accesses;
    std::map<hir::LocalId, Place> alias_places;
    std::map<hir::ExprId, Place> source_places;
    std::vector<Summary::Input> inputs;
    std::vector<const Region *> regions; ///< open ones, outermost first
    std::vector<bool> in_parallel;       ///< by parameter: see Summary
    TermId result;   ///< of the function, if all its ends give the same one
    int ends = 0;    ///< returns and the value of the body
    int closures = 0;
    uint32_t declarations = 0;
    uint32_t cuts = 0;
    Birth mark = 0;
    hir::ExprId unused_call; ///< the call whose result a statement throws away
    LocalSet reported; ///< roots already reported in the outermost region
};

} // namespace parlane::access
