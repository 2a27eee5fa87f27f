"""What one client may take of the server: bytes, seconds and connections.

amounts      the limits themselves
bodies       bodies of requests, counted as they arrive
uploads      files of an administrator's upload, each counted as it arrives
departures   clients that go away before they are answered
crowd        who is connected, and who has to go when there are too many
connections  the protocol of one connection: heads and answers in bounded time
"""
