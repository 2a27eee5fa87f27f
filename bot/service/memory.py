"""Memory of a process that answers for long: what the start made stays, and garbage is looked for often."""

from __future__ import annotations

import gc

THRESHOLDS = 700, 10, 10
"""Those that Python starts with; ``bot.cli`` has higher ones while vocabularies and models are loaded."""


def settle() -> None:
    """Leave everything there is now out of the search for garbage, and search at Python's own intervals from now on.

    What was refused or broken off is let go soon, and looking for it costs little, because the vocabularies are not
    looked through. Whatever is left out is still let go when nobody refers to it any longer.
    """
    gc.collect()
    gc.freeze()
    gc.collect()  # so that the collector forgets how much there was; it waits for a quarter of that
    gc.set_threshold(*THRESHOLDS)
