"""The index as files below one folder, each generation a folder of its own.

store.py             the folder as a store
snapshot.py          what a generation consists of, and how it is loaded
manifest.py        what it says of itself, and whether its files are still that
passage_table.py   its passages, cut out of the reports, and which have the same text
dense.py           its vectors: the dense leg
lexical.py         what its passages are looked up by: words, pairs of characters, sounds, meanings
postings.py      BM25 over postings
token_store.py     its token vectors
checkpoint.py        embeds what is new, and keeps it until it is published
publish.py           writes a generation, and switches to it
"""
