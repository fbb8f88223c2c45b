// Checks one body: statements, expressions, patterns. One object a function, constant or test.
#pragma once
#include "lang/check/context.h"
#include "lang/check/infer.h"

namespace parlane::check {

using hir::BlockId;
using hir::ClosureId;
using hir::ExprId;
using hir::LocalId;
using hir::LoopId;
using hir::PatternId;
using hir::PipelineId;
using hir::SourceId;
using hir::StmtId;
using types::Mode;

/// What stands around a statement and what a jump may not leave.
struct Region {
    enum Kind : uint8_t { SerialLoop, ParLoop, ValueLoop, InvokeBranch, Stage };
    Kind kind;
    LoopId loop;
    PipelineId pipeline;
    ast::Name label;
    Span span;
    bool gives_value = false; ///< a collect, fold, ...
    bool broken = false;      ///< a `break` leaves it
};

/// Where thrown values go: `do`, `try?`, or out of the function.
struct Handler {
    bool optional = false;       ///< `try?`
    std::vector<TypeId> thrown;  ///< of the calls inside; an invalid id for untyped throws
};

/// A function or closure around the code that is checked.
struct Frame {
    size_t scope_base = 0;
    size_t region_base = 0;
    TypeId result; ///< invalid in a closure whose result is inferred
    TypeId inferred;
    bool throws = false;
    TypeId error_type;
    bool is_closure = false;
    bool is_const = false;
    Span head;
    int try_depth = 0;
    std::vector<Handler> handlers;
    std::vector<hir::Capture> captures;
};

/// The names of one block, in order. Large ones are found by hash.
class Scope {
public:
    void add(NameId name, LocalId local) {
        names.emplace_back(name, local);
        if (names.size() == kLarge) by_name.insert(names.begin(), names.end());
        else if (names.size() > kLarge) by_name.insert_or_assign(name, local);
    }
    LocalId find(NameId name) const {
        if (names.size() >= kLarge) {
            auto found = by_name.find(name);
            return found == by_name.end() ? LocalId() : found->second;
        }
        for (size_t i = names.size(); i-- > 0;)
            if (names[i].first == name) return names[i].second;
        return {};
    }
    void clear() { names.clear(), by_name.clear(); }
    const std::vector<std::pair<NameId, LocalId>> &all() const { return names; }

private:
    static constexpr size_t kLarge = 24;
    std::vector<std::pair<NameId, LocalId>> names;
    std::unordered_map<NameId, LocalId> by_name;
};

struct CallArg {
    ast::ExprId value;
    ExprId done; ///< checked already (receivers, first pass of overload resolution)
    Mode mode = Mode::Read;
    ast::Name label;
    Span span;
    bool receiver = false;
};

/// A callee with its type arguments as written.
struct Written {
    NameId name;
    Span span;
    std::vector<TypeId> type_args;
    bool method = false;
};

/// What a pattern is matched with.
struct Subject {
    TypeId type;
    bool place = false;              ///< parts that do not copy are aliased
    bool writable = false;           ///< `&x` may bind
    hir::LocalKind kind = hir::LocalKind::Pattern;
    bool is_var = false;
    Span span;
    ExprId value = {};               ///< what `match` and `if let` look at: if it may be written, `&x` binds its parts
};

class BodyChecker {
public:
    BodyChecker(Context &c, ModuleData &module, hir::Body &body, const std::vector<ParamId> *type_params)
        : c(c), module(&module), body(body), type_params(type_params) {}

    void function(FunctionId id);
    /// Gives the type; `wanted` may be invalid.
    TypeId constant(ast::ExprId value, TypeId wanted);
    /// Of all fields that have one; false if one is wrong.
    bool defaults(TypeId structure);

private:
    // body.cpp
    void pushFrame(Frame frame);
    Frame popFrame();
    void pushScope() { scopes.emplace_back(); }
    void popScope() { scopes.pop_back(); }
    void declare(NameId name, LocalId local, Span span);
    LocalId addLocal(ast::Name name, TypeId type, hir::LocalKind kind, hir::Storage storage, bool is_mutable);
    LocalId findLocal(NameId name, Span use);
    void noteWrite(LocalId local, Span span);
    ExprId add(TypeId type, Span span, hir::ExprNode node) { return body.exprs.add({type, span, std::move(node)}); }
    ExprId errorExpr(Span span) { return add(c.types().error, span, hir::ZeroLit{}); }
    TypeId typeOf(ExprId id) const { return body.exprs[id].type; }
    Span spanOf(ExprId id) const { return body.exprs[id].span; }
    bool isError(TypeId type) const { return c.program.types.is<types::ErrorType>(type); }
    bool isError(ExprId id) const { return isError(typeOf(id)); }
    TypeScope typeScope() const { return {module, type_params, type_args}; }
    const ast::Ast &tree() const { return module->ast; }
    Frame &frame() { return frames.back(); }
    types::TypeStore &types() { return c.program.types; }
    std::string text(TypeId type) const { return c.text(type); }
    std::string text(NameId name) const { return c.text(name); }
    template <class... Args> diag::Report report(Code code, Span span, const Args &...args) {
        return c.emitter.report(code, span, args...);
    }
    bool isLibrary() const { return module->library; }
    bool isList(TypeId type) const;
    TypeId optionalValue(TypeId type) const; ///< invalid if it is no optional

    // expr.cpp
    ExprId expr(ast::ExprId id, TypeId hint = {});
    ExprId exprNode(ast::ExprId id, const ast::Expr &e, TypeId hint);
    /// Checked and converted to `wanted`; read.
    ExprId valueAs(ast::ExprId id, TypeId wanted);
    /// Checked, converted and consumed.
    ExprId ownedAs(ast::ExprId id, TypeId wanted);
    ExprId condition(ast::ExprId id);
    ExprId integer(ast::ExprId id, TypeId hint = {});
    ExprId tuple(const ast::TupleExpr &e, Span span, TypeId hint);
    ExprId arrayLiteral(const ast::ArrayExpr &e, Span span, TypeId hint);
    ExprId coalesce(const ast::BinaryExpr &e, Span span, TypeId hint);
    ExprId unwrap(const ast::UnwrapExpr &e, Span span);

    // literal.cpp
    bool isFlexible(ast::ExprId id) const;
    bool isFlexibleBlock(ast::BlockId id) const;
    bool isDeferred(ast::ExprId id) const;
    bool hasFloatLiteral(ast::ExprId id) const;
    bool literalFits(ast::ExprId id, TypeId wanted);
    ExprId intLiteral(const ast::IntLiteral &literal, bool negative, Span span, TypeId hint);
    ExprId hugeLiteral(NameId digits, bool negative, Span span, TypeId hint);
    ExprId floatLiteral(NameId digits, bool negative, Span span, TypeId hint);
    ExprId stringLiteral(const ast::StringLiteral &e, Span span);
    void checkSpec(ExprId value, const ast::StringPart &part);
    ExprId constantExpr(const ConstValue &value, Span span);

    // convert.cpp
    bool isPlace(ExprId id) const;
    bool isViewLike(TypeId type) const { return c.program.types.is<types::ViewType>(type); }
    LocalId rootOf(ExprId place) const;
    ExprId coerce(ExprId id, TypeId wanted);
    void mismatch(ExprId id, TypeId wanted);
    ExprId consume(ExprId id);
    ExprId toView(ExprId id); ///< array, fixed array or list as a view; anything else stays
    /// Whether the place may be written; reports why not, and notes the write for closures.
    bool libraryField(const hir::Field &field, Span span);
    bool requireWritable(ExprId place, Span span, std::string_view action);
    void reportReadOnly(ExprId place, ExprId root, Span span, std::string_view action);
    void noteConsumed(ExprId place);

    // name.cpp
    ExprId name(const ast::Name &name, Span span, TypeId hint);
    ExprId sizeValue(TypeId size, Span span);
    ExprId ambientField(const ast::Name &name, Span span);
    ExprId constantRef(ConstId id, Span span);
    ExprId caseWithoutPayload(const ast::Name &name, Span span, TypeId hint, const NameEntry &entry);
    ExprId functionValue(const std::vector<FunctionId> &candidates, const ast::Name &name, TypeId wanted);
    void unknownName(const ast::Name &name);
    /// The module that an expression names, if no local or type of that name is nearer.
    ModuleId moduleNamed(ast::ExprId id);
    /// The struct or enum that an expression names, with its arguments if written.
    bool typeNamed(ast::ExprId id, NameEntry &entry, std::vector<TypeId> &args, Span &span);
    std::optional<uint32_t> caseIndex(EnumId id, NameId name) const;
    /// The enum that a bare case name means: that of the wanted type, else the only visible one.
    EnumId enumOfCase(const ast::Name &name, TypeId hint, bool report_clash);

    // member.cpp
    ExprId member(const ast::MemberExpr &e, Span span, TypeId hint);
    ExprId valueMember(ExprId base, const ast::Name &name, Span span);
    ExprId field(ExprId base, const ast::Name &name, Span span);
    ExprId arrayMember(ExprId base, const ast::Name &name, Span span);
    ExprId tupleMember(const ast::TupleMemberExpr &e, Span span);
    ExprId index(const ast::IndexExpr &e, Span span);
    ExprId indexString(ExprId base, const ast::IndexExpr &e, Span span);
    std::optional<hir::IndexArg> indexArg(ast::ExprId id);
    ExprId reshape(ExprId base, std::vector<ExprId> extents, Span span, int rank);

    // operator.cpp
    ExprId unary(const ast::UnaryExpr &e, Span span, TypeId hint);
    ExprId binary(const ast::BinaryExpr &e, Span span, TypeId hint);
    std::pair<ExprId, ExprId> operands(ast::ExprId left, ast::ExprId right, TypeId hint);
    ExprId binaryTyped(ast::BinaryOp op, ExprId left, ExprId right, Span span, Span op_span, TypeId hint);
    ExprId literalOperand(const ast::BinaryExpr &e, Span span, TypeId hint);
    ExprId logical(const ast::BinaryExpr &e, Span span);
    ExprId compare(ast::BinaryOp op, ExprId left, ExprId right, Span span, Span op_span);
    ExprId shift(const ast::BinaryExpr &e, Span span, TypeId hint);
    std::optional<hir::Callee> userOperator(std::string_view op, std::vector<ExprId> &operands, TypeId &result,
        Span span);
    bool hasArithmetic(TypeId type, hir::BinaryOp op);
    void noOperator(std::string_view op, TypeId left, TypeId right, ExprId l, ExprId r, Span op_span);

    // call.cpp
    ExprId call(ast::ExprId id, const ast::CallExpr &e, Span span, TypeId hint);
    ExprId callNamed(const ast::Name &name, std::vector<TypeId> type_args, bool generic, const ast::CallExpr &e,
        Span span, TypeId hint);
    ExprId callMember(const ast::MemberExpr &member, std::vector<TypeId> type_args, const ast::CallExpr &e, Span span,
        TypeId hint);
    ExprId callMethod(ExprId receiver, const ast::Name &name, std::vector<TypeId> type_args, const ast::CallExpr &e,
        Span span,
                      TypeId hint);
    ExprId callClosure(LocalId local, const ast::Name &name, const ast::CallExpr &e, Span span);
    std::vector<CallArg> argsOf(const ast::CallExpr &e);
    ExprId builtinMethod(ExprId receiver, const ast::Name &name, const ast::CallExpr &e, Span span, bool &handled);
    ExprId bitsCall(const std::vector<TypeId> &type_args, const ast::CallExpr &e, Span span);
    void requirePlain(const std::vector<CallArg> &args);

    // overload.cpp
    ExprId callFunctions(std::vector<FunctionId> candidates, const Written &written, std::vector<CallArg> args,
        Span span, TypeId hint);
    std::vector<FunctionId> fitting(const std::vector<FunctionId> &candidates, const Written &written,
                                    const std::vector<CallArg> &args);
    bool fits(FunctionId id, const Written &written, const std::vector<CallArg> &args);
    bool deferredFits(const CallArg &arg, TypeId param, const Inference &inference);
    bool printsAnything(const std::vector<FunctionId> &candidates) const;
    void decideByDefaults(std::vector<FunctionId> &candidates, const std::vector<CallArg> &args, TypeId hint);
    void reportNoFit(const std::vector<FunctionId> &candidates, const Written &written,
        const std::vector<CallArg> &args, Span span);
    std::string signature(FunctionId id) const;

    // arguments.cpp
    ExprId callOne(FunctionId id, const Written &written, std::vector<CallArg> &args, Span span, TypeId hint);
    /// Fills `done` of each argument in the order in which types become known.
    bool inferArgs(Inference &inference, const std::vector<types::FnParam> &params, std::vector<CallArg> &args,
        TypeId result,
                   TypeId hint);
    void firstArgs(Inference &inference, const std::vector<types::FnParam> &params, std::vector<CallArg> &args);
    bool isOpenCase(ast::ExprId id);
    bool closureArgs(Inference &inference, const std::vector<types::FnParam> &params, std::vector<CallArg> &args,
        bool force);
    hir::Arg finishArg(CallArg &arg, TypeId wanted, Mode mode, NameId param_name, Span param_span);
    hir::Arg finishFunctionArg(hir::Arg out, TypeId wanted, Span param_span);
    hir::Arg finishInoutArg(hir::Arg out, TypeId wanted);
    bool finishInference(Inference &inference, Span span, NameId name);
    FunctionId assertWithText(hir::Call &call, Span condition);
    void checkThrows(bool throws, TypeId error_type, Span span, NameId name);
    ExprId rewriteKnownCall(FunctionId id, const hir::Call &call, Span span, TypeId type);

    // construct.cpp
    ExprId construct(TypeId type, const ast::CallExpr &e, Span span, TypeId hint);
    ExprId constructNamed(const NameEntry &entry, std::vector<TypeId> type_args, const ast::CallExpr &e, Span span,
        TypeId hint);
    ExprId constructStruct(StructId decl, Inference &inference, const ast::CallExpr &e, Span span, TypeId hint);
    ExprId constructCase(EnumId decl, uint32_t case_index, Inference &inference, const ast::CallExpr *e, Span span,
        TypeId hint);
    ExprId constructArray(TypeId type, const ast::CallExpr &e, Span span);
    ExprId constructFixed(TypeId type, const ast::CallExpr &e, Span span);
    ExprId convertScalar(TypeId type, const ast::CallExpr &e, Span span);
    ExprId defaultValue(TypeId structure, uint32_t index, Span span);
    /// `T()` of a struct whose fields have defaults; of anything else invalid.
    ExprId withDefaults(TypeId type, Span span);
    ExprId zero(TypeId type, Span span) { return add(type, span, hir::ZeroLit{}); }
    TypeId fixedOfIndex(const ast::IndexExpr &e, Span span);

    // block.cpp
    enum class Want : uint8_t { Value, Discard };
    BlockId block(ast::BlockId id, Want want, TypeId hint, bool own_scope = true);
    BlockId blockOfExpr(ast::ExprId id, Want want, TypeId hint);
    void statements(hir::Block &out, const std::vector<ast::StmtId> &list, Want want, TypeId hint);
    StmtId addStmt(Span span, hir::StmtNode node) { return body.stmts.add({span, std::move(node)}); }
    bool statement(hir::Block &out, ast::StmtId id);
    void exprStatement(hir::Block &out, ast::ExprId id);
    void warnUnused(ExprId value);
    ExprId ifExpr(const ast::IfExpr &e, Span span, TypeId hint, Want want);
    ExprId blockExpr(ast::BlockId id, Span span, TypeId hint, Want want);
    /// Makes the value of a finished block one of `wanted`, consumed.
    void finishBlock(BlockId id, TypeId wanted);
    TypeId joinTypes(const std::vector<BlockId> &blocks, TypeId hint);
    ExprId discardable(ast::ExprId id, Want want, TypeId hint);

    // jump.cpp
    ExprId returnStmt(const ast::ReturnStmt &s, Span span);
    ExprId breakStmt(const ast::BreakStmt &s, Span span);
    ExprId continueStmt(const ast::ContinueStmt &s, Span span);
    Region *target(const ast::Name &label, Span span, std::string_view word);
    bool mayLeave(const Region &region, std::string_view word, Span span);

    // failure.cpp
    ExprId throwStmt(const ast::ThrowStmt &s, Span span);
    ExprId tryExpr(const ast::TryExpr &e, Span span, TypeId hint, Want want);
    ExprId doCatch(const ast::DoCatchExpr &e, Span span, TypeId hint, Want want);
    void recordThrow(TypeId error_type, Span span, std::string_view what);

    // let.cpp
    void letStmt(hir::Block &out, const ast::LetStmt &s, Span span);
    void letInout(hir::Block &out, const ast::LetStmt &s, Span span);
    ExprId letValue(const ast::LetStmt &s, TypeId wanted);
    ExprId splitCollect(const ast::LetStmt &s, TypeId wanted);

    // assign.cpp
    void assign(hir::Block &out, const ast::AssignStmt &s, Span span);
    void assignTuple(hir::Block &out, const ast::AssignStmt &s, const ast::TupleExpr &targets, Span span);
    ExprId tupleOf(ast::ExprId id, const std::vector<TypeId> &wanted);
    void assignElements(hir::Block &out, const ast::AssignStmt &s, ExprId target, Span span);
    void assignOp(hir::Block &out, const ast::AssignStmt &s, Span span);
    bool checkClaim(const ast::AssignStmt &s, ExprId target, Span span);

    // pattern.cpp
    PatternId pattern(ast::PatternId id, const Subject &subject);
    PatternId bindPattern(const ast::BindPattern &p, const Subject &subject, Span span);
    PatternId literalPattern(const ast::LiteralPattern &p, const Subject &subject, Span span);
    PatternId rangePattern(const ast::RangePattern &p, const Subject &subject, Span span);
    PatternId tuplePattern(const ast::TuplePattern &p, const Subject &subject, Span span);
    PatternId casePattern(const std::vector<ast::Name> &path, const std::vector<ast::PatternId> &parts,
        const Subject &subject,
                          Span span);
    PatternId addPattern(TypeId type, Span span,
        hir::PatternNode node) { return body.patterns.add({type, span, std::move(node)}); }
    Subject part(const Subject &subject, TypeId type) const;
    bool isIrrefutable(PatternId id) const;
    Subject subjectOf(ExprId value) const;
    /// Declares the names of a pattern in the innermost scope with the error type, so that a broken line makes no
    /// others.
    void declareBroken(ast::PatternId id);

    // match.cpp
    ExprId matchExpr(const ast::MatchExpr &e, Span span, TypeId hint, Want want);
    ExprId ifLet(const ast::IfExpr &e, Span span, TypeId hint, Want want);
    PatternId conditionPattern(ast::PatternId pattern, ExprId &value);
    void checkExhaustive(const hir::Match &match, TypeId type, Span subject, Span whole);

    // loop.cpp
    ExprId loop(const ast::Loop &loop, Span span, TypeId hint, bool split = false);
    ExprId whileLoop(const ast::WhileStmt &s, Span span);
    bool clauses(hir::Loop &out, const std::vector<ast::LoopSource> &sources, bool parallel);
    TypeId loopBody(hir::Loop &out, const ast::Loop &loop, LoopId id, TypeId hint, bool split, uint32_t own_locals);
    TypeId arrayType(const hir::Loop &out, TypeId value, bool split);
    int rankOfLoop(const hir::Loop &out) const;
    int rankOfSource(SourceId id) const;
    TypeId elementHint(const ast::Loop &loop, TypeId hint, bool &split);

    // source.cpp
    std::optional<hir::Clause> clause(const ast::LoopSource &source, bool parallel);
    SourceId source(ast::ExprId id, ast::PatternId pattern, Mode mode, bool tries);
    SourceId valueSource(ExprId value, Mode mode, bool tries, Span span);
    SourceId rangeSource(const ast::RangeExpr &e, Span span);
    SourceId callSource(const ast::CallExpr &e, ast::PatternId pattern, Mode mode, Span span, bool &handled);
    SourceId zipSource(const ast::CallExpr &e, ast::PatternId pattern, Mode mode, Span span);
    SourceId enumerateSource(const ast::CallExpr &e, ast::PatternId pattern, Mode mode, Span span);
    SourceId elementsSource(ExprId place, Mode mode, Span span);
    SourceId nextSource(ExprId value, bool tries, Span span);
    SourceId addSource(TypeId type, Span span,
        hir::SourceNode node) { return body.sources.add({type, span, std::move(node)}); }
    bool patternWrites(ast::PatternId id) const;
    PatternId sourcePattern(ast::PatternId id, SourceId source);

    // reduce.cpp
    std::optional<hir::FoldOp> foldOp(const ast::FoldOp &op, TypeId type, bool clause);
    std::optional<hir::FoldOp> foldFunction(const ast::FoldOp &op, TypeId type);
    std::optional<hir::FoldOp> foldClosure(const ast::ClosureExpr &closure, Span span, TypeId type);
    bool builtinFolds(hir::FoldBuiltin op, TypeId type, bool clause);
    bool accumulators(hir::Loop &out, const ast::Loop &loop);
    void folds(hir::Loop &out, const ast::Loop &loop, TypeId value);
    hir::Callee calleeOf(FunctionId id, std::vector<TypeId> type_args);

    // parallel.cpp
    ExprId invokeStmt(const ast::InvokeStmt &s, Span span);
    ExprId pipelineStmt(const ast::PipelineStmt &s, Span span);

    // closure.cpp
    ExprId closure(const ast::ClosureExpr &e, Span span, TypeId wanted);
    /// As far as the wanted type knows: invalid result = infer. Gives the function type that the closure has.
    ExprId closureWith(const ast::ClosureExpr &e, Span span, const std::vector<types::FnParam> &params, TypeId result,
        bool throws);

    Context &c;
    ModuleData *module;
    hir::Body &body;
    const std::vector<ParamId> *type_params;
    const std::vector<TypeId> *type_args = nullptr; ///< what they stand for in the default of a field
    std::vector<Scope> scopes;
    std::vector<Region> regions;
    std::vector<Frame> frames;
    std::vector<std::pair<StructId, uint32_t>> open_defaults; ///< fields whose defaults are being checked
    uint32_t loop_locals = 0; ///< the first local of the innermost loop with an operator
    std::vector<std::pair<NameId, Span>> sibling_names; ///< bound by other branches of the `invoke` around
};

} // namespace parlane::check
