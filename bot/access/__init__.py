"""Who somebody is, and what that lets them do.

caller.py        Caller: who sends a request, with which scope and which reports
keys.py          API keys: made, found, listed, taken back
sessions.py      a browser that signed in with a key
pseudonyms.py    what stands for people and addresses in logs
"""
