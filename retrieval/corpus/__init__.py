"""Files -> documents: one reader per format, plain text mended, metadata found."""

from retrieval.corpus.files import Corpus, check_file, find_files, read_corpus, read_report

__all__ = ["Corpus", "check_file", "find_files", "read_corpus", "read_report"]
