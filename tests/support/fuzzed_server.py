"""``make fuzz``: schemathesis against real servers with the stub encoder, by their OpenAPI description.

Once for everybody, once with the admin token, and once where everything takes a key.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from places import SEEDS
from processes import serving
from telegram_process import STUB

TOKEN = "fuzz-token-0123456789"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
GENEROUS = ["--suppress-health-check", "filter_too_much"]
"""Ids of reports are paths, most of which schemathesis makes in vain."""
MODES = {"open, as a stranger": ("open", False), "open, as admin": ("open", True), "keys, as admin": ("keys", True)}


def fuzz(schemathesis: str, access: str, options: list[str], *, is_admin: bool) -> int:
    """Serve a copy of the seeds, and return what schemathesis ends with."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(SEEDS, folder / "corpus")
        config = folder / "config.yaml"
        config.write_text(f"corpus: {{paths: [corpus]}}\nserver: {{port: 0, access: {access}}}\n", encoding="utf-8")
        header = ["--header", f"Authorization: Bearer {TOKEN}"] if is_admin else []
        with serving(config, STUB, WENBAO_ADMIN_TOKEN=TOKEN if is_admin else "") as (address, _):
            command = [schemathesis, "run", f"{address}/openapi.json", *header, "--checks", CHECKS, *GENEROUS]
            found = subprocess.run([*command, "--max-time", "60", "--request-timeout", "30", *options], cwd=folder)
    return found.returncode


if __name__ == "__main__":
    schemathesis, *options = sys.argv[1:]
    program = str(Path(schemathesis).absolute())
    results = {mode: fuzz(program, access, options, is_admin=admin) for mode, (access, admin) in MODES.items()}
    print(results)  # noqa: T201
    sys.exit(any(results.values()))
