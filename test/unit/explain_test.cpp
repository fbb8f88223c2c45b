// Every page of `parc explain` is a test of its diagnostic: what it calls wrong is rejected for that reason, what it
// calls right is not.
#include "lang/access/proofs.h"
#include "lang/check/check.h"
#include "lang/diag/explain.h"

#include "test/unit/parse_testing.h"

namespace parlane::diag {
namespace {

struct Example {
    bool wrong = false;
    std::string text;
};

std::vector<Example> examplesOf(std::string_view page) {
    std::vector<Example> found;
    while (true) {
        size_t begin = page.find("```par");
        if (begin == std::string_view::npos) return found;
        size_t line = page.find('\n', begin), end = page.find("```", line);
        found.push_back(
            {page.substr(begin, line - begin).contains("wrong"), std::string(page.substr(line + 1, end - line - 1))});
        page.remove_prefix(end + 3);
    }
}

TEST(Explain, PagesOfTheParserShowWhatIsRejectedAndItsNeighbour) {
    for (size_t i = 0; i < kCodeCount; ++i) {
        auto code = static_cast<Code>(i);
        if (info(code).code[0] != 'P') continue;
        EXPECT_FALSE(explanation(code).empty()) << info(code).code << " has no page";
        for (const Example &example : examplesOf(explanation(code))) {
            testing_::Parsed parsed(example.text);
            std::string errors = parsed.errors();
            if (example.wrong)
                EXPECT_NE(errors.find(info(code).name), std::string::npos) << info(code).code << ": " << errors;
            else
                EXPECT_EQ(errors, "") << info(code).code;
        }
    }
}

/// The library as it lies in the repository; the examples import nothing else.
class Library : public check::ModuleSource {
public:
    std::vector<std::string> prelude() override {
        std::vector<std::string> names;
        for (const char *part : {"core", "math"})
            for (const auto &entry : std::filesystem::directory_iterator(root / part))
                if (entry.path().extension() == ".par")
                    names.push_back(fmt::format("std.{}.{}", part, entry.path().stem().string()));
        std::sort(names.begin(), names.end());
        return names;
    }
    std::expected<check::ModuleText, std::string> find(std::string_view name, std::string_view) override {
        if (!name.starts_with("std.")) return std::unexpected(fmt::format("there is no {}", name));
        std::string path(name.substr(4));
        std::replace(path.begin(), path.end(), '.', '/');
        std::filesystem::path file = root / (path + ".par");
        if (!std::filesystem::exists(file)) return std::unexpected(fmt::format("there is no {}", name));
        return check::ModuleText{file.string(), testing_::contentsOf(file)};
    }

private:
    std::filesystem::path root = std::filesystem::path(PARLANE_SOURCE_DIR) / "stdlib";
};

/// Codes that a program gets from the checker and the race checker, separated by blanks.
std::string codesOf(const std::string &program) {
    source::SourceMap sources;
    Interner names;
    Emitter emitter;
    Library library;
    source::FileId file = sources.add("example.par", program);
    hir::Program checked = check::check(sources, names, library, {file}, emitter);
    if (!emitter.hasErrors()) (void)access::access(checked, names, emitter);
    std::string codes;
    for (const Diagnostic &one : emitter.sorted()) codes += std::string(info(one.code).code) + " ";
    return codes;
}

TEST(Explain, PagesOfTheCheckersShowWhatIsRejectedAndItsNeighbour) {
    for (size_t i = 0; i < kCodeCount; ++i) {
        const CodeInfo &one = info(static_cast<Code>(i));
        if (one.code[0] != 'T' && one.code[0] != 'R') continue;
        for (const Example &example : examplesOf(explanation(static_cast<Code>(i)))) {
            std::string codes = codesOf(example.text);
            if (example.wrong)
                EXPECT_NE(codes.find(one.code), std::string::npos) << one.code << ": " << codes;
            else
                EXPECT_FALSE(codes.contains(one.code)) << one.code << " is right: " << codes;
        }
    }
}

TEST(Explain, EveryCodeHasAPage) {
    for (size_t i = 0; i < kCodeCount; ++i) {
        const CodeInfo &one = info(static_cast<Code>(i));
        EXPECT_FALSE(explanation(static_cast<Code>(i)).empty()) << one.code << " has no page";
    }
}

TEST(Explain, EveryExampleOfEveryPageParses) {
    for (size_t i = 0; i < kCodeCount; ++i) {
        auto code = static_cast<Code>(i);
        if (info(code).code[0] == 'P') continue;
        for (const Example &example : examplesOf(explanation(code)))
            EXPECT_EQ(testing_::Parsed(example.text).errors(), "") << info(code).code << "\n" << example.text;
    }
}

} // namespace
} // namespace parlane::diag

namespace parlane::parse {
namespace {

TEST(Grammar, EveryRuleNamesAFunctionOfTheParserAndEveryFunctionIsNamed) {
    std::filesystem::path folder = std::filesystem::path(PARLANE_SOURCE_DIR) / "lang" / "parse";
    std::string grammar = testing_::contentsOf(folder / "grammar.md"),
                header = testing_::contentsOf(folder / "parser.h");
    auto words = [](const std::string &text) {
        std::vector<std::string> found;
        for (size_t at = text.find("parse"); at != std::string::npos; at = text.find("parse", at + 1)) {
            size_t end = at;
            while (end < text.size() && isalnum(static_cast<unsigned char>(text[end]))) ++end;
            std::string word = text.substr(at, end - at);
            bool begins = at == 0 || !isalnum(static_cast<unsigned char>(text[at - 1]));
            if (begins && word.size() > 5 && isupper(static_cast<unsigned char>(word[5]))) found.push_back(word);
        }
        return found;
    };
    for (const std::string &word : words(grammar)) EXPECT_NE(header.find(word + "("), std::string::npos) << word;
    for (const std::string &word : words(header)) {
        bool list = word == "parseExprList" || word == "parseMarked"; // a list of rules, not a rule
        EXPECT_TRUE(list || grammar.find(word) != std::string::npos) << word << " is missing in grammar.md";
    }
}

} // namespace
} // namespace parlane::parse

TEST(Documents, EveryExampleOfTheReferenceParses) {
    for (const char *name : {"docs/language.md", "README.md"}) {
        std::string text = parlane::testing_::contentsOf(std::filesystem::path(PARLANE_SOURCE_DIR) / name);
        auto examples = parlane::diag::examplesOf(text);
        EXPECT_FALSE(examples.empty()) << name;
        for (const auto &example : examples)
            EXPECT_EQ(parlane::testing_::Parsed(example.text).errors(), "") << name << "\n" << example.text;
    }
}
