"""How the weights of the trained reader are made; nothing that answers questions imports this.

    examples   questions with passages -> what an index stores of their tokens -> batches
    model      the torch module: the encoder's upper layers with heads
    train      examples -> weights.pt, with figures on what is held back
    export     weights.pt -> ``retrieval/answer/trained/late_reader.onnx``, int8

The recipe, 2 cores, about three and a half hours. The mean of both rounds is what ships, because it reads better than
either what is unlike the data (tests/benchmarks/FINDINGS.md).

    python -m retrieval.training.train *.jsonl.gz --work W --minutes 90 --out first.pt
    python -m retrieval.training.train *.jsonl.gz --work W --minutes 90 --out weights.pt --start first.pt --average
    python -m retrieval.training.export weights.pt --examples newsqa.jsonl.gz

A line of the data: ``question``, ``passage``, ``start`` and ``end`` of the answer in the passage (-1: it is not
there), ``source``, ``pid`` of the passage, ``negative`` (near, hard, swap: why it is not there). NOTICE beside the
weights names the data.
"""
