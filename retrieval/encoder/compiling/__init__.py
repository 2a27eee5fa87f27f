"""A model -> a graph that ONNX Runtime runs fast: a process of its own, which alone imports torch and onnx.

    worker.py       the whole job, step by step: export, optimise, quantise, write, compare with the reference
    layer_norm.py   layer normalisation taken apart into what runs faster
    quantise.py     weights and activations in int8, with outliers evened out first
    embedding.py    the word embedding taken out of the graph

Nobody imports this room; ``compiled.py`` starts ``worker.work`` in another process. The tests and ``worker`` import the
rest.
"""
