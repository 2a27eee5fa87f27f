"""The words of a person -> a ``Query``, understood once, so that nobody downstream asks again what is wanted.

    cleaning         control characters out, empty and endless questions refused; code is no language
    followup/        "那他多大年纪?" and "and in which hospital?" completed by the turn before
    question_type    what would answer: a person, a place, a time, a number and its unit; one thing or several
    time_filter      the time that the question names, and 最新
    names            whom and what it names
    same_name        names that reports write otherwise, and what they write
    encoding         the vectors, made meanwhile in a thread of their own
    query            all of it together: ``analyse``

Other rooms import ``query`` (``Query``, ``analyse``), ``cleaning``, ``followup.understand``, and the types
``Wanted`` and ``TimeFilter``. Nothing here knows an index. The caller hands in the function that says whether the index
has a word.
"""
