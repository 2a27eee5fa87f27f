"""What the database keeps of reports beside generations.

tables.py      the tables of both
versions.py    texts that reports had before, so that old citations can be proved
"""
