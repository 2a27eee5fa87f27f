"""One reader for each format: a function from a file's bytes to a Draft.

    registry.py   suffix -> reader, and which formats are read in a process of their own
    markdown.py   ``.md``: front matter, headings, and the text between the marks
    html.py       ``.html``: the main text of a saved page, and what its meta tags say
    pdf.py        ``.pdf``: the text layer, without running headers and page numbers
    docx.py       ``.docx``: paragraphs, headings by their styles, tables, boxes and notes

Plain text has no reader here; it is decoded and laid out by the room above. Others import ``registry`` only, which
loads the parser of a format when a file of that format is read.
"""
