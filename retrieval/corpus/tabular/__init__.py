"""Tables: the cells that a reader found -> rows with the names of their columns.

    grid.py      cells with their spans -> rows as printed, merged cells repeated
    header.py    which rows name the columns, where the format does not say

Readers import ``blocks_of_table``, ``lines_of_table`` and ``GridCell``.
"""

from retrieval.corpus.tabular.grid import GridCell, blocks_of_table, lines_of_table

__all__ = ["GridCell", "blocks_of_table", "lines_of_table"]
