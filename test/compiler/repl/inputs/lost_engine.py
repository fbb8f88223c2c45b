"""The prompt lives on when its engine dies. Argument: parc."""
import os
import signal
import subprocess
import sys
import time

prompt = subprocess.Popen([sys.argv[1], "repl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def say(line):
    prompt.stdin.write(line + "\n")
    prompt.stdin.flush()


say("let a = 40 + 2")
say("fn twice(x: int) -> int { return 2 * x }")
say("a")
assert prompt.stdout.readline() == "42: int\n"
with open(f"/proc/{prompt.pid}/task/{prompt.pid}/children") as file:
    engines = file.read().split()
assert len(engines) == 1, engines
os.kill(int(engines[0]), signal.SIGKILL)
say("a")
lines = [prompt.stdout.readline() for _ in range(2)]
assert lines == ["the engine ended: Killed\n", "lost: a, it\n"], lines
say("twice(1)")
assert prompt.stdout.readline() == "2: int\n"

# Ctrl-C ends a cell, whether it runs already or not.
say("while true {}")
time.sleep(0.2)
prompt.send_signal(signal.SIGINT)
assert prompt.stdout.readline() == "stopped\n"
say("3")
assert prompt.stdout.readline() == "3: int\n"
prompt.stdin.close()
assert prompt.wait(timeout=20) == 1  # some cell failed

# A prompt that is killed takes its engine along, whatever that is doing.
prompt = subprocess.Popen([sys.argv[1], "repl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
say("1")
assert prompt.stdout.readline() == "1: int\n"
with open(f"/proc/{prompt.pid}/task/{prompt.pid}/children") as file:
    engine = int(file.read())
say("while true {}")
time.sleep(0.2)
prompt.kill()
prompt.wait()
for _ in range(200):
    if not os.path.exists(f"/proc/{engine}") or open(f"/proc/{engine}/stat").read().rsplit(")")[1].split()[0] == "Z":
        break
    time.sleep(0.05)
else:
    raise AssertionError("the engine outlives its prompt")
print("fine")
