"""How much code LLVM gets of a model: the instructions of its optimised LLVM IR.

    code_size.py most N FILE.ll        fails if there are more than N, and prints how many there are
    code_size.py linear A.ll B.ll C.ll of models with n, 2 n and 4 n layers that are written out:
                                       fails if the second step takes more than twice the first one
    code_size.py layers N              prints a model with N such layers
"""
import re
import sys

LAYER = "    let h{next} = h{this} + layer{this}(norm{this}(h{this}))\n"
MODEL = """model Layers<d = 64> {{
{layers}  fn loss(x: f32[T, d]) -> f32 {{
    let h0 = x
{steps}    mean(h{count} ^ 2)
  }}
}}
"""


def instructions(path):
    count, inside = 0, False
    with open(path) as file:
        for line in file:
            if line.startswith("define "):
                inside = True
            elif line.startswith("}"):
                inside = False
            elif inside and re.match(r"  \S", line):
                count += 1
    return count


def layers(count):
    declared = "".join(f"  layer layer{i} = linear<d>\n  layer norm{i} = layer_norm\n" for i in range(count))
    steps = "".join(LAYER.format(this=i, next=i + 1) for i in range(count))
    print(MODEL.format(layers=declared, steps=steps, count=count), end="")


def main():
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "layers":
        return layers(int(arguments[0]))
    if command == "most":
        count = instructions(arguments[1])
        print(f"{count} instructions")
        return count > int(arguments[0])
    few, some, many = (instructions(path) for path in arguments)
    print(f"{few}, {some}, {many} instructions")
    return many - some > 2.1 * (some - few)


sys.exit(main())
