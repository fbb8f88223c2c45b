// Which bodies are checked, and constants.
#include "lang/check/body.h"

namespace parlane::check {

void Context::reach(FunctionId id) {
    if (functions[id.raw].state == State::Declared) reached.push_back(id);
}

void Context::checkFunction(FunctionId id) {
    FunctionData &data = functions[id.raw];
    if (data.state != State::Declared) return;
    data.state = State::Done;
    hir::Function &f = program.functions[id];
    if (f.kind == hir::FunctionKind::Builtin || f.kind == hir::FunctionKind::C) return;
    f.body.emplace();
    BodyChecker checker(*this, module(data.module), *f.body, &f.type_params);
    checker.function(id);
}

void Context::checkReached(bool all) {
    for (uint32_t i = 0; i < functions.size(); ++i)
        if (all || !module(functions[i].module).library) checkFunction(FunctionId(i));
    for (uint32_t i = 0; i < constants.size(); ++i)
        if (all || !module(program.constants[ConstId(i)].module).library) constant(ConstId(i));
    while (!reached.empty()) {
        FunctionId next = reached.front();
        reached.pop_front();
        checkFunction(next);
    }
}

void Context::checkDefaults() {
    for (uint32_t i = 0; i < structs.size(); ++i) {
        if (module(structs[i].module).library) continue;
        std::vector<TypeId> own;
        for (ParamId p : types().info(StructId(i)).params) own.push_back(types().param(p));
        hir::Body scratch;
        BodyChecker checker(*this, module(structs[i].module), scratch, nullptr);
        if (!checker.defaults(types().structure(StructId(i), std::move(own)))) structs[i].broken_defaults = true;
    }
}

namespace {

std::optional<ConstValue> fold(const Context &c, const hir::Body &body, hir::ExprId id) {
    const hir::Expr &e = body.exprs[id];
    auto scalar = c.program.types.scalarOf(e.type);
    if (!scalar) return std::nullopt;
    if (const auto *n = std::get_if<hir::IntLit>(&e.node)) return ConstValue{*scalar, n->bits, 0};
    if (const auto *n = std::get_if<hir::BoolLit>(&e.node)) return ConstValue{*scalar, n->value, 0};
    if (const auto *n = std::get_if<hir::FloatLit>(&e.node)) return ConstValue{*scalar, 0, n->value};
    if (const auto *n = std::get_if<hir::Unary>(&e.node)) {
        auto operand = fold(c, body, n->operand);
        return operand ? evaluate(n->op, *operand) : std::nullopt;
    }
    if (const auto *n = std::get_if<hir::Binary>(&e.node)) {
        auto left = fold(c, body, n->left), right = fold(c, body, n->right);
        return left && right ? evaluate(n->op, *left, *right) : std::nullopt;
    }
    if (const auto *n = std::get_if<hir::Convert>(&e.node)) {
        auto operand = fold(c, body, n->operand);
        return operand ? std::optional(convert(*operand, *scalar)) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

const ConstData &Context::constant(ConstId id) {
    ConstData &data = constants[id.raw];
    hir::Constant &constant = program.constants[id];
    if (data.state == State::Running) {
        emitter.report(Code::ConstCycle, constant.name_span, text(constant.name))
            .why("its value would be needed to compute it");
        return data;
    }
    if (data.state == State::Done) return data;
    data.state = State::Running;
    TypeScope scope{&module(constant.module), nullptr};
    TypeId wanted = data.item->type.valid() ? resolve(data.item->type, scope) : TypeId();
    BodyChecker checker(*this, *scope.module, constant.body, nullptr);
    constant.type = checker.constant(data.item->value, wanted);
    if (wanted.valid() && !types().is<types::ErrorType>(constant.type)) constant.type = wanted;
    data.value = fold(*this, constant.body, constant.body.blocks[constant.body.root].value);
    data.state = State::Done;
    return data;
}

namespace {

/// The size that an expression of constants and integer parameters stands for; invalid for anything else.
TypeId sizeOfExpr(Context &c, const hir::Body &body, ExprId id) {
    if (auto value = fold(c, body, id)) return c.types().size(static_cast<int64_t>(value->bits));
    const hir::ExprNode &node = body.exprs[id].node;
    if (const auto *param = std::get_if<hir::IntParam>(&node)) return c.types().param(param->param);
    const auto *binary = std::get_if<hir::Binary>(&node);
    if (!binary) return {};
    const bool product = binary->op == hir::BinaryOp::Mul, minus = binary->op == hir::BinaryOp::Sub;
    if (!product && !minus && binary->op != hir::BinaryOp::Add) return {};
    TypeId left = sizeOfExpr(c, body, binary->left), right = sizeOfExpr(c, body, binary->right);
    if (!left.valid() || !right.valid()) return {};
    return product ? c.types().sizeProduct(left, right) : c.types().sizeSum(left, right, minus ? -1 : 1);
}

} // namespace

TypeId Context::sizeOf(ast::ExprId expr, const TypeScope &scope) {
    hir::Body body;
    BodyChecker checker(*this, *scope.module, body, scope.params);
    TypeId type = checker.constant(expr, {});
    if (types().is<types::ErrorType>(type)) return {};
    hir::ExprId value = body.blocks[body.root].value;
    if (types().isInteger(type))
        if (TypeId size = sizeOfExpr(*this, body, value); size.valid()) return size;
    emitter.report(Code::NotConstant, body.exprs[value].span)
        .why("sizes are integers known at compile time: literals, constants, arithmetic on these, and sums and products "
             "with integer parameters");
    return {};
}

} // namespace parlane::check
