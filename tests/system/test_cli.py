"""The command line, as a user types it: real processes, the real offline model on the seeds."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PLAIN, SEEDS, run, write_config

from bot.terminal.progress import STAGES, progress_bar


@pytest.fixture(scope="module")
def indexed(tmp_path_factory) -> Path:
    config = write_config(tmp_path_factory.mktemp("cli"))
    receipt = json.loads(run("index", "--json", "--config", config).stdout)
    assert (receipt["documents"], receipt["embedded"], receipt["reused"], receipt["skipped"]) == (5, 102, 0, [])
    return config


def one_line(text: str) -> str:
    assert text.count("\n") == 1, text
    return text.strip()


def test_help_names_every_command():
    shown = run("--help")
    assert shown.returncode == 0
    commands = ("index", "ask", "serve", "status", "documents", "feedback", "evaluate", "backup", "restore", "doctor")
    for command in (*commands, "encoder", "keys"):
        assert f"\n  {command} " in shown.stdout


@pytest.mark.parametrize("arguments", [["ask"], ["ask", "x", "--top-k", "0"], ["nonsense"], ["index", "--nonsense"]])
def test_wrong_usage_ends_with_status_2(arguments):
    assert run(*arguments).returncode == 2


def test_every_command_takes_a_configuration_and_a_missing_one_is_one_line(tmp_path):
    alone = (["index"], ["serve"], ["status"], ["documents"], ["feedback"], ["doctor"], ["keys"])
    with_file = (
        ["evaluate", "x"],
        ["backup", "x"],
        ["restore", "x"],
        ["encoder", "export", "x"],
        ["encoder", "import", "x"],
    )
    for arguments in (*alone, ["ask", "x"], ["keys", "revoke", "x"], *with_file):
        ended = run(*arguments, "--config", tmp_path / "none.yaml")
        assert ended.returncode == 1
        assert one_line(ended.stderr).startswith(f"wenbao: no configuration file {tmp_path / 'none.yaml'}: ")


def test_indexing_again_embeds_nothing_and_keeps_the_generation(indexed):
    first = json.loads(run("status", "--json", "--config", indexed).stdout)
    receipt = json.loads(run("index", "--json", "--config", indexed).stdout)
    assert receipt.pop("seconds") < 60
    assert receipt == {
        "generation": first["generation"],
        "documents": 5,
        "passages": 102,
        "added": [],
        "changed": [],
        "removed": [],
        "skipped": [],
        "embedded": 0,
        "reused": 102,
    }
    assert first == {
        "generation": receipt["generation"],
        "documents": 5,
        "passages": 102,
        "encoder": "multilingual-e5-small",
        "problems": [],
    }


def test_asking_imports_neither_torch_nor_what_comes_with_it(indexed):
    code = """if True:
        import sys
        from bot.cli import main
        try:
            main()
        except SystemExit as end:
            heavy = {"torch", "transformers", "sentence_transformers", "huggingface_hub", "onnx", "sklearn", "scipy"}
            sys.stderr.write(f"{end.code} {sorted(heavy & set(sys.modules))}")
    """
    asked = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        code,
        "ask",
        "谁带队把生活用品送到留观点？",
        "--json",
        "--config",
        indexed,
    ]
    ended = subprocess.run(asked, env={**os.environ, **PLAIN}, capture_output=True, encoding="utf-8", check=True)
    assert ended.stderr == "0 []"
    assert json.loads(ended.stdout)["status"] == "answered"


def test_asking_in_json_prints_the_contracts_object_and_nothing_else(indexed):
    ended = run("ask", "温海波站了几个小时?", "--json", "--top-k", "2", "--config", indexed)
    answer = json.loads(ended.stdout)
    assert answer["status"] == "answered"
    assert "一站就是18个小时" in answer["answer"]["text"]
    assert [citation["number"] for citation in answer["citations"]] == [1, 2]
    assert ended.stderr == ""


def test_asking_shows_the_sentence_and_the_citations_in_80_columns(indexed):
    shown = run("ask", "温海波站了几个小时?", "--config", indexed).stdout
    assert "[1] 《筑牢战“疫”堡垒 当好抗疫排头兵》 · ¶10 · 003_45bc61790dac3a67" in shown
    widths = [sum(2 if character > "\u2e7f" else 1 for character in line) for line in shown.splitlines()]
    assert max(widths) <= 80


def test_an_empty_or_overlong_question_is_one_line(indexed):
    for question, words in (("", "the question is empty"), ("长" * 1001, "the question has 1,001 characters")):
        ended = run("ask", question, "--config", indexed)
        assert ended.returncode == 1
        assert words in one_line(ended.stderr)


def test_documents_are_listed_and_shown_with_numbered_paragraphs(indexed):
    listed = run("documents", "--config", indexed).stdout
    assert [path.stem for path in sorted(SEEDS.iterdir())] == [
        line.split()[0] for line in listed.splitlines() if line[:3].isdigit()
    ]
    shown = run("documents", "003_45bc61790dac3a67", "--config", indexed).stdout
    assert "B 不忘初心 · 奋战一个多月无怨言\n   7 疫情发展至今" in shown
    whole = json.loads(run("documents", "003_45bc61790dac3a67", "--json", "--config", indexed).stdout)
    assert whole["paragraphs"][6]["heading"] == "B 不忘初心 · 奋战一个多月无怨言"
    unknown = run("documents", "nowhere", "--config", indexed)
    assert unknown.returncode == 1
    assert one_line(unknown.stderr) == "wenbao: no report has the id 'nowhere': `wenbao documents` lists them"


def test_without_an_index_documents_and_status_say_what_to_do(tmp_path):
    config = write_config(tmp_path)
    ended = run("documents", "--config", config)
    assert ended.returncode == 1
    remedy = f"there is no index in {tmp_path / '.wenbao'}: run `wenbao index`"
    assert one_line(ended.stderr) == f"wenbao: {remedy}"
    said = run("status", "--json", "--config", config)
    assert (said.returncode, json.loads(said.stdout)["problems"]) == (1, [remedy])
    assert run("status", "--config", config).returncode == 1


def test_asking_without_an_index_builds_it_first(tmp_path):
    (tmp_path / "reports").mkdir()
    shutil.copy(SEEDS / "003_45bc61790dac3a67.txt", tmp_path / "reports")
    ended = run("ask", "温海波站了几个小时?", "--json", "--config", write_config(tmp_path, tmp_path / "reports"))
    assert json.loads(ended.stdout)["citations"][0]["document_id"] == "003_45bc61790dac3a67"


def test_a_damaged_index_is_named_with_the_command_that_mends_it(indexed, tmp_path):
    shutil.copytree(indexed.parent, tmp_path / "copy")
    config = tmp_path / "copy" / "config.yaml"
    (vectors,) = (tmp_path / "copy" / ".wenbao").glob("generations/*/vectors.faiss")
    vectors.write_bytes(vectors.read_bytes()[:-1])
    ended = run("ask", "x", "--config", config)
    assert ended.returncode == 1
    damage = f"{vectors} was cut short or altered: run `wenbao index --rebuild`"
    assert one_line(ended.stderr) == f"wenbao: {damage}"
    for options in ([], ["--verify"]):
        said = run("status", "--json", *options, "--config", config)
        assert (said.returncode, json.loads(said.stdout)["problems"]) == (1, [damage])
    assert run("index", "--rebuild", "--config", config).returncode == 0
    for options, expected in (([], (0, [])), (["--verify"], (1, [damage]))):  # the damaged one is still kept
        said = run("status", "--json", *options, "--config", config)
        assert (said.returncode, json.loads(said.stdout)["problems"]) == expected


def test_skipped_files_are_named_in_the_summary_and_in_status(tmp_path):
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "good.txt").write_text("标题\n\n正文在这里。", encoding="utf-8")
    (reports / "empty.txt").touch()
    config = write_config(tmp_path, reports)
    shown = "".join(run("index", "--config", config).stdout.split())  # a long path is wrapped anywhere
    assert "".join(f"skipped {reports / 'empty.txt'}: the file is empty".split()) in shown
    problems = json.loads(run("status", "--json", "--config", config).stdout)["problems"]
    assert problems == [f"skipped {reports / 'empty.txt'}: the file is empty"]


def test_serving_on_a_taken_port_is_one_line(indexed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run("serve", "--config", indexed, WENBAO_SERVER__PORT=str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert "set server.host and server.port, or end what uses it" in one_line(ended.stderr)


def test_ask_says_how_the_answer_was_found_when_told_to(indexed):
    asked = "ask", "温海波站了几个小时?", "--ignore-dates", "--config", indexed
    answer = json.loads(run(*asked, "--json", "--explain").stdout)
    assert {"words", "weights", "signals", "hits"} <= set(answer["explanation"])
    assert "filters_applied" not in answer
    assert "Signals: " in run(*asked, "--explain").stdout
    assert "Signals: " not in run(*asked).stdout


def test_without_a_terminal_each_stage_of_the_work_is_a_line_on_standard_error(capsys):
    with progress_bar(quiet=False) as progress:
        for stage in STAGES:
            progress(stage, 1, 2)
            progress(stage, 2, 2)
    assert capsys.readouterr().err.splitlines() == [f"{words} …" for words in STAGES.values()]


def test_evaluate_counts_hits_and_silence(indexed, tmp_path):
    questions = tmp_path / "questions.jsonl"
    evidence = [{"document": "003_45bc61790dac3a67", "quote": "一站就是18个小时"}]
    lines = [
        {"question": "温海波站了几个小时?", "answer": "18个小时", "evidence": evidence},
        {"question": "今天晚饭吃什么菜好?", "answer": None, "evidence": []},
    ]
    questions.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    figures = json.loads(run("evaluate", questions, "--json", "--config", indexed).stdout)
    [one] = figures["sets"]
    [group] = one["groups"]
    values = {measure: figure["value"] for measure, figure in group["rows"]["whole"].items()}
    assert {measure: values[measure] for measure in ("hit@1", "hit@3", "hit@10", "mrr@10", "ndcg@10", "sentence")} == {
        "hit@1": 1.0,
        "hit@3": 1.0,
        "hit@10": 1.0,
        "mrr@10": 1.0,
        "ndcg@10": 1.0,
        "sentence": 1.0,
    }
    assert (group["abstention"]["answerable"], group["abstention"]["unanswerable"]) == (1, 1)
    assert group["abstention"]["unanswerable_answered"] == 0
    assert Path(figures["saved"]).is_file()
