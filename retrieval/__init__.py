"""Reports in, verbatim answers with citations out. Synchronous, and free of configuration and of any face."""
