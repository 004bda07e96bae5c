"""Reads the dialect's records (llvm-tblgen --dump-json) and fails where an op lacks its page: a
summary, a description, and, for all but the elementwise rows that are described by their formula, an
example that shows the op itself."""
import json
import sys

records = json.load(sys.stdin)
ops = [records[name] for name in records["!instanceof"]["Op"]
       if records[name]["opDialect"]["def"] == "Rondo_Dialect"]
if len(ops) < 20:
    sys.exit(f"expected the ops of the dialect, found {len(ops)}")
rows = {"Rondo_Unary", "Rondo_Binary"}
failures = []
for op in ops:
    name = "rondo." + op["opName"]
    if not op["summary"].strip():
        failures.append(f"{name} has no summary")
    description = op["description"]
    if not description.strip():
        failures.append(f"{name} has no description")
    elif not rows & set(op["!superclasses"]):
        example = description.partition("```mlir")[2].partition("```")[0]
        if name not in example and op["opName"] != "yield":
            failures.append(f"{name} has no example in its description")
sys.exit("\n".join(failures) or 0)
