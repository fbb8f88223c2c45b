// Files and declarations.
#include "lang/parse/parser.h"

namespace parlane::parse {

Ast Parser::file() {
    auto end = static_cast<uint32_t>(tokens.size() - 1);
    while (true) {
        skipTerminators();
        if (pos >= end) break;
        uint32_t before = pos;
        result.top.push_back(parseItem());
        if (!panicking && pos < end && !at(TokenKind::Terminator) && !current().line_start) {
            if (!at(TokenKind::Invalid)) reportNeedsEnd();
            panicking = true;
        }
        if (panicking) recover(end);
        if (pos == before) ++pos;
    }
    return std::move(result);
}

bool Parser::atItem() const {
    if (at({TokenKind::Import, TokenKind::Pub, TokenKind::Export, TokenKind::Fn, TokenKind::Struct, TokenKind::Enum,
            TokenKind::Const, TokenKind::Private}))
        return true;
    return (atWord("test") || atWord("bench")) && ahead().kind == TokenKind::StringStart;
}

ItemId Parser::parseItem() {
    uint32_t start = pos;
    std::string doc = docOf(start);
    if (atItem()) {
        ItemNode node = parseDeclaration(start);
        return item(std::move(node), start, std::move(doc));
    }
    StmtId statement = parseStatement();
    return item(ScriptItem{statement}, start, std::move(doc));
}

ItemNode Parser::parseDeclaration(uint32_t start) {
    Visibility visibility = Visibility::Module;
    if (at({TokenKind::Pub, TokenKind::Export, TokenKind::Private})) {
        const Token word = current();
        visibility = at(TokenKind::Pub) ? Visibility::Pub : Visibility::Export;
        advance();
        bool fits = at(TokenKind::Fn) ||
                    (word.kind == TokenKind::Pub && at({TokenKind::Struct, TokenKind::Enum, TokenKind::Const}));
        if (word.kind == TokenKind::Private) {
            visibility = Visibility::Module;
            error(Code::BadModifier, spanOf(word), "private", "declarations: what is not `pub` is private to its file");
        } else if (!fits && !panicking) {
            if (at({TokenKind::Struct, TokenKind::Enum, TokenKind::Const, TokenKind::Import}))
                error(Code::BadModifier, spanOf(word), text(word), found(current()));
            else
                unexpected("a declaration");
        }
    }
    switch (current().kind) {
    case TokenKind::Import: return parseImport();
    case TokenKind::Fn: return parseFunction(visibility, start);
    case TokenKind::Struct: return parseStruct(visibility);
    case TokenKind::Enum: return parseEnum(visibility);
    case TokenKind::Const: return parseConst(visibility);
    case TokenKind::Identifier: return parseTest();
    default: unexpected("a declaration"); return ErrorItem{};
    }
}

ItemNode Parser::parseImport() {
    advance();
    if (atWord("c") && (ahead().kind == TokenKind::StringStart || ahead().kind == TokenKind::RawString))
        return parseImportC();
    ImportItem import;
    do import.path.push_back(name("the name of a module"));
    while (accept(TokenKind::Dot));
    return import;
}

/// `c "zlib.h" link "z" pure { crc32 }`
ItemNode Parser::parseImportC() {
    advance();
    ImportCItem import;
    import.header = plainString().value_or("");
    while (atWord("link")) {
        advance(Role::Word);
        import.libraries.push_back(plainString().value_or(""));
    }
    if (atWord("pure")) {
        advance();
        parseMembers([&] { import.pure.push_back(name("the name of a C function")); });
    }
    return import;
}

template <class F> void Parser::parseMembers(F &&entry) {
    uint32_t open = pos;
    if (!expect(TokenKind::LBrace)) return;
    uint32_t close = closeOf(open);
    while (true) {
        skipTerminators();
        if (pos >= close || at(TokenKind::EndOfFile)) break;
        uint32_t before = pos;
        entry();
        // Entries are separated by commas or new lines.
        if (!panicking && pos < close && !accept(TokenKind::Comma, Role::Separator) && !at(TokenKind::Terminator) &&
            !current().line_start)
            unexpected("`,` or a new line");
        if (panicking) {
            panicking = false;
            while (pos < close && !at({TokenKind::Terminator, TokenKind::EndOfFile}) &&
                   !(pos > before && current().line_start))
                advance();
        }
        if (pos == before) ++pos;
    }
    expect(TokenKind::RBrace);
}

void Parser::parseFunctionName(FunctionItem &function) {
    uint32_t start = pos;
    std::string_view written = lex::spelling(current().kind);
    bool symbol = !written.empty() && !lex::isKeyword(current().kind) && !at(TokenKind::LParen);
    if (!symbol || panicking) {
        function.name = name("the name of a function");
        return;
    }
    advance(Role::Symbol);
    // `fn >>(…)`: the operator is two tokens.
    if (written == ">" && at(TokenKind::Greater) && current().begin == tokens[start].end) advance(Role::SymbolEnd);
    std::string spelled(source_text.substr(tokens[start].begin, tokens[pos - 1].end - tokens[start].begin));
    constexpr std::array kDefinable = {"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "!", "~"};
    if (std::find(kDefinable.begin(), kDefinable.end(), spelled) == kDefinable.end())
        error(Code::BadOperatorName, spanFrom(start), spelled)
            .why("functions define `+ - * / % & | ^ << >> ! ~`; `==` and `<` come with the type");
    function.is_operator = true;
    function.name = {names.intern(spelled), spanFrom(start)};
}

ItemNode Parser::parseFunction(Visibility visibility, uint32_t start) {
    Nesting nesting(*this);
    FunctionItem function;
    function.visibility = visibility;
    advance();
    parseFunctionName(function);
    function.type_params = parseTypeParams();
    function.params = parseParams();
    parseThrows(function.throws, function.error);
    if (accept(TokenKind::Arrow)) function.result = parseType();
    function.head = spanFrom(start);
    if (at(TokenKind::LBrace))
        function.body = parseBlock();
    else if (!panicking && !at({TokenKind::Terminator, TokenKind::EndOfFile}) && !current().line_start)
        unexpected("`{`");
    return function;
}

std::vector<TypeParam> Parser::parseTypeParams() {
    std::vector<TypeParam> params;
    if (!accept(TokenKind::Less, Role::Angle)) return params;
    while (!at({TokenKind::Greater, TokenKind::EndOfFile})) {
        TypeParam param;
        param.name = name("the name of a type parameter");
        if (accept(TokenKind::Colon)) do {
            if (at(TokenKind::TypeName)) {
                param.constraints.push_back(nameOf(current()));
                advance();
            } else {
                param.constraints.push_back(name("a constraint"));
            }
        } while (accept(TokenKind::Plus));
        params.push_back(param);
        if (!accept(TokenKind::Comma)) break;
    }
    if (!accept(TokenKind::Greater, Role::Angle)) unexpected("`,` or `>`");
    return params;
}

std::vector<Param> Parser::parseParams() {
    std::vector<Param> params;
    if (!expect(TokenKind::LParen)) return params;
    while (!at({TokenKind::RParen, TokenKind::EndOfFile})) {
        uint32_t start = pos;
        Param param;
        if (accept(TokenKind::Inout))
            param.mode = Mode::Inout;
        else if (accept(TokenKind::Sink))
            param.mode = Mode::Sink;
        Name written = name("the name of a parameter");
        if (written.valid() && names.text(written.id) != "_") param.name = written;
        expect(TokenKind::Colon, "`:` and the type of the parameter");
        param.type = parseType();
        param.span = spanFrom(start);
        params.push_back(param);
        if (!accept(TokenKind::Comma)) break;
    }
    expect(TokenKind::RParen, "`,` or `)`");
    return params;
}

ItemNode Parser::parseStruct(Visibility visibility) {
    StructItem structure;
    structure.visibility = visibility;
    advance();
    structure.name = name("the name of a struct");
    structure.type_params = parseTypeParams();
    parseMembers([&] { structure.fields.push_back(parseField()); });
    return structure;
}

Field Parser::parseField() {
    uint32_t start = pos;
    Field field;
    field.doc = docOf(start);
    field.is_private = accept(TokenKind::Private);
    field.name = name("the name of a field");
    expect(TokenKind::Colon, "`:` and the type of the field");
    field.type = parseType();
    if (accept(TokenKind::Assign)) field.value = parseExpr();
    field.span = spanFrom(start);
    return field;
}

ItemNode Parser::parseEnum(Visibility visibility) {
    EnumItem enumeration;
    enumeration.visibility = visibility;
    advance();
    enumeration.name = name("the name of an enum");
    enumeration.type_params = parseTypeParams();
    parseMembers([&] {
        uint32_t start = pos;
        Case alternative;
        alternative.doc = docOf(start);
        alternative.name = name("the name of a case");
        if (accept(TokenKind::LParen)) {
            while (!at({TokenKind::RParen, TokenKind::EndOfFile})) {
                alternative.payload.push_back(parseType());
                if (!accept(TokenKind::Comma)) break;
            }
            expect(TokenKind::RParen, "`,` or `)`");
        }
        alternative.span = spanFrom(start);
        enumeration.cases.push_back(std::move(alternative));
    });
    return enumeration;
}

ItemNode Parser::parseConst(Visibility visibility) {
    ConstItem constant;
    constant.visibility = visibility;
    advance();
    constant.name = name("the name of a constant");
    if (accept(TokenKind::Colon)) constant.type = parseType();
    expect(TokenKind::Assign, "`=` and a value");
    constant.value = parseExpr();
    return constant;
}

ItemNode Parser::parseTest() {
    TestItem test;
    test.bench = atWord("bench");
    advance();
    test.name = plainString().value_or("");
    test.body = parseBlock();
    return test;
}

} // namespace parlane::parse
