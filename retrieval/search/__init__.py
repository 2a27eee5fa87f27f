"""What stands where: runs of a text in another (``runs.py``)."""
