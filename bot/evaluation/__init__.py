"""What ``wenbao evaluate`` adds to ``retrieval.evaluation``: the configured indexes, and a run shown to a person.

    indexes    settings -> the indexes that answer, and the stamp on a run
    text       a run as tables in the terminal
    page       a run as one HTML page (``page.html``)

``bot.cli`` imports all of it.
"""
