"""The one ``Service`` that all faces share: it opens what answers, asks it off the event loop, and keeps it up to date.

    opening         settings -> encoder, index, Answerer
    service         ``ask`` a question, or ``converse``: ask, keep the exchange, remember it for votes, record it
    remembered/     what was said and answered last, for follow-ups and votes
    reports         reports added to the corpus folder and removed from it
    originals       the files that reports were read from
    page_pictures   pictures of pages on which text was recognised
    calibration     the threshold that was set on the user's own questions
    example_questions   questions to begin with
    memory          what a process that answers for long does about garbage
    state           where a server remembers, by its settings
    store           where the index is, by its settings
    status          what is indexed, and what is wrong

Faces import ``service`` (``Service`` and its errors), ``remembered``, ``originals`` and ``reports.Upload``. The
terminal imports the rest of ``reports``, ``opening``, ``state``, ``status`` and ``store`` too; ``bot.evaluation``
imports ``opening``, ``state`` and ``store``.
"""
