import re
import tomllib

import pytest
from places import ROOT
from stub_encoder import StubEncoder

from bot.texts import negotiate, texts
from retrieval.answer.answerer import Answerer
from retrieval.types import Question

BOT = ROOT / "bot"


def test_every_text_is_there_in_both_languages_with_the_same_placeholders():
    table = tomllib.loads((BOT / "texts.toml").read_text(encoding="utf-8"))
    for key, entry in table.items():
        assert set(entry) == {"zh", "en"}, key
        if not key.endswith("_one"):
            assert sorted(re.findall(r"{\w+}", entry["zh"])) == sorted(re.findall(r"{\w+}", entry["en"])), key


def test_templates_and_script_ask_only_for_texts_that_exist():
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((BOT / "web").rglob("*.html")))
    asked = set(re.findall(r't\["(\w+)"\]', sources)) | set(re.findall(r'data-text(?:-[\w-]+)?="(\w+)"', sources))
    program = "".join(path.read_text(encoding="utf-8") for path in sorted((BOT / "web").rglob("*.js")))
    asked |= set(re.findall(r'\btext\("(\w+)"[,)]', program))
    assert asked - set(texts()["zh"]) == set()


def test_everything_an_explanation_may_name_is_named_in_both_languages(seed_snapshot):
    answer = Answerer(seed_snapshot, StubEncoder()).ask(Question("孙蕴华接听了多少个电话?", explain=True))
    [hit, *_] = answer.explanation.hits
    legs = {f"leg_{name}" for name in (*answer.explanation.weights, *hit.legs)}
    signals = {f"signal_{name}" for name in answer.explanation.signals}
    assert (legs | signals) - set(texts()["zh"]) == set()


@pytest.mark.parametrize(
    ("wanted", "accept", "language"),
    [
        ("en", "zh-CN", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en-GB,en;q=0.9,zh;q=0.8", "en"),
        (None, "fr;q=0.9, zh-TW;q=0.5, en;q=0.4", "zh"),
        (None, "fr,de", "en"),
        (None, "", "zh"),
        ("tlh", "en;q=x,zh", "zh"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_browsers_first(wanted, accept, language):
    assert negotiate(wanted, accept) == language
