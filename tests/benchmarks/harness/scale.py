"""How much of everything a run measures, and where it finds and leaves things."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SEEDS = ROOT / "seeds"
SETS = ("reports-dev", "xquad-x-zh", "ncp-policy-a", "rgb-zh-news")
LARGE_SET = "rgb-zh-news"
"""The development set of about 10,000 passages."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes; ``FULL`` is the default, ``QUICK`` shows in some minutes that everything runs."""

    blocks: int
    """Blocks of passages that the encoders take turns at."""
    block: int
    """Passages in one, at least two batches."""
    encoded: int
    """Questions that are encoded one by one."""
    asked: int
    """Questions that are answered one by one."""
    entries: int
    """Most documents of a development set; 0 takes all."""
    questions: int
    """Most questions of a development set; 0 takes all."""
    builds: int
    """How often a small development set is indexed."""
    load_seconds: float
    clients: int
    rounds: int
    """How often a process is started."""
    pieces: int
    """Real sentences that made-up passages are made of."""
    reused: int
    """Passages whose vectors are reused."""
    large: int
    """Passages of the large index."""
    large_tokens: int
    """Token vectors of each."""


FULL = Scale(
    blocks=10,
    block=64,
    encoded=300,
    asked=200,
    entries=0,
    questions=300,
    builds=3,
    load_seconds=60,
    clients=32,
    rounds=7,
    pieces=3000,
    reused=100_000,
    large=1_000_000,
    large_tokens=16,
)
QUICK = Scale(
    blocks=3,
    block=32,
    encoded=20,
    asked=20,
    entries=15,
    questions=8,
    builds=1,
    load_seconds=6,
    clients=32,
    rounds=3,
    pieces=200,
    reused=2_000,
    large=4_000,
    large_tokens=16,
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every part is given."""

    scale: Scale
    quick: bool
    threads: int
    shared: Path
    """The folder that holds ``questions/`` and ``benchmarks/``."""
    work: Path
    """A folder for indexes and corpora, removed at the end."""
    peers_python: Path
    """The interpreter of the peers' virtual environment."""

    def json(self) -> dict[str, Any]:
        """Return it as JSON, for another process."""
        paths = {name: str(getattr(self, name)) for name in ("shared", "work", "peers_python")}
        return {"scale": asdict(self.scale), "quick": self.quick, "threads": self.threads, **paths}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Bench:
        """Read ``json`` back."""
        paths = {name: Path(values[name]) for name in ("shared", "work", "peers_python")}
        return cls(Scale(**values["scale"]), values["quick"], values["threads"], **paths)
