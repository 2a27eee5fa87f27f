"""Examples -> weights: a few epochs of AdamW within a stated time, with figures on the examples that are held back."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from retrieval.answer.trained.spans import best_span
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.training.examples import Batch, Example, batch_of, batches, read_examples
from retrieval.training.model import LateReader, averaged, load, save

BATCH = 32
RATE = 1e-4
HEADS_RATE = 8
"""How many times as fast the heads learn, which begin from nothing."""
WARM_UP = 60
LAST_RATE = 0.02
EVIDENCE = 0.5
"""What the loss of the evidence counts for."""
SAVE_EACH = 1200.0


def main() -> None:
    """Train, and save the weights every twenty minutes and at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="where encoded texts are kept")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--average", action="store_true", help="save the mean of the weights and those gone on from")
    parser.add_argument("--rate", type=float, default=RATE)
    options = parser.parse_args()
    torch.manual_seed(0)
    random.seed(0)
    encoder = SentenceEncoder()
    examples = [one for path in options.data for one in read_examples(path, encoder, options.work)]
    held = [one for one in examples if one.is_held_back]
    known = [one for one in examples if not one.is_held_back]
    say(f"{len(known)} examples, {len(held)} held back")
    reader = load(options.start) if options.start else LateReader()
    train(reader, known, options.minutes * 60, options.out, options.rate)
    if options.start and options.average:
        reader = averaged(reader, load(options.start))
        save(reader, options.out)
    for source, figures in measured(reader, held).items():
        say(f"{source}: " + " ".join(f"{name} {value:.3f}" for name, value in figures.items()))


def train(reader: LateReader, known: Sequence[Example], seconds: float, out: Path, rate: float = RATE) -> None:
    """Train for so many seconds, with a rate that warms up and then falls to nearly nothing."""
    heads = [value for name, value in reader.named_parameters() if not name.startswith("layers")]
    groups = [{"params": reader.layers.parameters(), "lr": rate}, {"params": heads, "lr": rate * HEADS_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, betas=(0.9, 0.98))
    half = torch.backends.cpu.get_cpu_capability() == "AVX512"  # elsewhere it would be slower
    began, saved, step, running = time.monotonic(), 0.0, 0, 0.0
    while (spent := time.monotonic() - began) < seconds:
        for examples in batches(known, BATCH):
            spent = time.monotonic() - began
            if spent >= seconds:
                break
            now = min(1.0, (step + 1) / WARM_UP) * max(LAST_RATE, 1 - spent / seconds)
            for group, times in zip(optimiser.param_groups, (1, HEADS_RATE), strict=True):
                group["lr"] = rate * times * now
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                loss = loss_of(reader, batch_of(examples, cropped=True))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimiser.step()
            running = loss.item() if not step else 0.98 * running + 0.02 * loss.item()
            step += 1
            if step % 100 == 0:
                say(f"step {step} loss {running:.3f} {spent:.0f} s")
            if spent > saved + SAVE_EACH:
                saved = spent
                save(reader, out)
    save(reader, out)


def loss_of(reader: LateReader, batch: Batch) -> Tensor:
    """Return how wrong the reader is: where the answer begins and ends, whether it is there, which sentence has it."""
    found = reader(batch.tokens, batch.segments, batch.mask)
    begin, end, relevance, evidence = (value.float() for value in found)
    spans = (cross_entropy(begin, batch.begin) + cross_entropy(end, batch.end)) / 2
    counted = batch.segments * batch.answers[:, None]
    each = binary_cross_entropy_with_logits(evidence, batch.evidence, reduction="none") * counted
    sentences = each.sum() / counted.sum().clamp(min=1)
    return spans + binary_cross_entropy_with_logits(relevance, batch.answers) + EVIDENCE * sentences


@torch.no_grad()
def measured(reader: LateReader, examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Return figures by source: spans that are exact or overlap, and the AUROC of the margin."""
    reader.eval()
    rights: dict[str, list[tuple[float, float]]] = defaultdict(list)
    margins: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for start in range(0, len(examples), BATCH):
        some = examples[start : start + BATCH]
        batch = batch_of(some)
        begins, ends, _, _ = (found.numpy() for found in reader(batch.tokens, batch.segments, batch.mask))
        for begin, end, segments, one in zip(begins, ends, batch.segments.numpy(), some, strict=True):
            places = np.flatnonzero(segments)
            best = best_span(begin[1:][places], end[1:][places])
            margins[one.source].append((one.first >= 0, best.score - float(begin[0] + end[0])))
            if one.first >= 0:
                spans = one.passage.spans
                said = one.text[spans[best.first][0] : spans[best.last][1]].strip()
                overlaps = one.answer in said or (bool(said) and said in one.answer)
                rights[one.source].append((float(said == one.answer), float(overlaps)))
    reader.train()
    figures = {}
    for source, found in margins.items():
        exact, overlapping = np.mean(rights[source] or [(0.0, 0.0)], axis=0)
        truth, given = zip(*found, strict=True)
        auroc = float(roc_auc_score(truth, given)) if len(set(truth)) == 2 else float("nan")
        figures[source] = {"exact": float(exact), "overlap": float(overlapping), "auroc": auroc}
    return figures


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
