"""Passages -> an immutable snapshot on disk, and back: everything that is looked up to answer a question.

    build.py             the whole build, top to bottom
      checkpoint.py      embeds what is new, and keeps it until it is published
      publish.py         writes a generation, and switches to it
      self_test.py       asks it for its own sentences before that
    history/             texts that reports had before, so that old citations can be proved
    snapshot.py          what a generation consists of, and how it is loaded
      manifest.py        what it says of itself, and whether its files are still that
      documents_file.py  its reports
      passage_table.py   its passages, cut out of the reports, and which have the same text
      names/             which names the reports use for the same
      relations/         which of its reports are reprints, and which replace older ones
      dense.py           its vectors: the dense leg
      lexical.py         what its passages are looked up by: words, pairs of characters, sounds, meanings
        term_counts.py   words -> counts -> postings in order
        postings.py      BM25 over postings
      token_store.py     its token vectors

Other rooms import ``build`` to make an index, ``snapshot`` to load one and ``history`` to look back; who ranks also
imports what a snapshot consists of, to name its types. Nothing here knows a question.
"""
