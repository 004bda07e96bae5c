"""Numbers that are none are said in one line, with what and where, and end with status 1.

usage: nan.py PROGRAM SCRATCH
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from array_files import read_safetensors, write_npz, write_safetensors

program, scratch = os.path.abspath(sys.argv[1]), sys.argv[2]
os.makedirs(scratch, exist_ok=True)
os.chdir(scratch)


def run(*words, status=1):
    done = subprocess.run([program, *words], capture_output=True, text=True, errors="replace")
    assert done.returncode == status, (words, done)
    assert status == 0 or done.stderr.count("\n") == 1, done.stderr
    return done.stderr if status else done.stdout


def says(text, *words):
    message = run(*words)
    assert text in message, (words, message)


run("init", "-o", "good", status=0)
logit = read_safetensors("good")["logit"]
open("zeros", "wb").write(b"\0" * 100)
open("text", "wb").write(b"some text " * 20 + b"\0" * 60)

# Nothing counts. The learning rate is not at fault.
message = run("train", "--data", "zeros")
assert "the loss is nan at step 1: the weights of all 2 examples are 0; training stopped" in message
assert "--lr" not in message, message
says("the weights of all 24 examples are 0, so there is no loss", "eval", "--data", "zeros",
     "--all", "--weights", "good")
write_npz("none.npz", {"tokens": ((2, 3), [1] * 6, "i4"), "targets": ((2, 3), [0] * 6, "i4")})
says("the loss is nan: the weights of all 2 examples are 0", "grad", "per_token", "--weights",
     "good", "--inputs", "none.npz", "-o", "g")
assert not os.path.exists("g")

# A parameter that is NaN, and one that is too large, by which the loss of one example is none.
values = list(logit[1])
values[2 * 256 + 5] = float("nan")
write_safetensors("nan", {"logit": (logit[0], values)}, "f4")
for words in (["eval", "--data", "text"], ["generate"], ["train", "--data", "text"]):
    says("the parameter 'logit' is nan at [2, 5] in 'nan'", *words, "--weights", "nan")
values = list(logit[1])
values[ord("x") * 256:(ord("x") + 1) * 256] = [float("inf")] * 256
write_safetensors("large", {"logit": (logit[0], values)}, "f4")
says("the loss of example 0, which starts at byte 4 of the data, is nan", "eval", "--data", "text",
     "--all", "--batch", "1", "--weights", "large")
for temperature in ("0", "1"):
    says("'generate' stopped in example 0: nothing can be drawn, the logits are NaN, infinite or "
         "all -inf", "generate", "--prompt", "x", "-n", "3", "--temperature", temperature,
         "--weights", "large")
run("generate", "--prompt", "some", "-n", "2", "--weights", "good", status=0)
write_npz("x.npz", {"tokens": ((2, 2), [1, 2, 120, 1], "i4"), "targets": ((2, 2), [1] * 4, "i4")})
says("the loss is nan: the loss of example 1 is nan", "grad", "per_token", "--weights", "large",
     "--inputs", "x.npz", "-o", "g")

# Flags that were passed over without a word.
says("--prompt is '', expected at least one token", "generate", "--weights", "good", "--prompt", "")
says("the temperature is -1, expected at least 0", "generate", "--weights", "good", "--set",
     "temperature=-1")
says("'temperature' is given twice, by --temperature and by --set", "generate", "--weights", "good",
     "--set", "temperature=1", "--temperature", "1")
says("'n' is given twice, by -n and by --set", "generate", "--weights", "good", "--set", "n=3",
     "-n", "3")
says("no entry point has the dim 'nonsense', there are B, P, T, n", "info", "--set", "nonsense=3")
says("the setting 'lr' is given twice", "train", "--data", "text", "--lr", "1", "--set", "lr=1")
