"""What a request passes before any route: under which name it came, from whose page, who sends it, what that allows.

hosts.py         names and origins that are this server's
recognition.py   headers -> Caller; wrong tokens cost time
needs.py         method and path -> the scope they take
door.py          all of it around the application, and the refusals
refusals.py      who was turned away, written down
rates.py         questions a client may ask in a minute
sign_in.py       a browser signs in with a key
key_routes.py    keys over HTTP
"""
