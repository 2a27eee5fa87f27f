"""Text -> sentences -> what the reports say to each: ``verifier.py`` shows the whole, ``types.py`` what comes out."""
