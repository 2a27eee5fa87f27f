"""Keeping what answers true to the reports.

generations.py    the published generation, opened and let answer
scanning.py       whether the corpus differs from what was indexed
upkeep.py         one loop that reconciles the two, and the changes that somebody asks for
background.py     what runs beside the service, such as a face
supervisor.py     what runs in the background is never silently dead
"""
