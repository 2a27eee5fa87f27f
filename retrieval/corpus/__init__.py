"""Files -> Document -> Passage: reports are read, mended, numbered and cut; nothing here knows an index or a question.

    files.py         corpus paths -> files -> documents, and a reason for every file that did not become one
      archive.py     a zip file -> its members, checked before anything is unpacked
      sandbox/       the process in which all files are read
      formats/       bytes of one format -> Draft, by suffix (``formats/registry.py``)
        encoding.py  bytes -> text
        layout.py    plain text or lines -> Draft: title, metadata, captions and text told apart
          lines.py       text -> lines, and lines glued together again
          metadata.py    one line -> date, source, byline, caption, or what surrounds a report on a web page
          habits.py      lines -> where a file wraps and indents, and what a line begins with
          paragraphs.py  lines -> paragraphs, headings and captions
          spoken/        lines of subtitles, transcripts and chats -> who said what (``spoken/transcripts.py``)
        tabular/       cells -> rows of a table, and which of them name the columns
        draft.py     Draft: what a reader makes of a file, as blocks
      recognition/   pictures of pages -> their text, with its places (the extra ``ocr``)
      readings.py    what an earlier run found, so that an unchanged file is not opened
      earlier.py     what reports keep of the published generation: their ids, and what cannot be had now
      documents.py   Draft -> Document: one text with numbered paragraphs
    passages.py      Document -> Passage: a paragraph or part of a long one, a table's row, a caption

Other rooms import what is named below, from here; that loads no parser of HTML, PDF or Word.
"""

from retrieval.corpus.files import (
    DEFAULT_MAX_BYTES,
    Corpus,
    check_file,
    find_files,
    original_files,
    read_corpus,
    read_report,
)
from retrieval.corpus.passages import PASSAGE_CHARACTERS, split_document
from retrieval.corpus.readings import FILE as READINGS
from retrieval.corpus.readings import Readings, kept_readings, state_of, write_readings
from retrieval.corpus.recognition.drawing import DrawnPage, draw_page
from retrieval.corpus.recognition.recogniser import Recogniser, installed_recogniser
from retrieval.corpus.sandbox import RIGHTS, Sandbox

__all__ = [
    "DEFAULT_MAX_BYTES",
    "PASSAGE_CHARACTERS",
    "RIGHTS",
    "READINGS",
    "Corpus",
    "DrawnPage",
    "Readings",
    "Recogniser",
    "Sandbox",
    "check_file",
    "draw_page",
    "find_files",
    "installed_recogniser",
    "kept_readings",
    "original_files",
    "read_corpus",
    "read_report",
    "split_document",
    "state_of",
    "write_readings",
]
