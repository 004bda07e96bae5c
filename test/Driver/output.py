"""What rondoc does with the place where its output goes. Arguments: rondoc, a small stage, a model, a folder."""
import ctypes
import fcntl
import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time

rondoc, small, model = sys.argv[1], *(os.path.abspath(path) for path in sys.argv[2:4])
rondoc = shutil.which(rondoc)
os.chdir(sys.argv[4])
os.umask(0o027)
here = pathlib.Path(".")
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit("output.py: " + what)


def run(*arguments, **options):
    return subprocess.run([rondoc, *arguments], capture_output=True, text=True, timeout=100, **options)


def works(*arguments, **options):
    done = run(*arguments, **options)
    check(done.returncode == 0 and not done.stderr, f"{arguments}: {done.stderr}")
    return done.stdout


def refused(said, *arguments, **options):
    done = run(*arguments, **options)
    check(done.returncode == 1, f"{arguments}: status {done.returncode}: {done.stderr}")
    check(done.stderr == f"rondoc: {said}\n", f"{arguments}: said {done.stderr!r}, expected {said!r}")


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def left():
    """Files of rondoc that are neither inputs nor outputs."""
    return sorted(str(p) for p in here.rglob("*") if p.name.startswith(".rondoc") or p.name.endswith(".tmp"))


def stage(name, *more):
    return (small, "--emit=target", "-o", name, *more)


text = works(small, "--emit=target", "-o", "-")
check("module" in text, "standard output")

# New files have what the umask leaves; a program can be executed.
works(*stage("new"))
check(mode("new") == 0o640 and pathlib.Path("new").read_text() == text, "a new file")
works(small, "-o", "program")
check(mode("program") == 0o750, "a new program")

# A file keeps its mode; of a program those who may read it may execute it.
for name, arguments, before, after in (
    ("kept", stage("kept"), 0o604, 0o604),
    ("kept", (small, "-o", "kept"), 0o640, 0o750),
    ("kept", (small, "-o", "kept"), 0o700, 0o700),
):
    pathlib.Path(name).write_text("before")
    os.chmod(name, before)
    works(*arguments)
    check(mode(name) == after and pathlib.Path(name).read_bytes() != b"before", f"{before:o} of a file")

# One that nobody may write is refused, also for root.
pathlib.Path("sealed").write_text("before")
os.chmod("sealed", 0o444)
refused("cannot write sealed: Permission denied", *stage("sealed"))
refused("cannot write sealed: Permission denied", small, "-o", "sealed")
check(pathlib.Path("sealed").read_text() == "before" and mode("sealed") == 0o444, "a sealed file")

# Links are followed, one that leads nowhere too.
(here / "folder").mkdir()
pathlib.Path("folder/target").write_text("before")
os.symlink("folder/target", "link")
os.symlink("folder/later", "dangling")
os.symlink("link", "second")
os.symlink("loop", "loop")
for name, target in (("link", "target"), ("dangling", "later"), ("second", "target")):
    works(*stage(name))
    check(os.path.islink(name) and pathlib.Path("folder", target).read_text() == text, name)
    works(small, "-o", name)
    check(os.path.islink(name) and os.access(f"folder/{target}", os.X_OK), "a program by " + name)
refused("cannot write loop: Too many levels of symbolic links", *stage("loop"))

# Pipes and descriptors are written in place, programs too.
os.mkfifo("pipe")
for arguments, isText in ((stage("pipe"), True), ((small, "-o", "pipe"), False)):
    with open("got", "wb") as file:
        reader = subprocess.Popen(["cat", "pipe"], stdout=file)
        works(*arguments)
        reader.wait(timeout=60)
    got = pathlib.Path("got").read_bytes()
    check(got == text.encode() if isText else got == pathlib.Path("program").read_bytes(), "a pipe")
check(stat.S_ISFIFO(os.stat("pipe").st_mode), "a pipe stays one")
check(works(*stage("/dev/stdout")) == text, "/dev/stdout")
with open("appended", "w+") as file:
    file.write("first\n")
    file.flush()
    subprocess.run([rondoc, *stage("/dev/fd/1")], stdout=file, check=True)
check(pathlib.Path("appended").read_text() == "first\n" + text, "a descriptor keeps its place")

# Devices: of our own, never the system's.
try:
    os.mknod("null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    open("null", "w").close()
    os.chmod("null", 0o606)
except PermissionError:
    print("no device can be made here")
else:
    for arguments in (stage("null"), (small, "-o", "null"), (small, "--emit=obj", "-o", "null")):
        works(*arguments)
        check(stat.S_ISCHR(os.stat("null").st_mode) and mode("null") == 0o606, "a device stays one")

# A closed descriptor is not taken for a file.
closed = subprocess.run(["bash", "-c", f"{rondoc} {small} --emit=target -o - >&-"], capture_output=True, text=True)
check(closed.returncode == 1 and closed.stderr == "rondoc: cannot write standard output: Bad file descriptor\n",
      f"standard output is closed: {closed.stderr!r}")

# Refusals come before the work, and nothing is written.
refused("-o: expected the name of a file", small, "-o", "")
refused("cannot write folder: it is a directory", *stage("folder"))
refused("cannot write absent/x: No such file or directory", *stage("absent/x"))
shutil.copy(small, "stage.mlir")
os.link("stage.mlir", "same")
refused("the output same is the input: please give another with -o", "stage.mlir", "--emit=target", "-o", "same")
pathlib.Path("part.rondo").write_text("fn twice(x: f32) -> f32 { 2.0 * x }\n")
pathlib.Path("whole.rondo").write_text("import part\nmodel M { fn f(x: f32) -> f32 { twice(x) } }\n")
refused("the output part.rondo is the input: please give another with -o", "whole.rondo", "-o", "part.rondo")
with open("stage.mlir") as file:
    refused("the output stage.mlir is the input: please give another with -o",
            "--from=lower", "-", "--emit=target", "-o", "stage.mlir", stdin=file)
check(pathlib.Path("stage.mlir").read_text() == pathlib.Path(small).read_text(), "an input")
long = "n" * 250
works(*stage(long))

# A file that grows too large is an error of the write.
def limit():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
refused("cannot write large: File too large", *stage("large"), preexec_fn=limit)
refused("cannot write large: File too large", small, "-o", "large", preexec_fn=limit)
check(not os.path.exists("large"), "nothing of a file that is too large")
check(not left(), f"left: {left()}")

# What a killed run has left is swept; what a run that lives has is not.
for name in (".rondoc-dead00", ".rondoc-alive0"):
    os.mkdir(name)
    pathlib.Path(name, "program").write_text("x")
lock = os.open(".rondoc-alive0", os.O_RDONLY)
fcntl.flock(lock, fcntl.LOCK_EX)
works(*stage("new"))
check(left() == [".rondoc-alive0"], f"swept: {left()}")
os.close(lock)
works(*stage("new"))
check(not left(), "swept when it is dead")

# Signals, early and while linking: the program that links ends too.
def stopped(number, ready, *arguments):
    # Who runs the tests may ignore signals, which what it starts inherits.
    process = subprocess.Popen([rondoc, *arguments], stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    end = time.time() + 120
    while not ready() and process.poll() is None and time.time() < end:
        time.sleep(0.0005)
    process.send_signal(number)
    process.communicate(timeout=120)
    return process.returncode
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    status = stopped(number, lambda: left(), model, "-D", "width=64", "-o", "lm")
    check(status == -number, f"{number.name}: status {status}")
    check(not left() and not os.path.exists("lm"), f"{number.name}: left {left()}")
    status = stopped(number, lambda: list(here.glob(".rondoc-*/program.o")), small, "-o", "lm")
    check(status in (0, -number), f"{number.name} while linking: status {status}")
    check(not left() and (status == 0 or not os.path.exists("lm")), f"{number.name} while linking: left {left()}")
    if os.path.exists("lm"):
        os.remove("lm")
ignoring = subprocess.Popen([rondoc, model, "-D", "width=8", "-o", "lm"],
                            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
while not left() and ignoring.poll() is None:
    time.sleep(0.0005)
ignoring.send_signal(signal.SIGHUP)
check(ignoring.wait(timeout=100) == 0, "a signal that is ignored")

# Next to no stack, and next to no memory.
tiny = f"ulimit -s 16; {rondoc} {small} --emit=target -o new"
done = subprocess.run(["bash", "-c", tiny], capture_output=True, text=True)
check(done.returncode == 0 and pathlib.Path("new").read_text() == text, f"a small stack: {done.stderr}")
def starve():
    resource.setrlimit(resource.RLIMIT_AS, (480 << 20, 480 << 20))
done = run(model, "-D", "width=64", "-o", "lm", preexec_fn=starve)
check(done.returncode == 0 or done.stderr in ("rondoc: out of memory\n", "rondoc: no thread can be made\n"),
      f"no memory: {done.returncode} {done.stderr!r}")
check(not left(), f"no memory: left {left()}")

# A full disk, where a file system can be mounted that nobody else sees.
def full():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000) or libc.mount(b"none", b"/", None, 0x44000, None):
        os._exit(77)
    if libc.mount(b"none", b"small", b"tmpfs", 0, b"size=65536"):
        os._exit(77)
    os.chdir("small")
os.mkdir("small")
full_disk = subprocess.run([rondoc, small, "-o", "lm"], capture_output=True, text=True, preexec_fn=full)
if full_disk.returncode == 77:
    print("no file system can be mounted here")
else:
    check(full_disk.returncode == 1 and full_disk.stderr == "rondoc: cannot write lm: No space left on device\n",
          f"a full disk: {full_disk.returncode} {full_disk.stderr!r}")
print(f"{checks} checks hold")
