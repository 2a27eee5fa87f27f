"""Subtitles, time-coded transcripts and chat exports: what was said, told from the stamps around it.

The flow through the files, of which others import ``transcripts`` only:

    transcripts.py   lines -> Transcript: whether a file is one, and which of its lines are stamps
      cues.py        cues of SubRip and WebVTT -> what is said in them, and the rest
      speakers.py    whether what stands beside stamps names people
    speech.py        pieces -> paragraphs: cues of one speaker joined, his name before what he says
"""
