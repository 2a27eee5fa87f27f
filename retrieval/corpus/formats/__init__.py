"""One reader for each format: a function from a file's bytes to a Draft.

    registry.py   suffix -> reader, and which formats are read in a process of their own
    preload.py    what readers would load with a file, loaded before a worker gives up its rights
    markdown.py   ``.md``: front matter, headings, and the text between the marks
    html.py       ``.html``: the main text of a saved page, and what its meta tags say
      web/        its parts: the article's box, what stands around it, its lines, its day
    pdf.py        ``.pdf``: the text layer, without running headers and page numbers
      pages/      its parts: lines from characters, what runs around them, columns
    picture.py    ``.png``, ``.jpg``, ``.webp``, ``.tiff``: what was recognised on a photograph or scan
    docx.py       ``.docx``: the text as Word prints it, headings by their styles, tables by rows
      word/       its parts: paragraphs in reading order, their words, their numbers, styles

Plain text has no reader here; it is decoded and laid out by the room above. Others import ``registry``, which
loads the parser of a format when a file of that format is read, and workers ``preload``.
"""
