"""The process that compiles a SentenceTransformer: export, optimise, quantise, and compare with the reference.

Pooled vector and token vectors come from one graph of the whole model, with all its modules, so that any model can be
compiled that torch can export. Whatever fails is written down as a refusal; torch then runs the model.

    parent -> argument    ``CompileJob.as_json``
    child  -> parent      lines of JSON: {"done", "total"} steps, {"damaged": why there is no model}, {"disk": reason}
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.encoder.compiled import Compiled, Outcome, Refusal, file_digests, write_outcome
from retrieval.encoder.embedding_table import TABLE
from retrieval.encoder.onnx_model import OnnxEncoder
from retrieval.encoder.protocol import Encoded, Runtime, Task
from retrieval.encoder.tokenizer import TOKENIZER_FILES, WHOLE, write_lean
from retrieval.encoder.torch_model import TorchEncoder, pooled_and_tokens
from retrieval.errors import ModelDamaged

LEAST_COSINE = 0.99
"""How near each vector of the sample must be to the reference's."""
OPSET = 17
STEPS = 5
KEPT = ("model.onnx", "weights.bin", TABLE, *TOKENIZER_FILES)
TASKS: tuple[Task, ...] = ("query", "document")
ANY_LENGTH = 2**31
"""A tokenizer without a limit names a very large number."""

SAMPLE = (
    "孙蕴华累计接听了多少个求助电话?",
    "靜安區突擊隊分為多少個支援小組?",
    "How many masks did the pharmaceutical company in Zhuzhou donate?",
    "Кто собрал пожертвования?",
    "¿Quién repartió las comidas a los jóvenes?",
    "志愿者",
    "?",
    "截至4月10日,志愿者累计接听电话近400通,用专业、责任和担当架起病患生命和希望之间的重要“桥梁”。",
    "1月28日,位于株洲的一家药业有限公司连夜从邵阳调配5000个防护口罩,全部捐赠给芦淞区卫健局。\n\n" * 3,
    "The volunteers carried vegetables to every door, three flights up, until two in the morning. " * 5,
    "“突击队”共分为14个支援小组,对口支援各街镇一线,协助属地开展疫情流调、核酸检测、保障居家隔离等工作。" * 12,
)
"""Texts of several languages and lengths, the last one longer than most models read."""


class Unfit(Exception):
    """Why a model is not run compiled."""


def work() -> None:
    """Do the job in the argument, and leave its outcome in the target folder."""
    job = json.loads(sys.argv[1])
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the libraries print must not be taken for a reply

    def report(**message: object) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    target = Path(job["target"])
    try:
        write_outcome(target, compiled(Path(job["folder"]), target, job["runtime"], job["prompts"], report))
    except ModelDamaged as error:
        report(damaged=str(error))
    except OSError as error:
        report(disk=error.strerror or str(error))


def compiled(
    folder: Path,
    target: Path,
    runtime: Runtime,
    prompts: dict[str, str],
    report: Callable[..., None],
    least_cosine: float = LEAST_COSINE,
) -> Outcome:
    """Compile a model's folder into ``target``; ModelDamaged if it is none, OSError if the disk is full.

    A model is refused if any vector of the sample is less like the reference's than ``least_cosine``.
    """
    steps = iter(range(STEPS + 1))

    def step() -> None:
        gc.collect()  # graphs are full of cycles, and gigabytes of them would wait for the end
        report(done=next(steps), total=STEPS)

    step()
    reference = TorchEncoder(folder, prompts)
    try:
        if not reference.gives_tokens:
            raise Unfit("it is no transformer with a fast tokenizer")
        return _compiled(reference, target, runtime, step, least_cosine)
    except OSError:
        raise
    except Exception as error:  # exporters raise whatever they stumble over
        lines = str(error).strip().splitlines() or [""]
        return Refusal(lines[0] if isinstance(error, Unfit) else f"{type(error).__name__}: {lines[0][:200]}")


def _compiled(
    reference: TorchEncoder, target: Path, runtime: Runtime, step: Callable[[], None], least_cosine: float
) -> Compiled:
    sample = {task: reference.encode(SAMPLE, task) for task in TASKS}
    step()
    model, exported, graph = reference.model, target / "exported.onnx", target / "optimised.onnx"
    inputs = _export(model, exported)
    _write_tokenizer(model, target)
    heads, hidden = (getattr(model[0].auto_model.config, name, 0) for name in ("num_attention_heads", "hidden_size"))
    texts = [model.tokenizer(text, truncation=True, return_tensors="np") for text in SAMPLE]
    samples = [{name: text[name].astype(np.int64) for name in inputs} for text in texts]
    prompts: dict[str, str] = {task: reference.prompt(task) for task in TASKS}
    pad = int(model.tokenizer.pad_token_id or 0)
    del model, reference.model  # the next steps need its memory
    step()
    optimise(exported, graph, heads, hidden, approximate=runtime == "int8")
    step()
    if runtime == "int8":
        from retrieval.encoder.compiling.quantise import quantise_graph

        quantise_graph(graph, target / "quantised.onnx", samples)
        graph = target / "quantised.onnx"
    table = _write(graph, target)
    for path in target.iterdir():
        if path.name not in KEPT:
            path.unlink()
    step()
    unchecked = Compiled(inputs, table, prompts, pad, cosine=0.0, files=file_digests(target))
    cosine = _least_cosine(OnnxEncoder(target, unchecked), sample)
    if not cosine >= least_cosine:
        raise Unfit(
            f"its vectors differ too much: cosine {cosine:.4f} to those of torch, at least {least_cosine} is wanted"
        )
    step()
    return replace(unchecked, cosine=round(cosine, 5))


def _write_tokenizer(model: Any, target: Path) -> None:  # noqa: ANN401 - a SentenceTransformer
    """Write the tokenizer as sentence-transformers set it up, cutting long texts short as it does."""
    tokenizer, limit = model.tokenizer, model.max_seq_length
    rust = tokenizer.backend_tokenizer
    rust.no_padding()
    if limit is None or limit >= ANY_LENGTH:
        rust.no_truncation()
    else:
        rust.enable_truncation(limit, direction=tokenizer.truncation_side)
    rust.save(str(target / WHOLE), pretty=False)
    write_lean(target)


def _export(model: Any, path: Path) -> tuple[str, ...]:  # noqa: ANN401 - a SentenceTransformer
    """Write the graph of the whole model; return the names of its inputs."""
    import torch

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return pooled_and_tokens(self.model, dict(zip(inputs, features, strict=True)))

    model[0].auto_model.set_attn_implementation("eager")  # the optimiser fuses no other kind; the numbers are the same
    features = model.tokenizer(list(SAMPLE[:2]), padding=True, return_tensors="pt")
    inputs = tuple(name for name in ("input_ids", "attention_mask", "token_type_ids") if name in features)
    axes = {0: "batch", 1: "tokens"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what tracing warns of is caught by the comparison with the reference
        torch.onnx.export(
            Whole().eval(),
            tuple(features[name] for name in inputs),
            str(path),
            input_names=list(inputs),
            output_names=["sentence_embedding", "token_embeddings"],
            dynamic_axes={**dict.fromkeys(inputs, axes), "sentence_embedding": {0: "batch"}, "token_embeddings": axes},
            opset_version=OPSET,
            dynamo=False,  # of the graph that the newer exporter makes, ONNX Runtime fuses no attention
        )
    return inputs


def optimise(source: Path, target: Path, heads: int, hidden: int, *, approximate: bool) -> None:
    """Fuse attention and GELU into the operators that ONNX Runtime has for them.

    ``approximate`` lets GELU be computed with tanh, which is faster and errs less than int8 does.
    """
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    from retrieval.encoder.compiling.layer_norm import take_norms_apart

    options = FusionOptions("bert")
    options.enable_gelu_approximation = approximate
    fused = optimizer.optimize_model(
        str(source), "bert", num_heads=heads, hidden_size=hidden, optimization_options=options, opt_level=0
    )
    take_norms_apart(fused.model)
    fused.save_model_to_file(str(target), use_external_data_format=True)


def _write(source: Path, target: Path) -> str | None:
    """Write the graph that is run, its tensors in a file beside it; return the input that the word embedding became."""
    import onnx

    from retrieval.encoder.compiling.embedding import lift_table

    model = onnx.load(str(source))
    table = lift_table(model, target / TABLE)
    onnx.save_model(
        model,
        str(target / "model.onnx"),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="weights.bin",
    )
    return table


def _least_cosine(encoder: OnnxEncoder, sample: dict[Task, Encoded]) -> float:
    """Return the least cosine to the reference, text by text and in batches; Unfit if the tokens are others."""
    cosines = []
    for task, expected in sample.items():
        alone = Encoded.joined(([row], encoder.encode([text], task)) for row, text in enumerate(SAMPLE))
        for found in (alone, encoder.encode(SAMPLE, task)):
            cosines += [float(cosine) for cosine in (found.vectors * expected.vectors).sum(axis=1)]
            if any(
                not np.array_equal(ours["span"], theirs["span"])
                for ours, theirs in zip(found.tokens, expected.tokens, strict=True)
            ):
                raise Unfit("its texts are cut into other tokens")
    return min(cosines)
