"""Models by name: what is said where the hub gives none, and how long it is asked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from huggingface_hub import constants

from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.encoder.weights.hub import fetch_from_hub
from retrieval.errors import ModelUnavailable

REMEDY = (
    "use encoder.model: multilingual-e5-small (it comes with the installation), "
    "or the path of a folder that holds the model"
)


def message(call, *arguments):
    with pytest.raises(ModelUnavailable) as caught:
        call(*arguments)
    return str(caught.value)


@contextmanager
def server(reply):
    """Serve on loopback; `reply` is what every connection gets, None for silence. Yields the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    held = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            if reply is not None:
                connection.recv(4096)
                connection.sendall(reply)
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in held:
            connection.close()


def fetched(tmp_path, **environment):
    """Fetch a hub model in a process of its own, since the hub's client reads the environment when imported."""
    code = """if True:
        import sys
        from retrieval.encoder.weights.hub import fetch_from_hub
        from retrieval.errors import ModelUnavailable
        try:
            fetch_from_hub("some/model")
        except ModelUnavailable as error:
            sys.stdout.write(str(error))
    """
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = {**clean, "HF_HOME": str(tmp_path), **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout


def test_an_unknown_name_without_a_network_is_refused_with_the_remedy(monkeypatch):
    def refuse(*_):
        raise OSError("no network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert message(SentenceEncoder("no-such-model").encode_queries, ["你好"]) == (
        f"no-such-model is not on this machine and the model hub cannot be reached: {REMEDY}"
    )


def test_the_hub_is_not_asked_for_long_where_nothing_listens(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert fetched(tmp_path, HF_ENDPOINT=f"http://127.0.0.1:{port}") == (
        f"some/model is not on this machine and the model hub cannot be reached: {REMEDY}"
    )


def test_offline_mode_is_obeyed(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("asked the network"))
    assert message(fetch_from_hub, "no-such-model").startswith("no-such-model is not on this machine")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            b"HTTP/1.1 404 Not Found\r\nX-Error-Code: RepoNotFound\r\nContent-Length: 0\r\n\r\n", id="unknown"
        ),
        pytest.param(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", id="busy"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlogin", id="a login page"),
        pytest.param(b"what?\r\n\r\n", id="no HTTP"),
        pytest.param(None, id="silence"),
    ],
)
def test_a_hub_that_gives_no_model_is_a_clear_error(reply, tmp_path):
    with server(reply) as address:
        assert fetched(tmp_path, HF_ENDPOINT=address) == f"some/model could not be fetched from the model hub: {REMEDY}"


def test_a_proxy_that_refuses_is_a_clear_error(tmp_path):
    with server(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as address:
        text = fetched(tmp_path, HTTPS_PROXY=address, HF_ENDPOINT="https://hub.invalid")
    assert text == f"some/model could not be fetched from the model hub: {REMEDY}"


@pytest.mark.parametrize("name", ["/no/such/folder", "models/de/e5", "a name with spaces", "nothing/"])
def test_a_name_that_no_hub_model_can_have_is_said_to_be_none(name):
    text = message(SentenceEncoder(name).encode_queries, ["你好"])
    assert text == f"{name} is neither a folder nor the name of a hub model: {REMEDY}"
