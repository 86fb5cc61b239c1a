#!/usr/bin/env python3
"""Shows what ext4 does with an fsync that a power cut (EXT4_IOC_SHUTDOWN without flushing the log) overtakes: some calls
return 0 after the cut has begun, and what they were to save is gone. Campaigns do not count answers from after the cut
for that reason. As root, with loop devices:

    python3 tests/crash/late_syncs.py 40        # rounds
"""
import fcntl
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time

OPTIONS = ["defaults", "data=writeback", "nodelalloc", "commit=1"]
RECORD = 512


def record(number):
    return struct.pack("<Q", number) * (RECORD // 8)


def append(path, log, over):
    """Appends and syncs; notes number and end of each call that returned 0."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        while not over.is_set():
            os.write(file, record(len(log)))
            os.fsync(file)
            log.append(time.monotonic_ns())
    except OSError:
        pass
    finally:
        os.close(file)


def whole(path):
    """Records that are there, from the first on."""
    with open(path, "rb") as file:
        found = file.read()
    count = 0
    while found[count * RECORD : (count + 1) * RECORD] == record(count):
        count += 1
    return count


def cut_once(number, folder):
    image, at = os.path.join(folder, "image"), os.path.join(folder, "disk")
    os.makedirs(at, exist_ok=True)
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)
    subprocess.run(["mount", "-o", "loop," + OPTIONS[number % 4], image, at], check=True)
    files = [os.path.join(at, str(thread)) for thread in range(4)]
    for path in files:
        open(path, "wb").close()
    subprocess.run(["sync", "-f", at], check=True)
    over, logs = threading.Event(), [[] for _ in files]
    threads = [threading.Thread(target=append, args=(path, log, over)) for path, log in zip(files, logs)]
    for thread in threads:
        thread.start()
    time.sleep(0.05 + number % 7 * 0.02)
    handle = os.open(at, os.O_RDONLY)
    cut = time.monotonic_ns()
    fcntl.ioctl(handle, 0x8004587D, struct.pack("I", 2))
    os.close(handle)
    time.sleep(0.05)
    over.set()
    for thread in threads:
        thread.join()
    subprocess.run(["umount", at], check=True)
    subprocess.run(["mount", "-o", "loop", image, at], check=True)
    before, late, gone_before, gone_late = 0, 0, 0, 0
    for path, log in zip(files, logs):
        count = whole(path)
        for position, ended in enumerate(log):
            is_late, is_gone = ended >= cut, position >= count
            before, late = before + (not is_late), late + is_late
            gone_before, gone_late = gone_before + (is_gone and not is_late), gone_late + (is_gone and is_late)
    subprocess.run(["umount", at], check=True)
    return before, late, gone_before, gone_late


with tempfile.TemporaryDirectory() as folder:
    sums = [sum(column) for column in zip(*(cut_once(n, folder) for n in range(int(sys.argv[1]))))]
print("returned 0 before the cut: %d, after it had begun: %d; gone of those: %d and %d" % tuple(sums))
