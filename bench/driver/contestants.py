"""Who takes part in a row: rondo's program and the peers, each a process that is told when to run."""
import json
import os
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Missing(Exception):
    """A contestant that cannot take part, and why."""


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"


def environment(threads, extra=None):
    result = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        result[name] = str(threads)
    result["OPENBLAS_CORETYPE"] = "SKYLAKEX"
    result.update(extra or {})
    return result


def pin(threads):
    """A single thread stays on the last core; more go where they like."""
    cores = sorted(os.sched_getaffinity(0))
    return (lambda: os.sched_setaffinity(0, {cores[-1]})) if threads == 1 else None


def seconds_left(deadline):
    return None if deadline is None else max(0.0, deadline - time.monotonic())


class Peer:
    """A process with peer.h's protocol, alive for all of the row or until the deadline. It writes
    its numbers to `out`."""

    def __init__(self, name, command, threads, out, deadline=None):
        self.name, self.out, self.log, self.deadline = name, out, out + ".log", deadline
        self.about = None
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, text=True, env=environment(threads),
                                            preexec_fn=pin(threads))
        self.watch = threading.Timer(seconds_left(deadline) or 0, self.process.kill)
        if deadline is not None:
            self.watch.daemon = True
            self.watch.start()

    def fail(self):
        self.watch.cancel()
        self.process.kill()
        self.process.wait()
        if self.deadline is not None and not seconds_left(self.deadline):
            raise Missing("the time was over")
        raise Missing(last_line(open(self.log).read()))

    def expect(self, word):
        for line in self.process.stdout:
            if line.startswith(word):
                return line[len(word):].strip()
        self.fail()

    def tell(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the next read says why

    def start_check(self):
        self.tell("check")

    def finish_check(self):
        self.about = self.expect("ready")
        self.expect("done")

    def time(self, seconds):
        self.tell("time %g" % seconds)
        line = self.process.stdout.readline()
        if not line.startswith("{"):
            self.fail()
        return json.loads(line)

    def close(self):
        self.watch.cancel()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Rondo:
    """The produced program; every time() is a process of its own, which times inside of it."""

    def __init__(self, program, row, threads, weights, device="cpu", deadline=None):
        self.name, self.program, self.row, self.threads = "rondo", program, row, threads
        self.weights, self.device, self.deadline = weights, device, deadline
        help_text = subprocess.run([program, "bench", "--help"], capture_output=True,
                                   text=True).stdout
        self.takes_threads = "--threads" in help_text
        self.about = subprocess.run([program, "--version"], capture_output=True,
                                    text=True).stdout.strip()
        if device == "cpu" and threads > 1 and not self.takes_threads:
            self.about += "; one worker: the program has no --threads"

    def flags(self):
        if self.device != "cpu":
            return ["--device", self.device]
        return ["--threads", str(self.threads)] if self.takes_threads else []

    def call(self, *words):
        try:
            result = subprocess.run([self.program, *words], capture_output=True, text=True,
                                    env=environment(self.threads), preexec_fn=pin(self.threads),
                                    timeout=seconds_left(self.deadline))
        except subprocess.TimeoutExpired:
            raise Missing("the time was over")
        if result.returncode:
            raise Missing(last_line(result.stderr))
        return result.stdout

    def time(self, seconds):
        row = self.row
        words = ["bench"] + (["--train"] if row.timed == "step" else [row.entry])
        words += ["--grad"] if row.timed == "gradient" else []
        for name, value in row.call_dims.items():
            words += ["--set", "%s=%d" % (name, value)]
        words += ["--weights", self.weights, "--seconds", "%g" % seconds, "--json"]
        found = json.loads(self.call(*words, *self.flags()))
        return {"best": found["best_seconds"], "median": found["median_seconds"],
                "count": found["repetitions"], "peak": found.get("peak_flops_per_second", 0),
                "workers": found.get("workers", 1)}

    def close(self):
        pass


def peer_command(peers, program, arguments, threads, data, out):
    """The command of a peer, or Missing. `peers` is the folder of the compiled ones."""
    words = ["%s=%s" % item for item in arguments.items()]
    words += ["threads=%d" % threads, "data=" + data, "out=" + out]
    if program in ("onednn", "openblas"):
        path = os.path.join(peers["folder"], program)
        if program not in peers["built"]:
            raise Missing(peers["why"].get(program, "not built, see bench/setup"))
        return [path] + words
    if not peers["python"]:
        raise Missing("no Python with packages, see bench/setup")
    return [peers["python"], os.path.join(HERE, "peers", "frameworks.py"),
            "framework=" + program] + words
