"""Pictures of pages -> their text: scans, photographs, and what only a picture shows in a PDF or a Word file.

    recogniser.py   a file's pages -> what was recognised on each; in a worker, a page at a time
      kept.py       recognised pages on disk, so that nothing is recognised twice
      worker.py     what the worker does: page of a file -> picture -> lines
      pictures.py   a page of a file as a picture
      engine.py     a picture -> lines with their places (RapidOCR)
    drawing.py      a page of a file -> a picture for people, in a worker too
    seen.py         what was recognised on a page, and as JSON
    rows.py         what was recognised on a page -> rows, as a PDF's text layer gives them

The readers of ``formats/`` say which pages are pictures (``Draft.unread``), are handed what was recognised on them, and
lay it out like any page. RapidOCR and Pillow come with the extra ``ocr``; only the worker imports them.
"""
