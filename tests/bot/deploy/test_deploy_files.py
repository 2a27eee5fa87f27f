"""What is put into service without an engine here: files that name only what exists, and settings that are taken."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from pinned import DEPLOY
from places import ROOT
from stub_opener import StubOpener

from bot.service.service import Service
from bot.settings import ServerSettings, Settings, load_settings
from bot.web.app import create_app
from bot.web.limits.amounts import MAX_UPLOAD_BYTES

INSTRUCTIONS = {
    *("FROM", "RUN", "CMD", "LABEL", "EXPOSE", "ENV", "ADD", "COPY", "ENTRYPOINT", "VOLUME", "USER", "WORKDIR"),
    *("ARG", "ONBUILD", "STOPSIGNAL", "HEALTHCHECK", "SHELL"),
}
TOKENS = {"TELEGRAM_BOT_TOKEN", "WENBAO_ADMIN_TOKEN"}
UNIT = (DEPLOY / "wenbao.service").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with what stands after each, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def copied() -> list[tuple[str | None, list[str]]]:
    """Return the sources of each COPY, with the stage that they are taken from."""
    found = []
    for name, rest in instructions():
        if name == "COPY":
            *words, _target = shlex.split(rest)
            stage = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), None)
            found.append((stage, [word for word in words if not word.startswith("--")]))
    return found


def targets() -> set[str]:
    """Return what the Makefile makes."""
    return set(re.findall(r"^([\w./-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))


def environment_of_image() -> dict[str, str]:
    words = [word for name, rest in instructions() if name == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def environment_of_unit() -> dict[str, str]:
    words = re.findall(r"^Environment=(.+)$", UNIT, flags=re.MULTILINE)
    return dict(shlex.split(word)[0].split("=", 1) for word in words)


def settings_with(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in environment.items():
        if name.startswith("WENBAO_"):
            monkeypatch.setenv(name, value)
    return load_settings(ROOT / "config.yaml")


# The image


def test_the_dockerfile_has_only_instructions_that_exist():
    assert {name for name, _ in instructions()} - INSTRUCTIONS == set()
    assert instructions()[0][0] == "FROM"


def test_everything_that_the_dockerfile_copies_is_there_or_is_made_by_make():
    sources = [source for stage, sources in copied() if stage is None for source in sources]
    assert {source for source in sources if not (ROOT / source).exists()} - targets() == set()
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE))
    assert {stage for stage, _ in copied() if stage} <= stages


def test_the_engine_is_sent_what_the_dockerfile_copies_and_little_else():
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    kept = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    sources = {source for stage, sources in copied() if stage is None for source in sources}
    assert rules[0] == "*"
    assert {source for source in sources if not any(fnmatch(source, f"{one}*") for one in kept)} == set()
    assert {one for one in kept if not any(fnmatch(source, f"{one}*") for source in sources)} == set()


def test_the_image_runs_without_root():
    users = [rest for name, rest in instructions() if name == "USER"]
    after = [name for name, _ in instructions()]
    assert users == ["wenbao"]
    assert after.index("USER") > len(after) - 1 - after[::-1].index("RUN")


def test_the_packages_are_installed_by_their_hashes_and_the_encoder_is_imported_where_it_is_looked_for():
    runs = [shlex.split(rest) for name, rest in instructions() if name == "RUN"]
    installs = [run for run in runs if run[:2] == ["pip", "install"]]
    assert [("--require-hashes" in run, "--no-deps" in run) for run in installs] == [(True, False), (False, True)]
    [imported] = [run for run in runs if "encoder" in run]
    cache = environment_of_image()["WENBAO_ENCODER__CACHE"]
    assert imported == [f"WENBAO_ENCODER__CACHE={cache}", "wenbao", "encoder", "import", "/tmp/encoder.zip"]


def test_health_is_asked_where_the_application_answers(own_settings):
    app = create_app(Service(own_settings, StubOpener()))
    [check] = [rest for name, rest in instructions() if name == "HEALTHCHECK"]
    [(port, path)] = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", check)
    assert (int(port), path) == (ServerSettings().port, "/healthz")
    assert "get" in app.openapi()["paths"][path]
    program = json.loads(check.partition("CMD")[2])
    assert program[:2] == ["python", "-c"]
    compile(program[2], "health check", "exec")
    assert [rest for name, rest in instructions() if name == "EXPOSE"] == [port]


def test_the_image_and_the_unit_set_settings_that_exist(monkeypatch):
    image, unit = environment_of_image(), environment_of_unit()
    found = settings_with(image, monkeypatch)
    assert (found.server.host, found.index.path) == ("0.0.0.0", Path("/var/lib/wenbao/index"))
    assert (found.corpus.paths, found.encoder.cache) == (
        (Path("/var/lib/wenbao/reports"),),
        Path("/opt/wenbao/encoder"),
    )
    monkeypatch.delenv("WENBAO_SERVER__HOST")
    beside = settings_with(unit, monkeypatch)
    assert beside == found.model_copy(update={"server": beside.server})
    assert beside.server.host == "127.0.0.1"
    assert image["ORT_DISABLE_TELEMETRY"] == unit["ORT_DISABLE_TELEMETRY"] == "1"


# The composition


def test_the_composition_names_what_is_there():
    [(name, service)] = COMPOSE["services"].items()
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    volumes = dict(volume.split(":") for volume in service["volumes"])
    assert (name, set(volumes)) == ("wenbao", set(COMPOSE["volumes"]))
    [declared] = [json.loads(rest) for name, rest in instructions() if name == "VOLUME"]
    assert list(volumes.values()) == declared


def test_the_composition_is_closed_to_other_machines_and_writes_only_in_its_volume():
    service = COMPOSE["services"]["wenbao"]
    assert service["ports"] == [f"127.0.0.1:{ServerSettings().port}:{ServerSettings().port}"]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_composition_passes_on_tokens_and_settings_that_exist():
    for name in set(COMPOSE["services"]["wenbao"]["environment"]) - TOKENS:
        section, key = name.removeprefix("WENBAO_").lower().split("__")
        assert key in Settings.model_fields[section].annotation.model_fields, name


# The unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_the_unit_is_one_that_systemd_understands(tmp_path):
    command = Path(sys.executable).with_name("wenbao")
    unit = tmp_path / "wenbao.service"
    unit.write_text(UNIT.replace("/opt/wenbao/venv/bin/wenbao", str(command)), "utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


def test_the_unit_starts_a_command_that_there_is_as_another_user_than_root():
    start = re.findall(r"^ExecStart=(.+)$", UNIT, flags=re.MULTILINE)
    assert start == ["/opt/wenbao/venv/bin/wenbao serve --config /etc/wenbao/config.yaml"]
    assert re.findall(r"^User=(.+)$", UNIT, flags=re.MULTILINE) == ["wenbao"]
    for line in ("ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "PrivateTmp=yes"):
        assert f"\n{line}\n" in UNIT


# In front of it


def test_proxies_pass_on_to_the_servers_port_and_let_through_what_it_takes():
    most, port = MAX_UPLOAD_BYTES // 2**20, ServerSettings().port
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    caddy = (DEPLOY / "Caddyfile").read_text("utf-8")
    assert f"client_max_body_size {most}m;" in nginx
    assert f"proxy_pass http://127.0.0.1:{port};" in nginx
    assert f"max_size {most}MiB" in caddy
    assert f"reverse_proxy 127.0.0.1:{port} {{" in caddy
    for text in (nginx, caddy):
        assert text.count("{") == text.count("}")


# The words about it


def test_the_readme_names_files_and_targets_that_there_are_and_is_short():
    text = (DEPLOY / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 60
    assert set(re.findall(r"\bmake ([a-z][\w./-]*)", text)) - targets() == set()
    listed = set(re.findall(r"`([\w.-]+)`", "".join(re.findall(r"^\|.*\| ", text, flags=re.MULTILINE))))
    assert listed == {path.name for path in DEPLOY.iterdir()} - {"README.md", "tools.txt"}


def test_no_file_names_a_registry():
    named = re.compile(r"\bpypi\b|docker\.io|ghcr|pythonhosted|index-url|find-links", re.IGNORECASE)
    assert [path.name for path in DEPLOY.iterdir() if named.search(path.read_text("utf-8"))] == []
