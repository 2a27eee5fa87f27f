"""Reports -> how they are related: which are reprints, what these changed, and which replace older ones.

    finding.py        the whole of it, top to bottom
      versions.py     which report replaces which: by what it says, or by its title
        repeals.py    what a report says that it repeals
        titles.py     what a title says beside the year and the version
      reprints.py     families of reprints; notices that places copied from each other are none
        groups.py     groups that share a member are one
        candidates.py pairs worth comparing, without comparing all
        comparison.py two reports, compared sentence by sentence
          alignment.py    which sentence of the one is which of the other
          differences.py  what was changed: a figure, a name, a sentence
        sentences.py  a report's sentences as they are compared
    counterparts.py   which passage of a newer rule is about what one of the older is
    relations.py      what is kept of it in a snapshot

A replaced version is no reprint, whatever they share. Other files import ``finding`` to find relations and
``relations`` for what was found.
"""
