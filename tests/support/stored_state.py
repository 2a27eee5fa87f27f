"""What a generation in the database is, read row by row; and what it should be, made of its reports slowly."""

from __future__ import annotations

import json
import zlib
from collections import Counter

from retrieval.corpus import PASSAGE_CHARACTERS, split_document
from retrieval.index.cutting import cut_texts
from retrieval.index.documents_file import document_from
from retrieval.index.oceanbase.codes import code_from, code_of
from retrieval.index.oceanbase.tables import GENERATIONS, LEGS, PASSAGES, REPORTS, ROW_BITS, TERMS, TEXTS, key_of
from retrieval.index.relations.finding import find_relations
from retrieval.index.relations.relations import relations_from


def state_of(database, number):
    """Return all that a reader of a generation finds."""
    ((manifest, related),) = database.rows(f"SELECT manifest, relations FROM {GENERATIONS} WHERE number = %s", [number])
    about, alive = json.loads(manifest), "born <= %s AND died > %s"
    reports = database.rows(f"SELECT report, content, passages, asides FROM {REPORTS} WHERE {alive}", [number, number])
    numbers = [int(report) for report, *_ in reports]
    places = database.rows(f"SELECT * FROM {PASSAGES} ORDER BY passage")
    own = [row for row in places if row[0] >> ROW_BITS in numbers]
    space = about["space"]
    legs = ", ".join(LEGS)
    texts = database.rows(f"SELECT text, matched, vector, tokens, {legs} FROM {TEXTS.format(space=space)}")
    terms = database.rows(
        f"SELECT leg, code, passages FROM {TERMS.format(space=space)} WHERE {alive}", [number, number]
    )
    used = {row[1] for row in own}
    return {
        "reports": {
            int(report): (document_from(json.loads(zlib.decompress(content))), int(passages), json.loads(asides))
            for report, content, passages, asides in reports
        },
        "passages": [(row[0] >> ROW_BITS, row[0] & ((1 << ROW_BITS) - 1), *row[1:]) for row in own],
        "texts": {
            key: (matched, json.loads(vector), tokens, [sorted(leg.split()) for leg in codes])
            for key, matched, vector, tokens, *codes in texts
            if key in used
        },
        "terms": {(int(leg), code_from(code)): int(passages) for leg, code, passages in terms},
        "lengths": about["lengths"],
        "counts": (about["manifest"]["documents"], about["manifest"]["passages"]),
        "relations": relations_from(json.loads(zlib.decompress(related))),
    }


def made_of(documents, encoder, numbers, passage_characters=PASSAGE_CHARACTERS):
    """Return what a generation of these reports should be, whose rows have these numbers, by id."""
    passages = [[*split_document(document, passage_characters)] for document in documents]
    every = [passage for own in passages for passage in own]
    texts = list(dict.fromkeys(passage.matched for passage in every))
    encoded, cut = encoder.encode_queries(texts), cut_texts(texts)
    by_text = {text: [cut[leg][place] for leg in LEGS] for place, text in enumerate(texts)}
    terms, lengths = Counter(), Counter(dict.fromkeys(LEGS, 0))
    for passage in every:
        for leg, held in enumerate(by_text[passage.matched]):
            lengths[LEGS[leg]] += len(held)
            terms.update((leg, code_of(term)) for term in set(held))
    return {
        "reports": {
            numbers[document.document_id]: (document, len(own), [at for at, one in enumerate(own) if one.aside])
            for document, own in zip(documents, passages, strict=True)
        },
        "passages": sorted(
            (numbers[one.document_id], at, key_of(one.matched), *_place(one))
            for own in passages
            for at, one in enumerate(own)
        ),
        "texts": {
            key_of(text): (
                text,
                [float(f"{value:.6g}") for value in vector.tolist()],  # as the server writes it
                tokens.tobytes(),
                [sorted(map(code_of, held)) for held in by_text[text]],
            )
            for text, vector, tokens in zip(texts, encoded.vectors, encoded.tokens, strict=True)
        },
        "terms": dict(terms),
        "lengths": dict(lengths),
        "counts": (len(documents), len(every)),
        "relations": find_relations(documents, every),
    }


def numbers_of(database, number):
    """Return the numbers of a generation's reports, by id."""
    rows = database.rows(f"SELECT document_id, report FROM {REPORTS} WHERE born <= %s AND died > %s", [number, number])
    return {document_id: int(report) for document_id, report in rows}


def _place(passage):
    own = passage.text if passage.matched != passage.text else None
    return passage.paragraph or -passage.aside, passage.start, passage.end, own
