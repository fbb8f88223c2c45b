"""The laws of the house, as tests: layers, budgets, no mutable globals, tests for every diagnostic, an honest status."""
import re
import subprocess
from collections import defaultdict

import functions
from suite import BUILD, PARC, ROOT, Result, relative, tracked

FILE_BUDGET, FUNCTION_BUDGET, LINE_BUDGET = 600, 80, 160

SHOWN = 25  # complaints of one law

# A folder may include its own headers and those of the folders named here, and what these may include in turn.
LAYERS = {
    "lang/base": [],
    "lang/source": ["lang/base"],
    "lang/diag": ["lang/source"],
    "lang/lex": ["lang/diag"],
    "lang/ast": ["lang/lex"],
    "lang/parse": ["lang/ast"],
    "lang/format": ["lang/parse"],                    # works on tokens with the roles that the parser gives them
    "lang/types": ["lang/parse"],
    "lang/hir": ["lang/types"],
    "lang/check": ["lang/hir"],
    "lang/access": ["lang/check"],
    "compiler/pir": ["lang/access"],
    "compiler/lower": ["compiler/pir"],
    "compiler/opt": ["compiler/lower"],
    "compiler/vectorize": ["compiler/opt"],           # what is put on lanes is inlined and simplified first
    "compiler/report": ["compiler/vectorize"],
    "compiler/codegen": ["compiler/report"],
    "compiler/backend": ["compiler/codegen"],
    "compiler/jit": ["compiler/codegen"],
    "compiler/session": ["compiler/backend", "compiler/jit", "lang/format"],
    "compiler/driver": ["compiler/repl"],
    "compiler/embed": ["compiler/session"],
    "compiler/repl": ["compiler/session"],
    "compiler/server": ["compiler/session"],
}
LLVM_ALLOWED = {"compiler/codegen", "compiler/backend", "compiler/jit"}
LLVM_PARTS = {"compiler/server": r"llvm/Support/(LSP|JSON)", "compiler/repl": r"llvm/(LineEditor|Support/JSON)"}
ISL_ALLOWED = "lang/access"
RUNTIME_ABI = "runtime/include/"


def run(options):
    laws = [include_layers, file_budget, function_budget, line_budget, no_mutable_globals, no_iostreams,
            no_dynamic_isl, every_diagnostic_has_a_test, status_names_existing_tests, functions.self_test]
    results = []
    for law in laws:
        name = law.__name__.replace("_", " ")
        if options.filter in name:
            found = law()
            more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            results.append(Result(name, "\n".join(found[:SHOWN] + more)))
    return results


def cpp_files():
    return tracked("lang/*.cpp", "lang/*.h", "compiler/*.cpp", "compiler/*.h", "runtime/*.cpp", "runtime/*.h",
                   "runtime/*.c", "test/*.cpp", "test/*.h")


def closure(folder):
    seen, todo = set(), [folder]
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.add(at)
            todo += LAYERS[at]
    return seen


def folder_of(name):
    """`lang/parse/x/y.h` belongs to `lang/parse`."""
    return "/".join(name.split("/")[:2])


def include_layers():
    bad = []
    isl_files = set()
    for path in cpp_files():
        name = relative(path)
        folder = folder_of(name)
        if name.startswith("test/"):
            continue
        if not name.startswith("runtime/") and folder not in LAYERS:
            bad.append(f"{name}: folder {folder} has no row in the table of layers (test/tools/laws.py)")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*(?:include|embed)\s*[<"]([^">]+)[">]', line)
            if match:
                why = forbidden(folder, match[1], isl_files, name)
                if why:
                    bad.append(f"{name}:{number}: includes {match[1]}: {why}")
    if len(isl_files) > 1:
        bad.append(f"isl is included by more than one file: {', '.join(sorted(isl_files))}")
    return bad


def forbidden(folder, header, isl_files, name):
    if folder.startswith("runtime/"):
        return "the runtime knows nothing of the compiler" if header.startswith(("lang/", "compiler/", "llvm/")) else ""
    if header.startswith(("lang/", "compiler/")):
        target = folder_of(header)
        if target not in LAYERS:
            return "no such layer"
        return "" if target in closure(folder) else f"{folder} is below {target}"
    if header.startswith(("llvm/", "llvm-c/", "lld/")):
        if folder in LLVM_ALLOWED or re.match(LLVM_PARTS.get(folder, "(?!)"), header):
            return ""
        return "LLVM headers belong to codegen, backend and jit"
    if header.startswith(("clang/", "clang-c/")):
        return "Clang headers belong to parc-clang"
    if header.startswith("isl/"):
        isl_files.add(name)
        return "" if folder == ISL_ALLOWED else "isl belongs to lang/access"
    if header.startswith("runtime/") and not header.startswith(RUNTIME_ABI):
        return "the runtime is reached through its ABI header only"
    return ""


def file_budget():
    bad = []
    for path in cpp_files() + tracked("*.py", "*.par", "*.def", "cmake/*.cmake"):
        lines = path.read_text(errors="replace").count("\n")
        if lines > FILE_BUDGET:
            bad.append(f"{relative(path)}: {lines} lines, at most {FILE_BUDGET}")
    return sorted(set(bad))


def function_budget():
    bad = []
    for path in cpp_files():
        for line, length, head in functions.find(path.read_text()):
            if length > FUNCTION_BUDGET:
                bad.append(f"{relative(path)}:{line}: {length} lines, at most {FUNCTION_BUDGET}: {head}")
    return bad


def line_budget():
    bad = []
    for path in cpp_files():
        if relative(path).startswith("test/bench/"):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if len(line) > LINE_BUDGET:
                bad.append(f"{relative(path)}:{number}: {len(line)} characters, at most {LINE_BUDGET}")
    return bad


# Constants that are initialised when first used, and tables of LLVM's templates over our lambdas.
WRITTEN_ONCE = re.compile(r"_ZN4llvm6detail18UniqueFunctionBase|_ZGVZ|_ZZ.*E(k[A-Z]\w*|\d+k[A-Z]\w*|4done)$")


def no_mutable_globals():
    """Objects of lang/ and compiler/ define nothing of ours in writable memory, function-local statics included."""
    objects = sorted(path for path in BUILD.glob("CMakeFiles/*.dir/**/*.o")
                     if re.search(r"\.dir/(lang|compiler)/", str(path)))
    if not objects:
        return ["no objects under " + str(BUILD)]
    bad = []
    for path in objects:
        text = subprocess.run(["readelf", "-SsW", str(path)], capture_output=True, text=True).stdout
        sections = dict(re.findall(r"^\s*\[\s*(\d+)\]\s+(\S+)", text, re.M))
        for match in re.finditer(r"^\s*\d+: \S+\s+\d+ (OBJECT|TLS)\s+\S+\s+\S+\s+(\d+) (\S+)", text, re.M):
            section, symbol = sections.get(match[2], ""), match[3]
            writable = re.match(r"\.(data|bss|tdata|tbss)", section) and not section.startswith(".data.rel.ro")
            if writable and "parlane" in symbol and not WRITTEN_ONCE.match(symbol) or section.startswith(".tbss"):
                bad.append(f"{path.relative_to(BUILD)}: {symbol} is in {section}")
    return bad


def no_iostreams():
    return [f"{relative(path)}: includes <{match[1]}>; use fmt" for path in cpp_files()
            for match in re.finditer(r"#include <(iostream|fstream|sstream|ostream|istream)>", path.read_text())
            if not relative(path).startswith("test/")]


def no_dynamic_isl():
    """libLLVM exports an isl of its own; if ours were dynamic, one would take the place of the other."""
    if not PARC.exists():
        return ["build/bin/parc does not exist"]
    text = subprocess.run(["nm", "-D", str(PARC)], capture_output=True, text=True, check=True).stdout
    return [line.strip() for line in text.splitlines() if re.search(r"\bisl_", line)]


def diagnostics():
    """(code, name) of every entry of the lists under lang/diag."""
    for path in tracked("lang/diag/*.def"):
        for match in re.finditer(r"^\s*[A-Z_]+\(\s*([A-Z]\d{3,4})\s*,\s*[A-Za-z_]+\s*,\s*([A-Za-z_]\w*)", path.read_text(), re.M):
            yield match[1], match[2]


# What no program can bring about yet, and why.
UNREACHED = {
    "I9002": "a broken invariant of ours",
    "X5012": "`--verify` issues it",
    "X5014": "kinds that a newer runtime adds",
}


def every_diagnostic_has_a_test():
    listed = list(diagnostics())
    if not listed and tracked("lang/diag/*.def"):
        return ["no entry found under lang/diag: has the form of the lists changed?"]
    texts = "\n".join(path.read_text(errors="replace") for path in tracked("test/*"))
    tested = set(re.findall(r"\b[PTRVHXI]\d{3,4}\b", texts)) | set(re.findall(r"Code::(\w+)", texts))
    # A page of `parc explain` with a wrong example is a test: the example must give exactly that code (test/unit).
    tested |= {path.stem for path in tracked("lang/diag/explain/*.md") if "```par wrong" in path.read_text()}
    counts = defaultdict(int)
    for code, _ in listed:
        counts[code] += 1
    bad = [f"{code} is used twice" for code, count in counts.items() if count > 1]
    return bad + [f"{code} {name} has no test" for code, name in listed
                  if code not in tested and name not in tested and code not in UNREACHED]


def status_names_existing_tests():
    """Each row of docs/status.md that claims `yes` names a test that is there; paths that are named exist."""
    path = ROOT / "docs" / "status.md"
    if not path.exists():
        return ["docs/status.md does not exist"]
    bad, rows = [], 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if not line.startswith("|") or len(cells) != 4 or set(cells[0]) <= {"-", " ", ":"} or cells[0] == "what":
            continue
        rows += 1
        if not re.match(r"(yes|partly: .+|no: .+|no)$", cells[3]):
            bad.append(f"docs/status.md:{number}: the last cell is `{cells[3]}`, not yes / partly: ... / no: ...")
        named = re.findall(r"`([^`]+)`", cells[1])
        for name in named:
            target = re.split(r"[\s*<]", name.removeprefix("./dev ").strip())[0]
            if "/" in target and not target.startswith("/") and not (ROOT / target).exists():
                bad.append(f"docs/status.md:{number}: `{name}` does not exist")
        if cells[3] == "yes" and not named:
            bad.append(f"docs/status.md:{number}: claims yes and names no test")
    return bad if rows else ["docs/status.md has no rows"]
