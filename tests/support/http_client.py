"""A client of an application in this process, which calls it by a name that any server answers to."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

ADDRESS = "http://127.0.0.1"


def client_of_app(app: FastAPI, **options: Any) -> TestClient:
    """Return a client; used in a ``with`` block, it starts the application."""
    return TestClient(app, base_url=ADDRESS, **options)
