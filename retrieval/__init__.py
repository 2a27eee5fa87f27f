"""Finding, reading and citing the passage that answers: plain arguments in, frozen values out, no face and no settings.

    files -> corpus -> encoder -> index          what is built once
    question -> ranking -> answer                what happens for every question
    evaluation                                   the same answers, judged
    training                                     how the reader's weights are made; nobody imports it

Each room is a folder whose ``__init__`` is its map. They stand on floors, and a room imports only from floors below
it (``tests/test_architecture.py`` holds this):

    text, and the ground: types notices parts related recognised explained errors arrays disk cores installed
         processes
        <-  corpus, encoder  <-  index | question
        <-  ranking  <-  answer  <-  evaluation  <-  bot

``index`` and ``question`` never see each other, and an encoder knows no store.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# ONNX Runtime keeps a device's number on the disk and sends events to its makers, unless this is set before it loads.
