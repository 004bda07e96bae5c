# The memory that `info` promises for a training step is what a process takes: its peak resident
# memory, which is more by the few MB of the program itself.
import json
import os
import subprocess
import sys

program, batch, window = sys.argv[1], 32, 128


def peak(*words):
    """Peak resident bytes of a run of the program."""
    child = os.posix_spawn(program, [program, *words], os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    assert status == 0, words
    return usage.ru_maxrss * 1024


with open("text", "w") as file:
    file.write("the quick brown fox jumps over the lazy dog. " * 400)
words = ["info", "--json", "--set", f"B={batch}", "--set", f"T={window}"]
promised = json.loads(subprocess.run([program, *words], check=True, capture_output=True,
                                     text=True).stdout)["training_memory_bytes"]
taken = peak("train", "--data", "text", "--steps", "2", "--batch", str(batch), "--window",
             str(window))
print(f"promised {promised}, taken {taken}")
if not abs(taken - promised) <= 0.05 * promised:
    sys.exit(f"a training step takes {taken} bytes, info says {promised}")
