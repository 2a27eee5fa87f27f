"""Earlier texts of reports, so that an old citation can still be proved after its report was edited or removed.

    index.path/history.sqlite    a row for each text that was replaced or removed: the report's id, the text's version,
                                 until when it was the present one, the Document as compressed JSON, and its SHA-256

    kept.py        one such text as any store has it, and which of many stay
    replaced.py    two generations -> the texts that the second one has no longer
    store.py       the file: texts are added, read, and dropped in the end

A report keeps its last few texts. Those of removed reports go after a year, because a citation is checked while what
cites it is in use, and whoever takes a report back may expect it to be gone one day. There are at most 10,000 of them,
so that a folder that is emptied and filled every day cannot fill the disk. `--rebuild` leaves the file alone.
"""

from retrieval.index.history.kept import KEPT_VERSIONS, Superseded
from retrieval.index.history.replaced import published_documents, superseded
from retrieval.index.history.store import History

__all__ = ["KEPT_VERSIONS", "History", "Superseded", "published_documents", "superseded"]
