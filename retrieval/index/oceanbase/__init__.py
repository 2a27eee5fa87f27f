"""The index in a database that any number of machines share: OceanBase, or seekdb, the same engine as one server.

store.py             the database as a store
  soundness.py       a generation is asked for its own sentences before it is published
  verifying.py       whether all of a generation is there
tables.py            what is kept, and for which generations it holds
codes.py             terms as the full-text indexes hold them
snapshot.py          a generation, as ranking and reading look at it
  catalogue.py       what a process holds of it: a line for each report
  reading/           how passages are found and fetched
beside/              what is kept of reports beside generations: files, earlier texts
writing/             how the next generation is made and published
database.py          connections, shared by threads and lent one at a time
  session.py         statements in, rows out, over one of them
  checks.py          whether the server and the database are fit for an index
  link.py            one connection, and what it tells the server about itself
  url.py             where the database is, out of ``index.url``
  failures.py        what the client or the server said, as an error that says what to do

PyMySQL comes with the extra ``oceanbase``; only this room imports it, and only once it connects.
"""
