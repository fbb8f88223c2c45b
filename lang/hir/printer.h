// Private to the printer: its state, shared by the files that print one kind of node each.
#pragma once
#include "lang/hir/print.h"

#include <fmt/format.h>
#include <iterator>

namespace parlane::hir {

class Printer {
public:
    Printer(const Program &program, const Interner &names) : program(program), names(names) {}

    void function(const Function &function);
    void constant(const Constant &constant);
    void structure(const types::StructInfo &info);
    void enumeration(const types::EnumInfo &info);

    std::string out;

private:
    // print.cpp
    std::string typeParams(const std::vector<types::ParamId> &params) const;
    std::string name(NameId id) const { return id.valid() ? std::string(names.text(id)) : "_"; }
    std::string type(TypeId id) const { return program.types.text(id, names); }
    void line(const std::string &text);

    // print_stmt.cpp
    void block(BlockId id);
    void statement(const Stmt &stmt);
    std::string pattern(PatternId id) const;
    std::string local(LocalId id) const;
    std::string declared(LocalId id) const;

    // print_expr.cpp: text of a value; what contains blocks is printed over several lines through `nested`
    std::string expr(ExprId id);
    std::string exprs(const std::vector<ExprId> &ids);
    std::string node(const Expr &e);
    std::string value(const Expr &e);
    std::string control(const Expr &e);
    std::string quoted(NameId text) const;
    std::string callee(const Callee &callee) const;
    std::string call(const Call &call);
    std::string index(const IndexArg &arg);
    std::string nested(BlockId id);

    // print_loop.cpp
    std::string loop(LoopId id);
    std::string source(SourceId id);
    std::string clause(const Clause &clause);
    std::string foldOp(const FoldOp &op) const;
    std::string invoke(InvokeId id);
    std::string pipeline(PipelineId id);
    std::string closure(ClosureId id);

    const Program &program;
    const Interner &names;
    const Body *body = nullptr;
    int depth = 0;
};

} // namespace parlane::hir
