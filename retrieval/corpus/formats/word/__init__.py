"""The parts of ``formats/docx.py``: what a Word file says is printed, found in its XML.

story.py          a body of text (the document, a note, a footer) -> its paragraphs in reading order
  text.py         one paragraph -> its words, as they are printed
  numbering.py    the numbers before paragraphs, counted as Word counts
    numerals.py   one number in one of Word's formats
  styles.py       styles, with what they have from others: headings, hidden text, the XML's small values
"""
