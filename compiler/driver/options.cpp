#include "compiler/driver/options.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <variant>

namespace parlane::driver {

namespace {

struct CommandInfo {
    std::string_view word, operands, help;
};

constexpr auto kCommands = std::to_array<CommandInfo>({
#define COMMAND(name, word, operands, help) {word, operands, help},
#include "compiler/driver/commands.def"
});

/// Which commands an option belongs to.
namespace For {
#define COMMAND(name, word, operands, help) constexpr uint32_t name = 1u << static_cast<uint32_t>(Command::name);
#include "compiler/driver/commands.def"
constexpr uint32_t Any = ~0u;
} // namespace For

using Field = std::variant<bool Options::*, std::string Options::*, std::optional<int64_t> Options::*>;

struct OptionInfo {
    std::string_view spelling, value, help;
    uint32_t commands;
    Field field;
    int64_t lowest = 0, highest = 0;
};

constexpr auto kOptions = std::to_array<OptionInfo>({
#define FLAG(field, spelling, commands, help) {spelling, {}, help, commands, &Options::field},
#define TEXT(field, spelling, value, commands, help) {spelling, value, help, commands, &Options::field},
#define NUMBER(field, spelling, value, lowest, highest, commands, help)                                                \
    {spelling, value, help, commands, &Options::field, lowest, highest},
#include "compiler/driver/options.def"
});

struct Found {
    const OptionInfo *option = nullptr;
    std::optional<std::string_view> value;
};

/// `--x=v`, `-xv`, or the bare spelling.
Found find(std::string_view word) {
    for (const OptionInfo &option : kOptions) {
        if (word == option.spelling) return {&option, std::nullopt};
        if (!word.starts_with(option.spelling)) continue;
        std::string_view rest = word.substr(option.spelling.size());
        bool is_short = option.spelling.size() == 2;
        if (rest.front() == '=') return {&option, rest.substr(1)};
        if (is_short && !option.value.empty()) return {&option, rest};
    }
    return {};
}

std::string assign(Options &options, const OptionInfo &option, std::string_view value) {
    if (auto text = std::get_if<std::string Options::*>(&option.field)) {
        options.**text = value;
        return {};
    }
    int64_t number = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    bool whole = error == std::errc() && end == value.data() + value.size();
    if (!whole || number < option.lowest || number > option.highest)
        return fmt::format("`{}` takes a number from {} to {}, not `{}`", option.spelling, option.lowest,
                           option.highest, value);
    options.*std::get<std::optional<int64_t> Options::*>(option.field) = number;
    return {};
}

} // namespace

std::expected<Options, std::string> parseOptions(std::span<const std::string_view> words) {
    Options options;
    if (words.empty()) return std::unexpected("which command? `parc help` lists them");
    std::string_view first = words.front() == "--help" || words.front() == "-h" ? "help" : words.front();
    size_t command = 0;
    while (command < kCommands.size() && kCommands[command].word != first) ++command;
    if (command == kCommands.size()) return std::unexpected(fmt::format("there is no command `{}`", first));
    options.command = static_cast<Command>(command);
    for (size_t i = 1; i < words.size(); ++i) {
        std::string_view word = words[i];
        if (word == "--") {
            options.arguments.assign(words.begin() + static_cast<ptrdiff_t>(i) + 1, words.end());
            break;
        }
        if (!word.starts_with("-") || word == "-") {
            options.operands.emplace_back(word);
            continue;
        }
        auto [option, value] = find(word);
        if (!option) return std::unexpected(fmt::format("there is no option `{}`", word));
        if (!(option->commands & (1u << command)))
            return std::unexpected(fmt::format("`{}` does not apply to `parc {}`", option->spelling, first));
        if (auto flag = std::get_if<bool Options::*>(&option->field)) {
            if (value) return std::unexpected(fmt::format("`{}` takes no value", option->spelling));
            options.**flag = true;
            continue;
        }
        if (!value && ++i == words.size())
            return std::unexpected(fmt::format("`{}` needs a value: {}", option->spelling, option->value));
        if (auto error = assign(options, *option, value ? *value : words[i]); !error.empty())
            return std::unexpected(error);
    }
    return options;
}

std::string helpPage() {
    std::string page = "usage: parc <command> [options] [files]\n\ncommands\n";
    for (const CommandInfo &command : kCommands)
        page += fmt::format("  {:<26}{}\n", fmt::format("{} {}", command.word, command.operands), command.help);
    page += "\noptions\n";
    for (const OptionInfo &option : kOptions) {
        std::string_view join = option.value.empty() ? "" : option.spelling.size() == 2 ? " " : "=";
        std::string only;
        for (size_t i = 0; i < kCommands.size() && option.commands != For::Any; ++i)
            if (option.commands & (1u << i)) only += fmt::format("{}{}", only.empty() ? "" : ", ", kCommands[i].word);
        page += fmt::format("  {:<34}{}{}\n", fmt::format("{}{}{}", option.spelling, join, option.value), option.help,
                            only.empty() ? "" : fmt::format(" ({})", only));
    }
    page += "\nexit status\n  0 fine, 1 compile errors, 2 usage, 3 a test or bench bound failed, 4 trap,\n"
            "  5 an error left `main`, 70 internal error\n";
    return page;
}

} // namespace parlane::driver
