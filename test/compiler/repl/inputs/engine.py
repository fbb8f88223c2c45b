"""Talks to the engine of the prompt in JSON: interruption, output in order, failures that change nothing. Argument: parc."""
import json
import signal
import subprocess
import sys

parc = sys.argv[1]


class Engine:
    def __init__(self):
        self.process = subprocess.Popen([parc, "repl", "--protocol=json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def answer(self):
        output = ""
        for line in self.process.stdout:
            row = json.loads(line)
            if "output" not in row:
                return row, output
            output += row["output"]
        raise EOFError("the engine ended")

    def ask(self, **request):
        self.send(**request)
        return self.answer()


def check(condition, what):
    if not condition:
        sys.exit(f"engine.py: {what}")


engine = Engine()
row, _ = engine.ask(cell="1 + 2")
check(row["good"] and row["value"] == "3" and row["type"] == "int", row)
row, output = engine.ask(cell='for i in 0..3000 { print("line {i} äöü") }')
check(row["good"] and output.splitlines() == [f"line {i} äöü" for i in range(3000)], "output of a cell comes whole and before its answer")

# Endless loops stop when asked to, serial and parallel ones; what stood before still stands.
engine.ask(cell="var n = 7")
for cell in ("while true {}", "while true { n = 9 }", "par for i in 0..4 { while i >= 0 {} }"):
    engine.send(cell='n = 8; print("it runs")\n' + cell)
    check(json.loads(engine.process.stdout.readline()) == {"output": "it runs\n"}, "lines come as they are printed")
    engine.process.send_signal(signal.SIGINT)
    row, _ = engine.answer()
    check(not row["good"] and "stopped" in row["problems"], f"{cell}: {row}")
row, _ = engine.ask(cell="n")
check(row["value"] in ("8", "9"), f"changes made before a failure stay: {row}")

# A cell that does not compile or fails leaves no trace.
row, _ = engine.ask(cell="fn good() -> int { return 1 }\nfn bad() -> int { return nothing }")
check(not row["good"] and "nothing" in row["problems"], row)
row, _ = engine.ask(cell="good()")
check(not row["good"], "a definition of a cell that failed")
row, _ = engine.ask(cell='fn later() -> int { return 1 }\nlet z = 4\nassert(n < 0, "no")')
check(not row["good"] and "cell" in row["problems"], row)
row, _ = engine.ask(cell="later() + z")
check(not row["good"], "a definition of a cell that trapped")

# What is no request is answered, and the engine lives on.
for line in ("nonsense", "[1]", '{"cell": 3}', ""):
    engine.process.stdin.write(line + "\n")
    engine.process.stdin.flush()
    if line:
        row, _ = engine.answer()
        check(not row["good"], line)
row, _ = engine.ask(list="variables")
check({v["name"]: v["type"] for v in row["variables"]}.get("n") == "int", row)
row, _ = engine.ask(reset=True)
row, _ = engine.ask(list="variables")
check(row["variables"] == [], row)
engine.process.stdin.close()
check(engine.process.wait(timeout=20) == 0, "the engine ends with its input")
print("fine")
