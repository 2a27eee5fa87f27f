"""Hits -> Answer: read the best passages, decide how sure to be, cite.

    answerer           the whole answer, top to bottom
    extremes           the row of a table with the most or the least of what is compared
    reading            the sentence of a passage that answers
    rows               the cell of a table's row that does
    several            the answers of a message that asked several things, put together
    subject            whom a question is about, and whom the report speaks of instead
    changes            values that were changed: the new one answers
    yielding           a passage that only names what is asked about yields to the one below it that answers
    similarities       how near parts of a passage are to the question
    spans              the few words of that sentence that do
    span_candidates    numbers, times, people and places that may be those words
    confidence         signals -> how sure (the weights are data, ``confidence.toml``)
    agreement          what other reports confirm or contradict
    citing             hits -> citations, with reprints and other versions
    explanation        how the answer was found

Other rooms import ``answerer.Answerer``. Evaluation also imports the reader, and for its fits ``answerer.read`` and
``confidence.signals``. Tests hand in a ``confidence`` or a reader.
"""
