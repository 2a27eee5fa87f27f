"""The parts of ``formats/pdf.py``: what a PDF's pages show, found by the places of their characters.

rows.py       a page -> its lines, with their places, sizes, and the pieces that stand apart in them
margins.py    running headers, footers, page numbers and the table of contents, taken off
ruled.py      tables that are drawn with lines: their cells
columns.py    the lines of a page in reading order, column by column
"""
