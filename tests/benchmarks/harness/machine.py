"""What a run was made on and with."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from retrieval.evaluation import commit

PACKAGES = (
    "torch",
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "onnxruntime",
    "onnx",
    "faiss-cpu",
    "numpy",
    "jieba",
    "fastapi",
    "uvicorn",
)


def machine() -> dict[str, str | float | int | None]:
    """Return processor, memory, system, Python and commit; a "+" at the commit says that files were changed since."""
    cpu = _first_value(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()
    kibibytes = _first_value(Path("/proc/meminfo"), "MemTotal")
    return {
        "processor": cpu,
        "instructions": " ".join(_instructions()),
        "cores": os.cpu_count(),
        "memory GB": round(int(kibibytes.split()[0]) * 1024 / 1e9, 1) if kibibytes else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "commit": commit(),
        "load before": round(os.getloadavg()[0], 2),
    }


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    """Return the versions of those packages that are installed."""
    found = {}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def memory_megabytes(pid: int | str = "self", field: str = "VmRSS") -> float:
    """Return a process's resident memory (or another field of its status) in MB of 1,000,000 bytes."""
    value = _first_value(Path(f"/proc/{pid}/status"), field)
    return int(value.split()[0]) * 1024 / 1e6 if value else float("nan")


def _first_value(path: Path, name: str) -> str | None:
    """Return the value of the first ``name: value`` line of a file of the kernel's."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name), None)


def _instructions() -> list[str]:
    """Return those instruction sets that matrix products depend on."""
    flags = (_first_value(Path("/proc/cpuinfo"), "flags") or "").split()
    return [name for name in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8") if name in flags]
