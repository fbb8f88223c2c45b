// Types.
#include "lang/parse/parser.h"

namespace parlane::parse {

TypeExprId Parser::parseType() {
    Nesting nesting(*this);
    uint32_t start = pos;
    if (at(TokenKind::Fn)) return parseFnType(start);
    if (at({TokenKind::Identifier, TokenKind::TypeName})) return parseTypeSuffix(parseNamedType(start), start);
    if (accept(TokenKind::LParen)) {
        std::vector<TypeExprId> parts;
        while (!at({TokenKind::RParen, TokenKind::EndOfFile})) {
            parts.push_back(parseType());
            if (!accept(TokenKind::Comma)) break;
        }
        expect(TokenKind::RParen, "`,` or `)`");
        TypeExprId inner = parts.size() == 1 ? parts[0] : type(TupleType{std::move(parts)}, start);
        return parseTypeSuffix(inner, start);
    }
    unexpected("a type");
    return type(ErrorType{}, start);
}

TypeExprId Parser::parseTypeSuffix(TypeExprId base, uint32_t start) {
    while (!panicking) {
        if (accept(TokenKind::Question, Role::Postfix)) {
            base = type(OptionalType{base}, start);
        } else if (accept(TokenKind::QuestionQuestion, Role::Postfix)) {
            base = type(OptionalType{type(OptionalType{base}, start)}, start);
        } else if (at(TokenKind::LBracket)) {
            advance();
            if (at({TokenKind::RBracket, TokenKind::Comma})) {
                uint32_t rank = 1;
                while (accept(TokenKind::Comma)) ++rank;
                expect(TokenKind::RBracket);
                base = type(ArrayType{base, rank}, start);
            } else {
                std::vector<ExprId> extents = parseExprList(TokenKind::RBracket);
                expect(TokenKind::RBracket, "`,` or `]`");
                base = type(FixedType{base, std::move(extents)}, start);
            }
        } else {
            break;
        }
        grow();
    }
    return base;
}

TypeExprId Parser::parseNamedType(uint32_t start) {
    NamedType named;
    if (at(TokenKind::TypeName)) {
        named.path.push_back(nameOf(current()));
        advance();
        return type(std::move(named), start);
    }
    named.path.push_back(name("a type"));
    while (accept(TokenKind::Dot)) named.path.push_back(name("the name of a type"));
    if (at(TokenKind::Less)) named.args = parseTypeArgs();
    return type(std::move(named), start);
}

TypeExprId Parser::parseFnType(uint32_t start) {
    FnType fn;
    advance();
    expect(TokenKind::LParen);
    while (!at({TokenKind::RParen, TokenKind::EndOfFile})) {
        FnType::Param param;
        if (accept(TokenKind::Inout))
            param.mode = Mode::Inout;
        else if (accept(TokenKind::Sink))
            param.mode = Mode::Sink;
        param.type = parseType();
        fn.params.push_back(param);
        if (!accept(TokenKind::Comma)) break;
    }
    expect(TokenKind::RParen, "`,` or `)`");
    parseThrows(fn.throws, fn.error);
    if (accept(TokenKind::Arrow)) fn.result = parseType();
    return type(std::move(fn), start);
}

void Parser::parseThrows(bool &throws, TypeExprId &error) {
    if (!accept(TokenKind::Throws)) return;
    throws = true;
    if (at({TokenKind::Identifier, TokenKind::TypeName}) && !current().line_start) error = parseType();
}

TypeExprId Parser::parseTypeArg() {
    uint32_t start = pos;
    if (!at(TokenKind::Integer)) return parseType();
    ExprId value = parseNumber();
    return type(ConstType{value}, start);
}

std::vector<TypeExprId> Parser::parseTypeArgs() {
    std::vector<TypeExprId> args;
    accept(TokenKind::Less, Role::Angle);
    while (!at({TokenKind::Greater, TokenKind::EndOfFile})) {
        args.push_back(parseTypeArg());
        if (!accept(TokenKind::Comma)) break;
    }
    if (!accept(TokenKind::Greater, Role::Angle)) unexpected("`,` or `>`");
    return args;
}

/// At the `<` behind a name in an expression: are these type arguments? Looks ahead without building anything.
bool Parser::typeArgsFollow() const {
    if (panicking) return false;
    uint32_t index = pos;
    if (!skipTypeArgs(index, 0)) return false;
    TokenKind next = tokens[index].kind;
    return next == TokenKind::LParen || next == TokenKind::LBracket || next == TokenKind::Dot;
}

bool Parser::skipTypeArgs(uint32_t &index, uint32_t level) const {
    ++index; // `<`
    while (true) {
        if (tokens[index].kind == TokenKind::Integer)
            ++index;
        else if (!skipType(index, level + 1))
            return false;
        if (tokens[index].kind == TokenKind::Greater) break;
        if (tokens[index].kind != TokenKind::Comma) return false;
        ++index;
        if (tokens[index].kind == TokenKind::Greater) break;
    }
    ++index;
    return true;
}

bool Parser::skipType(uint32_t &index, uint32_t level) const {
    constexpr uint32_t kDeepest = 32; // bounds the work for `a<a<a<…`
    if (level > kDeepest) return false;
    TokenKind kind = tokens[index].kind;
    if (kind == TokenKind::Fn || kind == TokenKind::LParen) {
        bool fn = kind == TokenKind::Fn;
        if (fn && tokens[++index].kind != TokenKind::LParen) return false;
        uint32_t close = tokens[index].partner;
        if (close == Token::kNoPartner) return false;
        ++index;
        while (index < close) {
            if (fn && (tokens[index].kind == TokenKind::Inout || tokens[index].kind == TokenKind::Sink)) ++index;
            if (!skipType(index, level + 1)) return false;
            if (tokens[index].kind == TokenKind::Comma)
                ++index;
            else if (index != close)
                return false;
        }
        index = close + 1;
        if (!fn) return skipTypeSuffixes(index);
        if (tokens[index].kind != TokenKind::Arrow) return true;
        return skipType(++index, level + 1);
    }
    if (kind == TokenKind::TypeName) {
        ++index;
        return skipTypeSuffixes(index);
    }
    if (kind != TokenKind::Identifier) return false;
    ++index;
    while (tokens[index].kind == TokenKind::Dot) {
        if (tokens[index + 1].kind != TokenKind::Identifier) return false;
        index += 2;
    }
    if (tokens[index].kind == TokenKind::Less && !skipTypeArgs(index, level)) return false;
    return skipTypeSuffixes(index);
}

bool Parser::skipTypeSuffixes(uint32_t &index) const {
    while (true) {
        if (tokens[index].kind == TokenKind::Question) {
            ++index;
        } else if (tokens[index].kind == TokenKind::LBracket) {
            if (tokens[index].partner == Token::kNoPartner) return false;
            index = tokens[index].partner + 1;
        } else {
            return true;
        }
    }
}

TypeExprId Parser::typeOfExpr(ExprId id) {
    Span span = spanOf(id);
    ExprNode node = nodeOf(id);
    if (const auto *name = std::get_if<NameExpr>(&node)) return result.types.add({NamedType{{name->name}, {}}, span});
    if (const auto *value = std::get_if<TypeValue>(&node)) return value->type;
    if (const auto *paren = std::get_if<ParenExpr>(&node)) return typeOfExpr(paren->inner);
    if (const auto *member = std::get_if<MemberExpr>(&node)) {
        TypeExprId base = typeOfExpr(member->base);
        if (!base.valid()) return {};
        auto *named = std::get_if<NamedType>(&result.types[base].node);
        if (!named || !named->args.empty()) return {};
        NamedType longer = *named;
        longer.path.push_back(member->name);
        return result.types.add({std::move(longer), span});
    }
    if (const auto *generic = std::get_if<GenericExpr>(&node)) {
        TypeExprId base = typeOfExpr(generic->base);
        if (!base.valid()) return {};
        auto *named = std::get_if<NamedType>(&result.types[base].node);
        if (!named) return {};
        return result.types.add({NamedType{named->path, generic->args}, span});
    }
    if (const auto *tuple = std::get_if<TupleExpr>(&node)) {
        TupleType parts;
        for (ExprId part : tuple->parts) {
            parts.parts.push_back(typeOfExpr(part));
            if (!parts.parts.back().valid()) return {};
        }
        return result.types.add({std::move(parts), span});
    }
    if (const auto *index = std::get_if<IndexExpr>(&node)) {
        TypeExprId base = typeOfExpr(index->base);
        if (!base.valid()) return {};
        return result.types.add({FixedType{base, index->indices}, span});
    }
    return {};
}

} // namespace parlane::parse
