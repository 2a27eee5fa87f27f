"""What every case shares.

``scale`` (how much) and ``material`` (with what) -> a case -> ``contest`` (turns and ratios) -> ``rows`` (figures with
their bounds) -> ``tables`` and ``page`` with ``plots`` (text and HTML). ``serving`` starts ``wenbao serve`` and asks,
``machine`` says what a run was made on.
"""
