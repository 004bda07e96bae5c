"""Compares the caches that a scheduled module notes for this machine with those that the C library
reports. Where the C library or sysfs knows nothing there is nothing to compare."""
import os
import re
import subprocess
import sys


def reported(name):
    done = subprocess.run(["getconf", name], stdout=subprocess.PIPE, text=True)
    return int(done.stdout.strip() or 0) if done.returncode == 0 else 0


def main():
    with open(sys.argv[1]) as file:
        noted = re.search(r"rondo.target = \{([^}]*)\}", file.read()).group(1)
    noted = {key: int(value) for key, value in re.findall(r"(\w+) = (\d+) : i64", noted)}
    if os.path.exists("/sys/devices/system/cpu/cpu0/cache/index0/size"):
        for key, name in [("l1_bytes", "LEVEL1_DCACHE_SIZE"), ("l2_bytes", "LEVEL2_CACHE_SIZE")]:
            # A second cache that several cores share is noted in parts.
            if reported(name) and reported(name) % noted[key] != 0:
                sys.exit(f"{key} is {noted[key]}, the C library reports {reported(name)}")
        if reported("LEVEL1_DCACHE_SIZE") not in (0, noted["l1_bytes"]):
            sys.exit(f"l1_bytes is {noted['l1_bytes']}, not {reported('LEVEL1_DCACHE_SIZE')}")
    if not 1 <= noted["cores"] <= os.cpu_count():
        sys.exit(f"{noted['cores']} cores of {os.cpu_count()} processors")


main()
