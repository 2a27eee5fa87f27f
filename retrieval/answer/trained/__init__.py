"""The trained reader: layers of the encoder, run over a question and stored tokens of passages together.

    choice       which reader reads, the trained one or the rules
    reader       passages -> readings: what the model says, checked by what the rules know
    windows      which tokens of the passages are read
    late_reader  question and windows -> scores (the weights are data, ``late_reader.onnx``; see NOTICE)
    spans        scores of tokens -> the words that begin and end best

``retrieval/training`` makes the weights. Other rooms import ``choice.reader_of``.
"""
