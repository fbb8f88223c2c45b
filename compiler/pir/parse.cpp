#include "compiler/pir/parse.h"

#include "compiler/pir/tokens.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <unordered_map>

namespace parlane::pir {

namespace {

constexpr int kMaxDepth = 500;

template <class E> std::optional<int64_t> enumNamed(std::string_view word, int count) {
    for (int i = 0; i < count; ++i)
        if (text(static_cast<E>(i)) == word) return i;
    return std::nullopt;
}

class Parser {
public:
    explicit Parser(std::string_view text) : list(tokens(text)) {}

    std::expected<Module, ParseError> run() {
        declareAll();
        while (!failed && peek().kind != Token::End) topLevel();
        if (failed) return std::unexpected(error);
        return std::move(module);
    }

private:
    // --- tokens ---
    const Token &peek(size_t ahead = 0) const { return list[std::min(at + ahead, list.size() - 1)]; }
    bool isSymbol(std::string_view s, size_t ahead = 0) const { return peek(ahead).kind == Token::Symbol && peek(ahead).text == s; }
    bool isWord(std::string_view w, size_t ahead = 0) const { return peek(ahead).kind == Token::Word && peek(ahead).text == w; }
    Token next() { return at + 1 < list.size() ? list[at++] : list[at]; }
    bool accept(std::string_view s) {
        bool here = (peek().kind == Token::Symbol || peek().kind == Token::Word) && peek().text == s;
        if (here) ++at;
        return here;
    }
    void expect(std::string_view s) {
        if (!accept(s)) fail(fmt::format("expected `{}`, found `{}`", s, peek().text));
    }
    std::string expectKind(Token::Kind kind, std::string_view what) {
        if (peek().kind != kind) fail(fmt::format("expected {}, found `{}`", what, peek().text));
        return next().text;
    }
    void fail(std::string message) {
        if (failed) return;
        failed = true;
        error = {peek().line, peek().column, std::move(message)};
        at = list.size() - 1; // only End is left: every loop ends
    }
    int64_t integer() {
        std::string text = expectKind(Token::Number, "a number");
        return failed ? 0 : toInteger(text);
    }
    int64_t toInteger(const std::string &text) {
        int64_t value = 0;
        uint64_t wide = 0;
        const char *end = text.data() + text.size();
        if (auto r = std::from_chars(text.data(), end, value); r.ec == std::errc{} && r.ptr == end) return value;
        if (auto r = std::from_chars(text.data(), end, wide); r.ec == std::errc{} && r.ptr == end) return static_cast<int64_t>(wide);
        fail(fmt::format("`{}` is no integer of 64 bits", text));
        return 0;
    }

    // --- module level ---
    void declareAll() {
        int depth = 0;
        for (size_t i = 0; i + 1 < list.size(); ++i) {
            const Token &token = list[i], &name = list[i + 1];
            if (token.kind == Token::Symbol && token.text == "{") ++depth;
            if (token.kind == Token::Symbol && token.text == "}") --depth;
            if (depth != 0 || token.kind != Token::Word) continue;
            if (token.text == "struct" && name.kind == Token::Dollar) declareType(TypeKind::Struct, name);
            if (token.text == "enum" && name.kind == Token::Dollar) declareType(TypeKind::Enum, name);
            if (token.text == "fn" && name.kind == Token::At) declareFunction(name);
            if (token.text == "data" && name.kind == Token::At)
                data_ids[name.text] = module.data.add({name.text, module.types.unit(), {}});
        }
    }

    void declareType(TypeKind kind, const Token &name) {
        if (module.types.named(name.text).valid()) {
            if (failed) return;
            failed = true;
            error = {name.line, name.column, fmt::format("type ${} is defined twice", name.text)};
            return;
        }
        module.types.declare(kind, name.text);
    }

    void declareFunction(const Token &name) {
        if (function_ids.contains(name.text)) {
            if (failed) return;
            failed = true;
            error = {name.line, name.column, fmt::format("function @{} is defined twice", name.text)};
            return;
        }
        function_ids[name.text] = addFunction(name.text);
    }

    FunctionId addFunction(const std::string &name) {
        FunctionId id = module.functions.add({});
        Function &made = module.functions[id];
        made.name = name;
        made.result = module.types.unit();
        made.body = made.regions.add({});
        return id;
    }

    void topLevel() {
        if (accept("struct") || accept("enum")) return definition();
        if (accept("data")) return constant();
        if (accept("fn")) return functionText();
        fail(fmt::format("expected struct, enum, data or fn, found `{}`", peek().text));
    }

    void definition() {
        TypeId id = module.types.named(expectKind(Token::Dollar, "a type name"));
        bool container = accept("container");
        std::vector<std::string> names;
        std::vector<TypeId> parts;
        expect("{");
        while (!failed && !isSymbol("}")) {
            if (!names.empty()) expect(",");
            names.push_back(next().text);
            expect(":");
            parts.push_back(type());
        }
        expect("}");
        if (!failed) module.types.define(id, std::move(names), std::move(parts), container);
    }

    void constant() {
        Data &data = module.data[data_ids[expectKind(Token::At, "a name")]];
        expect(":");
        data.type = type();
        expect("=");
        std::string hex = expectKind(Token::String, "bytes in hex");
        auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
        for (size_t i = 0; i + 1 < hex.size(); i += 2) data.bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    }

    void functionText() {
        current = function_ids[expectKind(Token::At, "a function name")];
        values.clear();
        labels.clear();
        expect("(");
        while (!failed && !isSymbol(")")) {
            if (!fn().params().empty()) expect(",");
            PassMode mode = accept("inout") ? PassMode::Inout : accept("sink") ? PassMode::Sink : PassMode::Read;
            parameter(fn().body);
            fn().modes.push_back(mode);
        }
        expect(")");
        if (accept("->")) fn().result = type();
        if (accept("throws")) fn().throws = type();
        if (accept("{")) functionAttributes();
        fn().loc = location();
        expect("{");
        block(fn().body, 0);
        expect("}");
    }

    void functionAttributes() {
        for (bool first = true; !failed && !isSymbol("}"); first = false) {
            if (!first) expect(",");
            std::string key = expectKind(Token::Word, "an attribute");
            if (key == "fails") fn().fails = true;
            else if (key == "no_ctx") fn().needs_ctx = false;
            else {
                expect("=");
                if (key == "level") fn().level = static_cast<uint8_t>(integer());
                else if (key == "captures") fn().captures = static_cast<uint32_t>(integer());
                else if (key == "export") fn().export_name = expectKind(Token::String, "a C name");
                else fail(fmt::format("functions have no attribute `{}`", key));
            }
        }
        expect("}");
    }

    // --- types ---
    TypeId type() {
        if (peek().kind == Token::Dollar) {
            TypeId id = module.types.named(peek().text);
            if (!id.valid()) fail(fmt::format("no type ${}", peek().text));
            next();
            return failed ? module.types.unit() : id;
        }
        std::string word = expectKind(Token::Word, "a type");
        for (auto k = TypeKind::Unit; k <= TypeKind::File; k = static_cast<TypeKind>(static_cast<int>(k) + 1))
            if (kindText(k) == word) return module.types.scalar(k);
        if (++type_depth > 64) fail("type is nested too deeply");
        TypeId made = composed(word);
        --type_depth;
        return failed ? module.types.unit() : made;
    }

    TypeId composed(const std::string &word) {
        Types &types = module.types;
        expect("<");
        TypeId made = types.unit();
        if (word == "tuple") {
            std::vector<TypeId> parts;
            while (!failed && !isSymbol(">")) {
                if (!parts.empty()) expect(",");
                parts.push_back(type());
            }
            made = types.tuple(std::move(parts));
        } else if (word == "closure") {
            std::vector<TypeId> parts;
            expect("(");
            while (!failed && !isSymbol(")")) {
                if (!parts.empty()) expect(",");
                parts.push_back(type());
            }
            expect(")");
            expect("->");
            TypeId result = type();
            made = types.closure(std::move(parts), result);
        } else if (word == "mask") {
            made = types.mask(integer());
        } else if (word == "optional" || word == "box" || word == "ref") {
            TypeId elem = type();
            made = word == "optional" ? types.optional(elem) : word == "box" ? types.box(elem) : types.ref(elem);
        } else if (word == "array" || word == "view" || word == "fixed" || word == "vec") {
            TypeId elem = type();
            std::vector<int64_t> dims;
            while (accept(",")) dims.push_back(integer());
            if (dims.empty()) fail("missing rank, extent or lanes");
            else if (word == "array") made = types.array(elem, dims[0]);
            else if (word == "view") made = types.view(elem, dims[0]);
            else if (word == "vec") made = types.vec(elem, dims[0]);
            else made = types.fixed(elem, std::move(dims));
        } else {
            fail(fmt::format("no type `{}`", word));
        }
        expect(">");
        return made;
    }

    // --- ops ---
    Function &fn() { return module.functions[current]; }

    ValueId define(const std::string &name, TypeId type, OpId op, RegionId region) {
        bool number = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
        ValueId id = fn().values.add({type, number ? NameId{} : module.names.intern(name), op, region});
        if (!values.emplace(name, id).second) fail(fmt::format("%{} is defined twice", name));
        return id;
    }

    void parameter(RegionId region) {
        std::string name = expectKind(Token::Percent, "a parameter");
        expect(":");
        TypeId t = type();
        if (!failed) fn().regions[region].params.push_back(define(name, t, {}, region));
    }

    void block(RegionId region, int depth) {
        if (depth > kMaxDepth) return fail("regions are nested too deeply");
        while (!failed && !isSymbol("}")) operation(region, depth);
    }

    void operation(RegionId region, int depth) {
        std::string result;
        bool has_result = peek().kind == Token::Percent;
        if (has_result) {
            result = next().text;
            expect("=");
        }
        Token word = peek();
        std::string name = expectKind(Token::Word, "an op");
        if (failed) return;
        auto code = opNamed(name);
        if (!code) {
            --at;
            return fail(fmt::format("no op `{}`", name));
        }
        OpId id = fn().ops.add({});
        fn().ops[id].code = *code;
        fn().ops[id].parent = region;
        fn().regions[region].ops.push_back(id);
        if (peek().kind == Token::Word && peek().text.size() > 1 && peek().text[0] == 'L' && !info(*code).text.empty() &&
            peek().line == word.line && !opNamed(peek().text))
            labels[next().text] = id;
        operands(id);
        std::string raw_literal;
        bool raw_string = false;
        if (*code == OpCode::Const) {
            raw_string = peek().kind == Token::String;
            raw_literal = next().text;
        }
        if (isSymbol("{") && !startsRegion()) attributes(id);
        TypeId t = module.types.unit();
        if (has_result) {
            expect(":");
            t = type();
        }
        if (failed) return;
        if (!raw_literal.empty() || raw_string) literal(fn().ops[id], t, raw_literal, raw_string);
        fn().ops[id].loc = location();
        if (accept("{")) {
            while (!failed && !isSymbol("}")) regionText(id, depth + 1);
            expect("}");
        }
        if (has_result && !failed) fn().ops[id].result = define(result, t, id, {});
    }

    /// `{` of regions, not of attributes: a word that is followed by `{`, `(` or a number.
    bool startsRegion() const { return isSymbol("{", 2) || isSymbol("(", 2) || peek(2).kind == Token::Number; }

    void operands(OpId id) {
        while (!failed && peek().kind == Token::Percent) {
            // `%x = ...` on the next line starts another op
            if (fn().ops[id].operands.empty() && isSymbol("=", 1)) return;
            auto found = values.find(peek().text);
            if (found == values.end()) return fail(fmt::format("no value %{} above", peek().text));
            next();
            fn().ops[id].operands.push_back(found->second);
            if (!accept(",")) return;
        }
    }

    void regionText(OpId op, int depth) {
        std::string word = expectKind(Token::Word, "a region");
        auto role = enumNamed<Role>(word, static_cast<int>(Role::Stage) + 1);
        if (!role) return fail(fmt::format("no region `{}`", word));
        int64_t index = peek().kind == Token::Number ? integer() : 0;
        RegionId id = fn().regions.add({op, static_cast<Role>(*role), index, {}, {}});
        fn().ops[op].regions.push_back(id);
        if (accept("(")) {
            while (!failed && !isSymbol(")")) {
                if (!fn().regions[id].params.empty()) expect(",");
                parameter(id);
            }
            expect(")");
        }
        expect("{");
        block(id, depth);
        expect("}");
    }

    LocId location() {
        if (!accept("!")) return {};
        std::vector<source::Span> chain;
        do {
            auto begin = static_cast<uint32_t>(std::abs(integer())), end = static_cast<uint32_t>(std::abs(integer()));
            chain.push_back({{begin}, {end}});
        } while (!failed && accept("<"));
        LocId caller;
        for (size_t i = chain.size(); i-- > 0;) caller = module.location({chain[i], caller});
        return caller;
    }

    // --- attributes ---
    void attributes(OpId id) {
        expect("{");
        for (bool first = true; !failed && !isSymbol("}"); first = false) {
            if (!first) expect(",");
            std::string word = expectKind(Token::Word, "an attribute");
            std::optional<AttrKey> key;
            for (int i = 0; i <= static_cast<int>(AttrKey::Functions); ++i)
                if (info(static_cast<AttrKey>(i)).text == word) key = static_cast<AttrKey>(i);
            if (!key || *key == AttrKey::Value || *key == AttrKey::Region) return fail(fmt::format("no attribute `{}`", word));
            if (info(*key).kind == AttrKind::Flag) {
                fn().ops[id].set(*key, int64_t{1});
                continue;
            }
            expect("=");
            attribute(id, *key);
        }
        expect("}");
    }

    void attribute(OpId id, AttrKey key) {
        auto set = [&](AttrValue value) { fn().ops[id].set(key, std::move(value)); };
        auto word = [&]<class E>(E, int count) {
            auto found = enumNamed<E>(peek().text, count);
            if (!found) return fail(fmt::format("no {} `{}`", info(key).text, peek().text));
            next();
            set(*found);
        };
        auto words = [&](auto one) {
            std::vector<int64_t> numbers;
            expect("[");
            while (!failed && !isSymbol("]")) {
                if (!numbers.empty()) expect(",");
                numbers.push_back(one());
            }
            expect("]");
            set(std::move(numbers));
        };
        auto enumerator = [&]<class E>(E, int count) -> int64_t {
            auto found = enumNamed<E>(next().text, count);
            if (!found) fail(fmt::format("no such {}", info(key).text));
            return found.value_or(0);
        };
        constexpr int kFoldOps = static_cast<int>(FoldOp::Fn) + 1;
        switch (info(key).kind) {
        case AttrKind::Int: return set(integer());
        case AttrKind::Text: return set(expectKind(Token::String, "a string"));
        case AttrKind::Data: {
            auto found = data_ids.find(expectKind(Token::At, "a name"));
            return found == data_ids.end() ? fail("no such data") : set(int64_t{found->second.raw});
        }
        case AttrKind::Function: return set(functionNumber());
        case AttrKind::Functions: return words([&] { return functionNumber(); });
        case AttrKind::Target: return set(label());
        case AttrKind::Bounds: return word(Bounds{}, 3);
        case AttrKind::Own:
            word(Own{}, 6);
            if (accept("(")) {
                fn().ops[id].set(AttrKey::Region, label());
                expect(")");
            }
            return;
        case AttrKind::Trap: return word(Trap{}, static_cast<int>(Trap::Other) + 1);
        case AttrKind::FoldOp: return word(FoldOp{}, kFoldOps);
        case AttrKind::Mode: return word(Mode{}, 3);
        case AttrKind::FoldOps: return words([&] { return enumerator(FoldOp{}, kFoldOps); });
        case AttrKind::Stages: return words([&] { return enumerator(StageKind{}, 3); });
        case AttrKind::Flag:
        case AttrKind::Literal: return;
        }
    }

    int64_t label() {
        std::string text = expectKind(Token::Word, "a label");
        auto found = labels.find(text);
        if (found == labels.end()) fail(fmt::format("no label {} around this op", text));
        return found == labels.end() ? 0 : int64_t{found->second.raw};
    }

    int64_t functionNumber() {
        std::string name = expectKind(Token::At, "a function");
        auto found = function_ids.find(name);
        if (found == function_ids.end()) fail(fmt::format("no function @{}", name));
        return found == function_ids.end() ? 0 : int64_t{found->second.raw};
    }

    void literal(Op &op, TypeId type, const std::string &text, bool is_string) {
        TypeKind kind = module.types.kind(type);
        if (is_string) return op.set(AttrKey::Value, text);
        if (kind == TypeKind::Bool) return op.set(AttrKey::Value, int64_t{text == "true"});
        if (!isFloat(kind)) return op.set(AttrKey::Value, toInteger(text));
        if (text == "nan") return op.set(AttrKey::Value, std::numeric_limits<double>::quiet_NaN());
        if (text == "inf" || text == "-inf")
            return op.set(AttrKey::Value, text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity());
        const char *end = text.data() + text.size();
        double wide = 0;
        float narrow = 0;
        bool good = kind == TypeKind::F32 ? std::from_chars(text.data(), end, narrow).ptr == end : std::from_chars(text.data(), end, wide).ptr == end;
        if (!good) return fail(fmt::format("`{}` is no float", text));
        op.set(AttrKey::Value, kind == TypeKind::F32 ? double{narrow} : wide);
    }

    std::vector<Token> list;
    size_t at = 0;
    bool failed = false;
    int type_depth = 0;
    ParseError error;
    Module module;
    FunctionId current;
    std::unordered_map<std::string, FunctionId> function_ids;
    std::unordered_map<std::string, DataId> data_ids;
    std::unordered_map<std::string, ValueId> values;
    std::unordered_map<std::string, OpId> labels;
};

} // namespace

std::expected<Module, ParseError> parse(std::string_view text) { return Parser(text).run(); }

} // namespace parlane::pir
