#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the screens cost: tui.py MEMMAP PID. Prints "NAME VALUE" lines: share of a CPU in per cent at
one reading a second, ms from a key to its effect in the terminal, CPU ticks of ten paused seconds,
peak memory in MiB."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

memmap, target = sys.argv[1:3]
child, fd = pty.fork()
if child == 0:
    os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
    os.execv(memmap, [memmap, "--tui", target])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))


def drain(seconds):
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            return
        os.read(fd, 65536)


def ticks():
    with open(f"/proc/{child}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def share(seconds):
    before, start = ticks(), time.monotonic()
    drain(seconds)
    return (ticks() - before) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - start) * 100


drain(3)
print("cpu", round(share(20), 1))
waits = []
for i in range(200):
    drain(0.03 + i % 7 * 0.011)     # so that keys fall into readings, too
    start = time.monotonic()
    os.write(fd, b"jk"[i % 2:i % 2 + 1])
    select.select([fd], [], [], 2)
    waits.append((time.monotonic() - start) * 1000)
waits.sort()
print("key_median", round(waits[100], 1))
print("key_max", round(waits[-1], 1))
os.write(fd, b" ")
drain(1)
before = ticks()
drain(10)
print("paused_ticks", ticks() - before)
with open(f"/proc/{child}/status") as f:
    for line in f:
        if line.startswith("VmHWM"):
            print("memory", round(int(line.split()[1]) / 1024, 1))
os.write(fd, b"q")
os.waitpid(child, 0)
