"""The step that sgd makes with gradients of any size, clipped to a norm of 1.

  clip.py PROGRAM FOLDER
"""
import math
import subprocess
import sys

from array_files import read_safetensors

program, folder = sys.argv[1:]
with open(f"{folder}/text", "w") as file:
    file.write("a" * 100)

for scale in [0.0, 1e-38, 1e-30, 1e-20, 0.1, 0.5, 1.0, 1e10, 1e19, 1e25, 1e38, 3e38, -1e30]:
    subprocess.run([program, "train", "--data", f"{folder}/text", "--save", f"{folder}/w", "--set",
                    f"scale={scale}", "--log", f"{folder}/log"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    arrays = read_safetensors(f"{folder}/w")
    norm = 2 * abs(scale)  # of four elements
    expected = -scale * (min(1, 1 / norm) if norm else 1)
    found = [arrays["w"][1][ord("a")], *arrays["b"][1]]
    for value in found:
        if not abs(value - expected) <= 1e-5 * abs(expected):
            sys.exit(f"scale {scale}: moves by {value}, expected {expected}")
    if not all(x == 0 for i, x in enumerate(arrays["w"][1]) if i != ord("a")):
        sys.exit(f"scale {scale}: moves what has no gradient")
