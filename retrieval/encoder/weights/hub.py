"""Models by name: found on this machine or fetched from the model hub, within seconds or not at all."""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from retrieval.encoder.protocol import NAME
from retrieval.errors import ModelUnavailable

HUB_SECONDS = 4.0
"""How long to look for the model hub before saying that it cannot be reached."""


def fetch_from_hub(name: str) -> Path:
    """Return the local folder of a hub model, downloading it if the hub answers.

    ModelUnavailable, within seconds, if there is no such model or the hub does not answer.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    repository = _repository(name)
    remedy = f"use encoder.model: {NAME} (it comes with the installation), or the path of a folder that holds the model"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except HFValidationError as error:
        raise ModelUnavailable(f"{name} is neither a folder nor the name of a hub model: {remedy}") from error
    except LocalEntryNotFoundError:
        pass
    if not _hub_answers():
        raise ModelUnavailable(f"{name} is not on this machine and the model hub cannot be reached: {remedy}")
    try:
        HfApi().model_info(repository, timeout=HUB_SECONDS)  # the download itself would wait for a silent hub for ever
        ignored = ["*.onnx", "onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.gguf"]
        return Path(snapshot_download(repository, ignore_patterns=ignored, etag_timeout=HUB_SECONDS))
    except Exception as error:  # proxies and login pages make the hub's client raise anything
        raise ModelUnavailable(f"{name} could not be fetched from the model hub: {remedy}") from error


def is_on_this_machine(name: str) -> bool:
    """Whether a hub model was fetched before; nothing is asked of the hub."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        snapshot_download(_repository(name), local_files_only=True)
    except (HFValidationError, LocalEntryNotFoundError):
        return False
    return True


def _repository(name: str) -> str:
    return name if "/" in name else f"sentence-transformers/{name}"


def _hub_answers() -> bool:
    """Whether the hub's host takes a connection; a name server that never answers counts as no."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    address = urlsplit(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or constants.ENDPOINT)
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        port = address.port or (80 if address.scheme == "http" else 443)
        attempt = pool.submit(socket.create_connection, (address.hostname, port), HUB_SECONDS)
        attempt.result(timeout=HUB_SECONDS + 1).close()
    except (OSError, TimeoutError):
        return False
    finally:
        pool.shutdown(wait=False)
    return True
