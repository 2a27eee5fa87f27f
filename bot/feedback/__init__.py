"""What people thought of the answers, and what the reports did not answer.

    store         keeps votes and unanswered questions in ``bot.state``, if the configuration says so
    unanswered    gathers unanswered questions, so that nobody waits for the disk
    export        all of it as questions for ``wenbao evaluate``

The service and the faces import ``store``, ``unanswered`` and ``export``; nothing here knows a face.
"""
