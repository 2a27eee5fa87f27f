"""Passages -> an immutable generation of an index, and back: everything that is looked up to answer a question.

    build.py             the whole build, top to bottom
      scan.py            reports are read and cut, and what became of them is said
      shrinking.py       refuses a scan that lost most of the reports
      self_test.py       asks what was built for its own sentences before anybody else may
      copied.py          a generation in the place of an encoder, to copy it
      cutting.py         texts -> what they are looked up by
      term_counts.py     words -> counts, and postings in order
    protocol.py          what ranking and reading need of a generation, whichever store it is in
      layout.py          which rows are which report's
    store.py             where generations are kept, whichever kind of place it is
    kept.py              what a process keeps of what it has read or made, bounded
    documents_file.py    reports as lines of JSON
    history/             texts that reports had before, so that old citations can be proved
    names/               which names the reports use for the same
    relations/           which of the reports are reprints, and which replace older ones
    local/               generations as files below a folder
    oceanbase/           the same in a database that many machines share

Other rooms import ``store`` and one of ``local.store`` and ``oceanbase.store`` to make an index, load one and look
back, or ``build`` and ``local.snapshot`` where only files will do. Who ranks imports ``protocol``. Nothing here knows a
question.
"""
