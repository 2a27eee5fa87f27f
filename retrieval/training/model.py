"""The late reader as a torch module: the encoder's upper layers over question and passage, and four heads."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import Tensor, nn

from retrieval.encoder.sentence_encoder import SentenceEncoder

INNER = 7
"""The layer whose tokens the index stores; those above it are fine-tuned."""
WIDTH = 384
START_SCALE = 9.9
"""How long the tokens of the inner layer are, about; they are stored at length 1."""
NEVER = -1e4


class LateReader(nn.Module):
    """The upper layers of an encoder with a token of their own first, whose output says what is said of the whole."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        from transformers import BertModel

        # the default encoder is one of BERT's kind; its layers are what is kept of it
        model = BertModel.from_pretrained(
            folder or SentenceEncoder().folder, add_pooling_layer=False, attn_implementation="eager"
        )
        self.layers = nn.ModuleList(copy.deepcopy(layer) for layer in model.encoder.layer[INNER:])
        for module in self.layers.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0  # a short fine-tuning has no time to overfit
        self.scale = nn.Parameter(torch.tensor(START_SCALE))
        self.seg = nn.Parameter(torch.randn(2, WIDTH) * 0.02)
        self.cls = nn.Parameter(torch.randn(WIDTH) * 0.3)
        self.span, self.rel, self.null, self.ev = (nn.Linear(WIDTH, size) for size in (2, 1, 1, 1))

    def forward(self, tokens: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the logits of begin and end, ``(b, 1 + t)``, of relevance, ``(b,)``, and of evidence, ``(b, t)``.

        Those of "nowhere" stand first. ``tokens`` are ``(b, t, d)`` unit vectors; ``segments`` is 1 for tokens of the
        passage, ``mask`` 0 for padding.
        """
        hidden = torch.cat(
            [self.cls.expand(tokens.shape[0], 1, WIDTH), tokens * self.scale + self.seg[segments]], dim=1
        )
        seen = torch.cat([torch.ones_like(mask[:, :1]), mask], dim=1)
        hindered = (1 - seen[:, None, None, :].to(hidden.dtype)) * NEVER
        for layer in self.layers:
            found = layer(hidden, attention_mask=hindered)
            hidden = found[0] if isinstance(found, tuple) else found
        whole, rest = hidden[:, 0], hidden[:, 1:]
        spans = self.span(rest).masked_fill((segments * mask).unsqueeze(-1) == 0, NEVER)
        nowhere = self.null(whole)
        begin, end = (torch.cat([nowhere, spans[..., side]], dim=1) for side in (0, 1))
        return begin, end, self.rel(whole)[:, 0], self.ev(rest)[..., 0]


def load(path: Path) -> LateReader:
    """Return the reader with the weights of a file, float16 as they are saved."""
    reader = LateReader()
    reader.load_state_dict({name: value.float() for name, value in torch.load(path, weights_only=True).items()})
    return reader


def averaged(reader: LateReader, other: LateReader) -> LateReader:
    """Return a reader half-way between the weights of two, which keeps more of what only one of them knew.

    Wortsman et al., Robust fine-tuning of zero-shot models (2022).
    """
    between, theirs = copy.deepcopy(reader), other.state_dict()
    between.load_state_dict({name: (value + theirs[name]) / 2 for name, value in reader.state_dict().items()})
    return between


def save(reader: LateReader, path: Path) -> None:
    """Write the weights, float16."""
    torch.save({name: value.half() for name, value in reader.state_dict().items()}, path)
