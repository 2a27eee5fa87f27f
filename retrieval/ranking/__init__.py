"""Query + Snapshot -> Hits, best first.

    retriever           each leg puts forward candidates; features and times order them
    features            what speaks for a candidate, one column each
    late_interaction    a question's tokens against a passage's
    fusion              features -> one score; the weights are data (``fusion.toml``)
    reprints            the same passage in several reports is one hit
    copies              of notices that places copied the one of the place asked about comes first
    versions            of the versions of a rule the one in force comes first
    time_boosts         what the time that a question names adds

Other rooms import ``retriever`` (``Retriever``, ``Ranking``), ``fusion`` for the features and their names, and
``late_interaction`` for the arithmetic over tokens.
"""
