"""How a generation in the database is looked into; only ``snapshot.py`` beside this folder imports from it.

looking.py    everything that was announced, in one round trip; everything else when it is asked for
batch.py      statements that travel together
search.py     what each leg puts forward
legs.py       BM25 over the terms that were fetched
material.py   passages and reports as statements and rows
"""
