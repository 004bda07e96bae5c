"""The same program on two devices: `device.py MODEL KIND [FLAGS]` gives MODEL inputs of KIND (frames
or tokens) with examples of different lengths and compares the outputs and all gradients that it
computes with --device cpu and --device cuda, or, with --other COMMAND, those of that program: at
most 1e-5 of an array's largest element apart, or what --tolerance says."""
import argparse
import random
import subprocess
import sys

import array_files

TOLERANCE = 1e-5


def draw_frames(generator, sizes):
    count = 1
    for size in sizes:
        count *= size
    return sizes, [generator.uniform(-1, 1) for _ in range(count)]


def make_inputs(kind, width, lengths):
    generator = random.Random(7)
    rows, longest = len(lengths), max(lengths)
    inputs = {"lengths.T": ([rows], lengths, "i8")}
    if kind == "tokens":
        for name in ("tokens", "targets"):
            values = [generator.randrange(256) for _ in range(rows * longest)]
            inputs[name] = ([rows, longest], values, "i4")
    else:
        for name in ("xs", "ws"):
            inputs[name] = draw_frames(generator, [rows, longest, width]) + ("f4",)
    return inputs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("kind", choices=["tokens", "frames"])
    parser.add_argument("--width", type=int, default=40)
    parser.add_argument("--lengths", default="5,1,7,3,4")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    parser.add_argument("--flags", default="", help="more flags of the gradient on the device")
    parser.add_argument("--other", help="the same program for another machine, and what runs it")
    options = parser.parse_args()
    lengths = [int(word) for word in options.lengths.split(",")]
    inputs = make_inputs(options.kind, options.width, lengths)
    array_files.write_npz("inputs.npz", inputs)
    outputs = "logits" if options.kind == "tokens" else "outputs"
    subprocess.run([options.model, "init", "--seed", "3", "-o", "weights"], check=True)
    results = {}
    for device in ("cpu", "cuda"):
        program = options.other.split() if options.other and device == "cuda" else [options.model]
        flags = ["--weights", "weights", "--inputs", "inputs.npz"]
        flags += [] if options.other else ["--device", device]
        more = options.flags.split() if device == "cuda" else []
        subprocess.run([*program, "grad", "loss", *flags, *more, "-o", device + ".grad"],
                       check=True)
        # An entry takes its own inputs and no other.
        names = {"tokens": ["tokens"], "frames": ["xs"]}[options.kind] + ["lengths.T"]
        array_files.write_npz("some.npz", {name: inputs[name] for name in names})
        flags[3] = "some.npz"
        subprocess.run([*program, "run", outputs, *flags, "-o", device + ".npz"], check=True)
        results[device] = array_files.read_safetensors(device + ".grad")
        results[device]["outputs"] = array_files.read_npz(device + ".npz")["result"]
    worst = 0.0
    for name, (_, values) in results["cpu"].items():
        error = array_files.error(results["cuda"][name][1], values)
        worst = max(worst, error)
        if not error <= options.tolerance:
            sys.exit("%s differs by %.2g of its largest element" % (name, error))
    print("%d arrays agree, worst %.1e" % (len(results["cpu"]), worst))


main()
