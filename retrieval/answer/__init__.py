"""Hits -> Answer: read the best passages, decide how sure to be, cite.

    answerer           the whole answer, top to bottom
    reading            the sentence of a passage that answers
    readings           what is read for one question, and the order of the hits that follows
    span/              the few words of that sentence, or the cell of a row, that do
    several            the answers of a message that asked several things, put together
    collection/        what the collection holds, and questions to begin with
    subject            whom a question is about, and whom the report speaks of instead
    extremes           the row of a table with the most or the least of what is compared
    yielding           a passage that only names what is asked about yields to the one below it that answers
    trained/           the trained reader
    adjacent           a sentence that leans on the one before it
    similarities       how near parts of a passage are to the question
    confidence         signals -> how sure (the weights are data, ``confidence*.toml``)
    agreement          what other reports confirm or contradict
    citing             hits -> citations, with reprints and other versions
    explanation        how the answer was found

Other rooms import ``answerer.Answerer``. Evaluation also imports the reader, and for its fits ``readings`` and
``confidence.signals``. Tests hand in a ``confidence`` or a reader.
"""
