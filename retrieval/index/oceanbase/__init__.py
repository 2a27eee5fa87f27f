"""The index in a database that any number of machines share: OceanBase, or seekdb, the same engine as one server.

``Database`` lends connections, each as a ``Session`` that sends statements; everything else that knows SQL stands on
these two. PyMySQL comes with the extra ``oceanbase``; only this room imports it, and only once it connects.

tables.py            what is kept, and for which generations it holds
codes.py             terms as the full-text indexes hold them
database.py          connections, shared by threads and lent one at a time
session.py           statements in, rows out, over one of them
checks.py            whether the server and the database are fit for an index
link.py              one connection, and what it tells the server about itself
url.py               where the database is, out of ``index.url``
writing/             the build: rows for the next generation, and the switch to it
failures.py          what the client or the server said, as an error that says what to do
"""
