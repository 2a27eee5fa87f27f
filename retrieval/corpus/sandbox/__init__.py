"""A process of its own for readers: a hostile or damaged file ends it, and nothing else.

One worker reads many files. It limits its own memory and processor time where the system can (Linux, and in part
macOS), and the parent ends it when a file takes too long. What it found comes back as JSON, which, unlike a pickle,
can do nothing but be read.

Before the first file the worker loads what readers would load lazily, and then gives up its rights for good: to open
files (but for a few folders to be read, as PDFium's fonts), to connect, to start processes, to be looked into. Where a
system does not know a right it works with those that are left; ``Sandbox.kept_rights`` says which.

    parent -> worker    a line of JSON {"task", "size", "arguments"}, then ``size`` bytes of data
    worker -> parent    a line when it is ready; then a line of JSON {"found" | "problem", "leaving"}

    parent.py, worker.py    the two sides; idle.py keeps a worker for a while
    rights.py               gives up the rights, by
      landlock.py             files
      system_calls.py         all calls of the system but those that reading takes
      linux.py                calls that Python has no function for

Other files import ``Sandbox``, ``Limits`` and ``RIGHTS``, and tests the ``TASKS`` of ``worker``.
"""

from retrieval.corpus.sandbox.parent import Limits, Sandbox
from retrieval.corpus.sandbox.rights import RIGHTS

__all__ = ["RIGHTS", "Limits", "Sandbox"]
