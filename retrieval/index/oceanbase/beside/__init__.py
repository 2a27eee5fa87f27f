"""What the database keeps of reports beside generations.

tables.py      the tables of both
originals.py   the files that reports were read from
versions.py    texts that reports had before, so that old citations can be proved
"""
