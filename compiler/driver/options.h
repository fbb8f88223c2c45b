// The command line of `parc`, from commands.def and options.def.
#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace parlane::driver {

enum class Command : uint8_t {
#define COMMAND(name, word, operands, help) name,
#include "compiler/driver/commands.def"
};

/// Exit codes: part of the interface, documented by `parc help`.
enum class Exit : uint8_t {
    Fine = 0,
    CompileErrors = 1,
    Usage = 2,
    Bound = 3,
    Trap = 4,
    ErrorLeftMain = 5,
    Internal = 70
};

struct Options {
    Command command = Command::Help;
    std::vector<std::string> operands;
    std::vector<std::string> arguments; ///< behind `--`: the program's
#define FLAG(field, ...) bool field = false;
#define TEXT(field, ...) std::string field;
#define NUMBER(field, ...) std::optional<int64_t> field;
#include "compiler/driver/options.def"
};

/// The error is one sentence for the user.
std::expected<Options, std::string> parseOptions(std::span<const std::string_view> words);
/// The page of `parc help`.
std::string helpPage();

} // namespace parlane::driver
