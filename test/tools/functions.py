"""Finds the functions of a C or C++ file and their lengths, well enough for a budget: a tokenizer and a stack of braces."""
import re

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|#[^\n]*(?:\\\n[^\n]*)*|[{};]|(?:(?!R")[^{};"\'/#])+|.',
    re.S)


def find(text):
    """(line, number of lines, head) of every function or lambda body that is not inside another function."""
    found, stack, head, head_line, line = [], [], "", 1, 1
    for match in TOKEN.finditer(text):
        token = match[0]
        start = line
        line += token.count("\n")
        if token.startswith(("//", "/*")) or (token.startswith("#") and not head.strip()):
            continue
        if token == "{":
            kind = classify(head, stack)
            stack.append((kind, head_line if head.strip() else start, head))
            head = ""
        elif token == "}":
            if stack:
                kind, first, said = stack.pop()
                if kind == "function":
                    found.append((first, start - first + 1, " ".join(said.split())[-90:]))
                if kind == "value":
                    head = said + "{}"
                    continue
            head = ""
        elif token == ";":
            head = ""
        else:
            if not head.strip() and token.strip():
                head_line = start + token[: len(token) - len(token.lstrip())].count("\n")
                head = ""
            head += token
    return found


def classify(head, stack):
    inside = any(kind in ("function", "inner") for kind, _, _ in stack)
    if inside:
        return "inner"
    head = " ".join(head.split())
    if re.search(r"\bnamespace\b", head) or re.search(r'extern\s+$', head) or head.endswith('extern "C"'):
        return "namespace"
    if re.search(r"(^|\s|>)(class|struct|union|enum)\b", head) and not re.search(r"\)\s*(const|noexcept|override|->.*)?$", head):
        return "type"
    # A brace after an identifier in a constructor's list of initialisers, or after `=`, is a value.
    if "(" not in head or re.search(r"(=|,|return)\s*$", head) or re.search(r"\)\s*:\s*[^{]*[\w>]$", head):
        return "value"
    return "function"


def self_test():
    text = """#include <x>
namespace a {
struct S { int x = 0; S() : y{1} { x = 1; } int y; };
static const int table[] = {1, 2};
int f(int n)
{
    if (n) { return 1; }
    auto g = [] { return 2; };
    return g();
}
}
"""
    got = [(line, length) for line, length, _ in find(text)]
    return [] if got == [(3, 1), (5, 6)] else [f"the finder of functions is wrong: {got}"]
