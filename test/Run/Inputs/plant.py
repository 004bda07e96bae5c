"""Plants a fault in the rows of a lowered module: `plant.py barrier|bounds IN OUT`."""
import re
import sys

fault, source, target = sys.argv[1:]
text = open(source).read()
if fault == "barrier":  # the one before what is shared is read
    lines = text.split("\n")
    kernel = next(i for i, line in enumerate(lines) if "@cuda.scaled.kernel" in line)
    found = [i for i, line in enumerate(lines) if "device.barrier " in line and i > kernel]
    del lines[found[1]]
    text = "\n".join(lines)
else:  # shared memory that begins where it ends
    head = text.index("@cuda.scaled.kernel")
    shared = re.compile(r"(%\d+) = (device\.shared (\d+) at 0 : !llvm\.ptr) loc\((.*?)\)")
    match = shared.search(text, head)
    name, op, size, place = match.groups()
    moved = ("%%begin = %s loc(%s)\n    %s = llvm.getelementptr %%begin[%s] : (!llvm.ptr) -> "
             "!llvm.ptr, i8 loc(%s)" % (op, place, name, size, place))
    text = text[:match.start()] + moved + text[match.end():]
open(target, "w").write(text)
