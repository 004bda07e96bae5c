"""Plants a fault in a lowered module: `plant.py FAULT IN OUT`."""
import re
import sys

fault, source, target = sys.argv[1:]
text = open(source).read()
if fault in ("grid_barrier", "barrier"):  # the first one, or the one before what is shared is read
    lines = text.split("\n")
    found = [i for i, line in enumerate(lines) if "device." + fault + " " in line]
    del lines[found[0 if fault == "grid_barrier" else 1]]
    text = "\n".join(lines)
else:  # shared memory that begins where it ends
    match = re.search(r"(%\d+) = (device\.shared (\d+) at 0 : !llvm\.ptr) loc\((.*?)\)", text)
    name, op, size, place = match.groups()
    text = text.replace(match.group(0), "%%begin = %s loc(%s)\n    %s = llvm.getelementptr "
                        "%%begin[%s] : (!llvm.ptr) -> !llvm.ptr, i8 loc(%s)"
                        % (op, place, name, size, place))
open(target, "w").write(text)
