"""Who is worked for next (``turns.py``), and the threads that do the work (``workers.py``)."""
