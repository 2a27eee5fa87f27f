"""Hits -> Answer: read the best passages, decide how sure to be, cite.

    answerer           the whole answer, top to bottom
    reading            the sentence of a passage that answers
    spans              the few words of that sentence that do
    span_candidates    numbers, times, people and places that may be those words
    confidence         signals -> how sure (the weights are data, ``confidence.toml``)
    agreement          what other reports say too, or otherwise
    explanation        how the answer was found

Other rooms import ``answerer.Answerer``; evaluation also the reader. Tests hand in a ``confidence`` or a reader.
"""
