"""Reports -> which names they use for the same, so that a question may use any of them.

    short_forms.py    what one text says: short forms that it explains, people called by their titles
    finding.py        what all reports say, kept with their relations

Other rooms import ``finding``.
"""
