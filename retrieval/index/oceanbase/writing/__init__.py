"""How the index in the database is brought up to date, by one who writes and any number who help.

building.py       the whole build, top to bottom
  before.py       the published generation, its reports, and the space of its texts
  sources.py      where the next generation's reports come from
  reports.py      reports as rows, and back
  lease.py        who may write, and that nobody else does
  work.py         texts that are to be embedded, shared out among indexers
  embedding.py    they are embedded, by the run itself and by who helps
  changes.py      rows of reports and passages come and go; what an interrupted run left is undone
  terms.py        how many passages hold each term
  recall.py       whether the nearest vectors are found
  publishing.py   the generation is written down, and published by changing one row
  cleaning.py     what no kept generation has is removed
copying.py        a local index goes into the database, a generation out of it

Rows of the generation that comes after the published one are nobody's yet. Whoever is killed among them leaves them,
and the mark that they are there, to the next run, which takes them back; what was embedded stays.

``build_stored``, ``help_embedding``, ``copy_to`` and ``copy_from`` are for other rooms.
"""
