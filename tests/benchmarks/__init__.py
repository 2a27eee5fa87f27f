"""``make bench``: one command, one report; see ``bench.py``. ``fit.py`` stands alone: it fits what ranking weighs."""
