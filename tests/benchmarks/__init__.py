"""``make bench``: one command, one report.

``bench.py`` runs the parts, each in a process of its own: the files of ``cases/``, which measure and hand over rows.
``harness/`` is what they share: how contestants take turns, what a row is, what is measured with, how a report looks.
``peers/`` lets other projects answer the same questions. ``fit.py`` stands alone: it makes the shipped weights.
"""
