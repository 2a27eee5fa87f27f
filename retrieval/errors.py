"""What can go wrong in retrieval, and what to do about it.

WenbaoError
├── ReportUnreadable      one file of the corpus; it is skipped and named in the receipt
│   └── ReportOutOfReach  it cannot be had now, for a reason outside of it
├── CorpusMissing         a corpus path does not exist or cannot be reached
├── MostReportsGone       a scan would remove more than half of the reports
├── ModelError
│   ├── ModelUnavailable  the encoder's weights are not here and cannot be fetched
│   └── ModelDamaged      they are here, but not what they should be
├── SnapshotError
│   ├── SnapshotMissing   nothing was indexed yet
│   ├── SnapshotDamaged   a file of the index is missing, cut short or altered
│   └── SnapshotMismatch  the index was made by another encoder, analysis or version
├── IndexBusy             another process is writing the index
├── IndexUnsound          a new index does not find its own sentences and is not published
├── IndexUnwritable       the disk is full or the folder may not be written
├── StoreUnreachable      the database of the index does not answer, or not in time
├── StoreUnusable         it answers, but will not or cannot hold the index
├── QuestionInvalid       a question, filter or number that cannot be answered as it stands
├── EvaluationError       a file of questions, a BEIR folder or a saved run that cannot be used
└── DocumentUnknown       no report with that id

Every message is one line that says what happened and what mends it.
"""

MOST_NAMED = 3
"""Reports that an error names as examples."""


class WenbaoError(Exception):
    """Base of every error that a user can mend."""


class ReportUnreadable(WenbaoError):
    """One file of the corpus cannot be read as a report."""


class ReportOutOfReach(ReportUnreadable):
    """One file of the corpus cannot be had now, for a reason outside of it, such as permissions or want of memory."""


class CorpusMissing(WenbaoError):
    """A corpus path does not exist or cannot be reached."""


class MostReportsGone(WenbaoError):
    """A scan would remove more than half of the reports, which nobody asked for by name.

    ``gone`` are their ids, ``held`` is how many reports the index holds, and ``summary`` is the message without ids.
    """

    def __init__(self, gone: tuple[str, ...], held: int) -> None:
        remedy = "bring their folder back, or let them go with `wenbao index --yes` (yes=true over HTTP)"
        lost = f"{len(gone)} of the {held} indexed reports are no longer in the corpus"
        named = ", ".join([*gone[:MOST_NAMED], *(["…"] if len(gone) > MOST_NAMED else [])])
        super().__init__(f"{lost} ({named}), and the index stays as it is: {remedy}")
        self.gone, self.held, self.summary = gone, held, f"{lost}, and the index stays as it is: {remedy}"


class ModelError(WenbaoError):
    """The encoder cannot be loaded."""


class ModelUnavailable(ModelError):
    """The encoder's weights are not on this machine and cannot be fetched."""


class ModelDamaged(ModelError):
    """The encoder's weights are cut short or altered."""


class SnapshotError(WenbaoError):
    """The index cannot be used."""


class SnapshotMissing(SnapshotError):
    """Nothing was indexed yet."""


class SnapshotDamaged(SnapshotError):
    """A file of the index is missing, cut short or altered."""


class SnapshotMismatch(SnapshotError):
    """The index was made by another encoder, analysis or version."""


class IndexBusy(WenbaoError):
    """Another process is writing the index."""


class IndexUnsound(WenbaoError):
    """A new index does not find its own sentences."""


class IndexUnwritable(WenbaoError):
    """The index folder cannot be written."""


class StoreUnreachable(WenbaoError):
    """The database of the index does not answer, or not in time."""


class StoreUnusable(WenbaoError):
    """The database of the index answers, but will not or cannot hold it."""


class QuestionInvalid(WenbaoError):
    """A question, filter or number that cannot be answered as it stands."""


class EvaluationError(WenbaoError):
    """A file of questions, a BEIR folder or a saved run cannot be used as it stands."""


class DocumentUnknown(WenbaoError):
    """No report has that id."""
