"""Shapes of requests and answers over HTTP (contract: DESIGN 3.3), described for /docs.

asking.py     questions, answers and votes
explaining.py how an answer was found
notices.py    what an answer says beside its citations
keys.py       keys
reports.py    reports, receipts, status and problems
description.py  what is said of every operation alike
"""
