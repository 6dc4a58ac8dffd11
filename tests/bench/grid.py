#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What opening the page grid of a mapping costs: grid.py MEMMAP PID [ROUNDS]. It is the largest
mapping of the process, and it is opened anew each time, from the map, by Enter. Prints "NAME VALUE"
lines: ms from the key to the grid in the terminal, the median and the longest of the rounds; ms to
the last byte that came, after which the picture stays as it is; ms of CPU of all memmap's threads."""
import fcntl
import os
import pty
import select
import statistics
import struct
import sys
import termios
import time

memmap, target = sys.argv[1:3]
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
GRID = b"under the cursor"      # is drawn with the grid, and not without


def mappings():
    with open(f"/proc/{target}/maps") as f:
        ranges = [[int(n, 16) for n in line.split()[0].split("-")] for line in f]
    return [start for start, end in sorted(ranges, key=lambda r: r[0] - r[1]) if start < 1 << 47]


large, small = mappings()[0], mappings()[-1]
child, fd = pty.fork()
if child == 0:
    os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
    os.execv(memmap, [memmap, "--tui", target])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))


def wait(word, quiet):
    """Reads until the word was seen and nothing comes any more. Seconds to the word, to the end."""
    start = time.monotonic()
    seen, last, out = None, start, b""
    while True:
        left = quiet if seen or not word else 30
        if not select.select([fd], [], [], left)[0]:
            if word and seen is None:
                sys.exit(f"grid.py: no '{word.decode()}' on the screen")
            return seen, last - start
        out += os.read(fd, 65536)
        last = time.monotonic()
        if word and seen is None and word in out:
            seen = last - start


def cpu():
    with open(f"/proc/{child}/schedstat") as f:
        own = int(f.read().split()[0])
    for task in os.listdir(f"/proc/{child}/task"):
        if task != str(child):
            with open(f"/proc/{child}/task/{task}/schedstat") as f:
                own += int(f.read().split()[0])
    return own / 1e6


def press(keys, word=None, quiet=0.3):
    os.write(fd, keys)
    return wait(word, quiet)


def go_to(address):
    press(b"a")
    press(f"{address:x}\r".encode())


press(b"", b" mappings", 1.2)
press(b" ")                     # nothing is read but what the keys ask for
opened, complete, used = [], [], []
for _ in range(rounds):
    go_to(small)                # so that nothing is left of the grid
    press(b"\r", GRID)
    press(b"\x1b", None, 0.4)
    go_to(large)
    before = cpu()
    first, last = press(b"\r", GRID, 0.5)
    used.append(cpu() - before)
    opened.append(first * 1000)
    complete.append(last * 1000)
    press(b"\x1b", None, 0.4)
print("grid_median", round(statistics.median(opened), 1))
print("grid_max", round(max(opened), 1))
print("grid_complete", round(max(complete), 1))
print("grid_cpu", round(statistics.median(used), 1))
os.write(fd, b"q")
os.waitpid(child, 0)
