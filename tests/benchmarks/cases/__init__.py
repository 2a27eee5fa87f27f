"""What is measured: a file for each part of the bench, from a ``Bench`` to the rows it hands over.

A case imports ``benchmarks.harness`` and the project, and of its neighbours only ``answering`` and ``bare``, which say
how a whole answer is measured. Which rows a case measures stands in ``bench.PARTS``.
"""
