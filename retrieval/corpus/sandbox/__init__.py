"""A process of its own for readers: a hostile or damaged file ends it, and nothing else.

One worker reads many files. It limits its own memory and processor time where the system can (Linux, and in part
macOS), and the parent ends it when a file takes too long. What it found comes back as JSON, which, unlike a pickle,
can do nothing but be read.

    parent -> worker    a line of JSON {"task", "size", "arguments"}, then ``size`` bytes of data
    worker -> parent    a line when it is ready; then a line of JSON {"found" | "problem", "leaving"}

parent.py, worker.py    the two sides; idle.py keeps a worker for a while

Other files import ``Sandbox`` and ``Limits``, and tests the ``TASKS`` of ``worker``.
"""

from retrieval.corpus.sandbox.parent import Limits, Sandbox

__all__ = ["Limits", "Sandbox"]
