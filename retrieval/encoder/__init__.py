"""Text -> vectors: one for the whole text and one for each token, by a model that is run on this machine's processor.

    protocol.py          Encoder: what everybody else knows of a model; Encoded: what it gives
    sentence_encoder.py  SentenceEncoder: the configured model, whatever runs it
      identity.py        what a model is: its fingerprint, and its folder in the cache
      weights/           where a model's files come from
      compiled.py        a model -> a compiled one in the cache, or why not
        compiling/       the process that compiles
      exported.py        a compiled model as one file, to and from machines that cannot compile it
      onnx_model.py      runs a compiled model, without torch
        tokenizer.py         text -> token ids, and the characters that each stands for
        embedding_table.py   token ids -> rows of the word embedding, outside of the graph
      torch_model.py     runs a model itself: the reference, and what stands in where none can be compiled
    tokens.py            token vectors as records of bytes, and back
    int8_products.py     inner products of a question's tokens with such records
    cached.py            CachedEncoder: remembers the last questions

An encoder knows no store. Other rooms import ``protocol``, ``tokens`` and ``int8_products``; whoever makes an encoder
also ``sentence_encoder``, ``exported`` and ``cached``. Only the process that compiles, and ``torch_model``, import
torch.
"""
