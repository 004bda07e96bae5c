"""fixpoint.py MODULES FILE...: each file parses, and its printed form parses and prints the same."""
import subprocess
import sys


def printed(file, text=None):
    command = ["rondo-translate", "--print-ast", *modules, file]
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr or f"{command}: exit status {run.returncode}")
    return run.stdout


modules = [f"--syntax-modules={folder}" for folder in sys.argv[1].split(":")]
for file in sys.argv[2:]:
    once = printed(file)
    if not once or printed("-", once) != once:
        sys.exit(f"{file}: printing is no fixpoint")
