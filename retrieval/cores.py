"""How many cores this process may use."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup/cpu.max")
"""A container's share of the processor, as quota and period, where there is one (Linux, cgroup v2)."""


def usable_cores(cgroup: Path = CGROUP) -> int:
    """Count the cores that this process may use: its affinity, a container's share, OMP_NUM_THREADS as elsewhere."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # "max 100000" has no limit
        quota, period = cgroup.read_text().split()
        cores = min(cores, -(-int(quota) // int(period)))
    with suppress(KeyError, ValueError):
        cores = min(cores, int(os.environ["OMP_NUM_THREADS"]))
    return max(cores, 1)
