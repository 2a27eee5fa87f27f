import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from handmade import FULL, LATEST
from http_client import client_of_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.contract import answer_json
from bot.links import words_query
from bot.reply import Asker
from bot.service import service as service_module
from bot.service.service import Service
from bot.service.status import index_status
from bot.service.working.turns import Overloaded
from bot.settings import ConversationSettings, Settings, load_settings
from bot.web.app import create_app
from bot.web.limits.amounts import MAX_BODY_BYTES
from bot.web.report_page import blocks_of, cut
from bot.web.shapes.asking import AskResponse
from retrieval.answer.answerer import Answerer
from retrieval.errors import SnapshotDamaged
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot, published
from retrieval.types import Answer, Question

CALLS = "孙蕴华接听了多少个电话"
ADMIN = {"Authorization": "Bearer open sesame, please"}


def stub_answerer(settings: Settings) -> Answerer:
    return StubAnswerer(load_snapshot(settings.index.path), StubEncoder())


@pytest.fixture(scope="module")
def client(stub_settings) -> Iterator[TestClient]:
    with client_of_app(
        create_app(Service(stub_settings, StubOpener(stub_answerer))), raise_server_exceptions=False
    ) as client:
        wait_until_ready(client)
        yield client


def wait_until_ready(client: TestClient) -> None:
    deadline = time.monotonic() + 30
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def problem(status: int, title: str, detail: str) -> dict:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def test_ask_returns_exactly_the_fields_of_the_contract(client):
    answer = client.post("/ask", json={"question": CALLS, "top_k": 3}).json()
    assert list(answer) == [
        "request_id", "conversation_id", "generation", "status", "confidence", "answer", "citations", "timings_ms"
    ]  # fmt: skip
    assert [citation["number"] for citation in answer["citations"]] == [1, 2, 3]
    assert list(answer["citations"][0]) == [
        "number", "document_id", "title", "date", "source", "paragraph", "start", "end", "quote", "url", "score",
        "version",
    ]  # fmt: skip
    assert list(answer["answer"]) == ["text", "span", "citation", "start", "end", "span_start", "span_end", "url"]


def test_every_quote_is_the_documents_text_between_its_offsets(client):
    answer = client.post("/ask", json={"question": CALLS, "top_k": 20}).json()
    assert len(answer["citations"]) == 20
    for citation in answer["citations"]:
        document = client.get(f"/documents/{citation['document_id']}").json()
        assert document["text"][citation["start"] : citation["end"]] == citation["quote"]
        paragraph = document["paragraphs"][citation["paragraph"] - 1]
        assert paragraph["start"] <= citation["start"] < citation["end"] <= paragraph["end"]
        url = urlsplit(citation["url"])
        assert (url.path, url.fragment) == (f"/documents/{citation['document_id']}/view", f"p{citation['paragraph']}")
        assert url.query == words_query(document["text"], citation["start"], citation["end"])
        assert citation["version"] == document["version"]
    cited = answer["citations"][answer["answer"]["citation"] - 1]
    said = answer["answer"]
    assert said["text"] == cited["quote"][said["start"] : said["end"]]
    assert said["span"] == (cited["quote"][said["span_start"] : said["span_end"]] if said["span"] else None)


def test_a_question_in_the_address_gets_the_same_answer(client):
    posted = client.post("/ask", json={"question": CALLS}).json()
    got = client.get("/ask", params={"q": CALLS}).json()
    for answer in (posted, got):
        del answer["request_id"], answer["conversation_id"], answer["timings_ms"]
    assert got == posted


def test_an_explanation_comes_only_when_asked_for(client):
    answer = client.post("/ask", json={"question": CALLS, "explain": True, "top_k": 1}).json()
    assert {"words", "weights", "signals", "hits"} <= set(answer["explanation"])
    assert "孙蕴华" in answer["explanation"]["words"]
    assert "explanation" not in client.post("/ask", json={"question": CALLS}).json()


def understood(client: TestClient, question: str, **body: object) -> tuple[str, str | None]:
    """Ask, and return the conversation's id and what the question was understood as."""
    answer = client.post("/ask", json={"question": question, **body}).json()
    return answer["conversation_id"], answer.get("understood_as")


def test_a_follow_up_is_understood_after_the_last_question_of_its_conversation(client):
    conversation, alone = understood(client, CALLS)
    assert alone is None
    follow_up = {"question": "那她多大年纪?", "conversation_id": conversation}
    assert client.post("/ask", json=follow_up).json()["understood_as"] == "孙蕴华多大年纪?"
    assert understood(client, "她是哪个部门的?", conversation_id=conversation)[1] == "孙蕴华是哪个部门的?"
    by_address = client.get("/ask", params={"q": "她什么时候报名的?", "conversation_id": conversation}).json()
    assert by_address["understood_as"] == "孙蕴华什么时候报名的?"


def test_other_conversations_and_questions_that_stand_alone_are_left_as_they_are(client):
    mine, _ = understood(client, CALLS)
    yours, _ = understood(client, "温海波站了几个小时?")
    for question, where in (
        ("那她多大年纪?", "nobody's"),
        ("温海波站了几个小时?", mine),
        ("其他志愿者做了什么?", yours),
    ):
        answer = client.post("/ask", json={"question": question, "conversation_id": where}).json()
        assert "understood_as" not in answer


def test_a_follow_up_that_is_asked_again_is_understood_as_before(client):
    asked, _ = understood(client, CALLS)
    for use_dates in (True, False):
        again = understood(client, "张贝呢?", conversation_id=asked, use_dates=use_dates)
        assert again == (asked, "张贝接听了多少个电话")


@pytest.mark.parametrize("given", ["mine", "", "a" * 10_000, "<b>\0 no such thing 会话", "0" * 32])
def test_a_conversation_id_that_the_server_did_not_give_begins_a_new_conversation(client, given):
    first, _ = understood(client, CALLS, conversation_id=given)
    second, alone = understood(client, "那她多大年纪?", conversation_id=given)
    assert (len({first, second, given}), alone) == (3, None)
    assert understood(client, "那她多大年纪?", conversation_id=first) == (first, "孙蕴华多大年纪?")
    assert client.get("/ask", params={"q": CALLS, "conversation_id": given}).status_code == 200


def test_a_conversation_is_forgotten_after_the_time_that_is_set(stub_settings):
    brief = stub_settings.model_copy(update={"conversation": ConversationSettings(minutes=0.001)})
    with client_of_app(create_app(Service(brief, StubOpener(stub_answerer)))) as client:
        wait_until_ready(client)
        conversation, _ = understood(client, CALLS)
        time.sleep(0.1)
        later, alone = understood(client, "那她多大年纪?", conversation_id=conversation)
        assert (later != conversation, alone) == (True, None)


def test_times_in_a_question_are_obeyed_unless_the_asker_says_otherwise(stub_settings):
    asked = []

    class Recorder(StubAnswerer):
        def ask(self, question: Question) -> Answer:
            asked.append(question)
            return super().ask(question)

    recorder = Recorder(load_snapshot(stub_settings.index.path), StubEncoder())
    with client_of_app(create_app(Service(stub_settings, StubOpener(lambda _: recorder)))) as client:
        wait_until_ready(client)
        for body in ({}, {"use_dates": False}):
            client.post("/ask", json={"question": CALLS, **body})
        client.get("/ask", params={"q": CALLS + "?", "use_dates": "false"})
    assert asked == [Question(CALLS), Question(CALLS, use_dates=False), Question(CALLS + "?", use_dates=False)]


def test_what_an_answer_need_not_say_is_left_out_and_what_it_says_fits_the_description():
    full = answer_json(FULL, "r1", "c1")
    assert list(full)[8:] == ["understood_as", "filters_applied", "supporting", "conflicting", "explanation"]
    assert full["understood_as"] == "2020年2月支部筹得多少善款?"
    assert full["filters_applied"] == [{"text": "2020年2月", "date_from": "2020-02-01", "date_to": "2020-02-29"}]
    same = {"text": "据统计,善款共2307元。", "span": "2307元", "citation": 2}
    url = "/documents/reports/b/view?mark=0-13&quote=ANwJejBtqQK85K5K#p1"
    assert full["supporting"] == [same | {"start": 0, "end": 13, "span_start": 7, "span_end": 12, "url": url}]
    other = {"text": "到2月3日,支部筹得善款2310元。", "span": "2310元", "citation": 3}
    url = "/documents/reports/c/view?mark=0-18&quote=ASDOiTOjC0SV5K5K#p2"
    assert full["conflicting"] == [other | {"start": 0, "end": 18, "span_start": 12, "span_end": 17, "url": url}]
    plain = json.loads(json.dumps(full))
    assert AskResponse.model_validate(plain).model_dump(mode="json", exclude_unset=True) == plain
    latest = answer_json(LATEST, "r1", "c1")
    assert list(latest)[8:] == ["filters_applied"]
    assert latest["filters_applied"] == [{"text": "最新", "date_from": None, "date_to": None}]


def test_every_field_that_the_interface_adds_is_described(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    asked, answered = schemas["AskRequest"]["properties"], schemas["AskResponse"]["properties"]
    fields = {name: answered[name] for name in ("understood_as", "filters_applied", "supporting", "conflicting")}
    fields |= {name: asked[name] for name in ("use_dates", "conversation_id", "explain")}
    assert [name for name, field in fields.items() if not field.get("description")] == []
    assert set(schemas["ExplainedHit"]["properties"]) == {
        "document_id", "paragraph", "score", "legs", "words", "pairs"
    }  # fmt: skip


def test_filters_leave_only_the_named_reports(client):
    body = {"question": "疫情防控", "top_k": 20, "filters": {"documents": ["003_45bc61790dac3a67"]}}
    answer = client.post("/ask", json=body).json()
    assert {citation["document_id"] for citation in answer["citations"]} <= {"003_45bc61790dac3a67"}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"question": ""}, "the question is empty: write what you want to know"),
        ({"question": "\x00\x07"}, "the question is empty: write what you want to know"),
        ({"question": "长" * 10_000}, "the question has 10,000 characters; ask in at most 1,000"),
        ({}, "question: Field required"),
        ({"question": 5}, "question: Input should be a valid string"),
        ({"question": "a", "top_k": 0}, "top_k: Input should be greater than or equal to 1"),
        ({"question": "a", "top_k": 21}, "top_k: Input should be less than or equal to 20"),
        ({"question": "a", "tok_k": 1}, "tok_k: Extra inputs are not permitted"),
        (
            {"question": "a", "filters": {"documents": ["\ud800"]}},
            "no report has the id '\\ud800': `wenbao documents` lists them",
        ),
        (
            {"question": "a", "filters": {"documents": ["nowhere"]}},
            "no report has the id 'nowhere': `wenbao documents` lists them",
        ),
    ],
)
def test_a_bad_question_is_told_what_is_wrong(client, body, detail):
    response = client.post("/ask", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == problem(422, HTTPStatus(422).phrase, detail)


@pytest.mark.parametrize("question", ["!!!", "😀😀", "……", "'; DROP TABLE users; --", "<script>alert(1)</script>"])
def test_what_is_no_question_is_not_found(client, question):
    answer = client.post("/ask", json={"question": question}).json()
    assert (answer["status"], answer["answer"], answer["citations"]) == ("not_found", None, [])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=1100, alphabet=st.characters(exclude_categories=())))
def test_no_question_whatever_makes_the_server_fail(client, question):
    response = client.post("/ask", content=json.dumps({"question": question}))
    assert response.status_code in (200, 422)


def test_unknown_addresses_and_methods_are_problems_too(client):
    assert client.get("/nowhere").json() == problem(404, "Not Found", "Not Found")
    assert client.delete("/ask").json() == problem(405, "Method Not Allowed", "Method Not Allowed")
    detail = "no report has the id 'nowhere': GET /documents lists them"
    assert client.get("/documents/nowhere").json() == problem(404, "Not Found", detail)
    assert client.get("/documents/nowhere/view").json() == problem(404, "Not Found", detail)


def test_an_oversized_body_is_refused(client):
    response = client.post("/ask", content=b"x" * (MAX_BODY_BYTES + 1))
    assert response.json()["status"] == response.status_code == 413


def test_documents_are_listed_and_shown(client):
    listed = client.get("/documents").json()["documents"]
    assert listed[4] == {
        "document_id": "004_2ce852fb66e9e90e",
        "title": "战“疫”的堡垒 防控的屏障——株洲各级基层党组织抗击疫情综述",
        "title_derived": False,
        "date": "2020-02-01",
        "source": "株洲日报",
        "paragraphs": 31,
        "characters": 3059,
        "version": hashlib.sha256(client.get("/documents/004_2ce852fb66e9e90e").json()["text"].encode()).hexdigest()[
            :12
        ],
    }
    shown = client.get("/documents/004_2ce852fb66e9e90e").json()
    assert {key: shown[key] for key in listed[4] if key != "paragraphs"} | {"paragraphs": 31} == listed[4]
    assert len(shown["text"]) == 3059
    assert [paragraph["number"] for paragraph in shown["paragraphs"]] == list(range(1, 32))
    assert {"label": "editor", "value": "王珈"} in shown["metadata"]


def test_status_counts_what_is_indexed(client, stub_settings):
    status = client.get("/status").json()
    assert list(status) == ["generation", "documents", "passages", "encoder", "problems"]
    assert (status["documents"], status["encoder"]) == (5, "stub")
    assert status["generation"] == load_snapshot(stub_settings.index.path).generation


def test_the_index_is_verified_once_and_again_when_a_file_of_it_is_touched(own_settings, monkeypatch):
    read = []
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    monkeypatch.setattr(service_module, "index_status", lambda *of: read.append(of) or index_status(*of))
    service = Service(own_settings, StubOpener(stub_answerer))
    with client_of_app(create_app(service)) as client:
        wait_until_ready(client)
        first, second = client.get("/status").json(), client.get("/status").json()
        assert (len(read), first) == (1, second)
        passages = published(own_settings.index.path) / "passages.npy"
        passages.write_bytes(passages.read_bytes()[:-1])
        problems = client.get("/status").json()["problems"]
        told = client.get("/status", headers=ADMIN).json()["problems"]
    assert told == [f"{passages} was cut short or altered: run `wenbao index --rebuild`"]
    assert problems == ["… was cut short or altered: run `wenbao index --rebuild`"]
    assert len(read) == 2


def test_pages_may_load_nothing_from_elsewhere(client):
    for path in ("/", "/documents/004_2ce852fb66e9e90e/view", "/static/js/main.js", "/ask?q=x"):
        policy = client.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    html = client.get("/docs").text
    assert "http://" not in html
    assert "https://" not in html


def test_the_report_page_marks_what_it_is_asked_to(client):
    text = client.get("/documents/002_5bb256aa8cf2b42a").json()["text"]
    start = text.index("赵琴宝")
    html = client.get(f"/documents/002_5bb256aa8cf2b42a/view?mark={start}-{start + 3}").text
    assert html.count("<mark>") == 1
    assert "<mark>赵琴宝</mark>" in html
    assert "<mark>" not in client.get("/documents/002_5bb256aa8cf2b42a/view?mark=9-3").text
    assert "<mark>" not in client.get("/documents/002_5bb256aa8cf2b42a/view?mark=<script>").text


def test_a_reports_markup_is_shown_as_text(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "x.txt").write_text("<script>alert(1)</script>标题\n\n正文<b>一</b>句。", encoding="utf-8")
    (tmp_path / "config.yaml").write_text("corpus: {paths: [reports]}\n", encoding="utf-8")
    settings = load_settings(tmp_path / "config.yaml")
    build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    with client_of_app(create_app(Service(settings, StubOpener(stub_answerer)))) as client:
        wait_until_ready(client)
        html = client.get("/documents/x/view").text
    assert "正文&lt;b&gt;一&lt;/b&gt;句。" in html
    assert "<script>alert" not in html


def test_blocks_stand_in_reading_order_with_captions_between(stub_settings):
    document = load_snapshot(stub_settings.index.path).by_id["003_45bc61790dac3a67"]
    blocks = [(block["kind"], block["text"][:8]) for block in blocks_of(document)]
    at = blocks.index(("caption", "里水机关卫计党支"))
    assert blocks[at - 1 : at + 3] == [
        ("paragraph", "抗击疫情的指导文"),
        ("caption", "里水机关卫计党支"),
        ("heading", "B 不忘初心"),
        ("heading", "奋战一个多月无怨"),
    ]


@given(text=st.text(max_size=40), edges=st.tuples(*[st.integers(0, 50)] * 4))
def test_cutting_at_a_mark_loses_nothing(text, edges):
    start, end = sorted(min(edge, len(text)) for edge in edges[:2])
    pieces = cut(text, start, end, edges[2:])
    assert "".join(piece for piece, _ in pieces) == text[start:end]
    assert "".join(piece for piece, marked in pieces if marked) in ("", text[max(start, edges[2]) : min(end, edges[3])])


def test_before_the_index_is_open_the_server_lives_but_is_not_ready(stub_settings):
    gate = threading.Event()

    def slow(settings: Settings) -> Answerer:
        gate.wait(30)
        return stub_answerer(settings)

    with client_of_app(create_app(Service(stub_settings, StubOpener(slow)))) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        for response in (client.get("/readyz"), client.post("/ask", json={"question": CALLS})):
            assert response.json()["detail"] == "the reports are still being loaded: try again in a few seconds"
            assert (response.status_code, response.headers["retry-after"]) == (503, "2")
        gate.set()
        wait_until_ready(client)


def test_an_index_that_cannot_be_opened_is_said_to_every_asker(stub_settings):
    def refuse(_: Settings) -> Answerer:
        raise SnapshotDamaged("the index is damaged: run `wenbao index --rebuild`")

    with client_of_app(create_app(Service(stub_settings, StubOpener(refuse)))) as client:
        deadline = time.monotonic() + 30
        while "damaged" not in client.get("/readyz").json()["detail"]:
            assert time.monotonic() < deadline
        response = client.post("/ask", json={"question": CALLS})
    assert response.json() == problem(503, "Service Unavailable", "the index is damaged: run `wenbao index --rebuild`")


def test_more_questions_than_the_queue_holds_are_told_to_come_back(stub_settings):
    gate = threading.Event()

    class Slow:
        snapshot = load_snapshot(stub_settings.index.path)

        def ask(self, *_: object, **__: object) -> Answer:
            gate.wait(30)
            return FULL

    async def crowd() -> list[object]:
        service = Service(stub_settings, StubOpener(lambda _: Slow()))
        await service.start()
        waiting = [asyncio.ensure_future(service.ask(Question("q"), Asker("web", who))) for who in "abc"]
        await asyncio.sleep(0.05)
        gate.set()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        service.close()
        return outcomes

    first, second, third = asyncio.run(crowd())
    assert (first, second) == (FULL, FULL)
    assert isinstance(third, Overloaded)
