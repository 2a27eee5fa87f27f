"""Terms as codes: equally wide, never cut, and counted as the terms are."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.oceanbase.codes import WIDTH, bytes_of, code_from, code_of, coded, frequency_in, length_of

TERMS = st.text(min_size=1) | st.sampled_from(["date:2020-02-01", "the", "的", "𠮷", "İ", "*", "a b", "孙云华"])


@given(TERMS)
def test_a_code_is_eight_letters_and_digits_and_comes_back_from_its_bytes(term):
    code = code_of(term)
    assert (len(code), code.isascii(), code.isalnum(), code.lower()) == (WIDTH, True, True, code)
    assert code_from(bytes_of(code)) == code


@given(st.lists(TERMS, max_size=30))
def test_terms_are_counted_in_their_codes_as_they_are_in_the_text(terms):
    codes, counts = coded(terms), Counter(terms)
    assert length_of(codes) == len(terms)
    assert {term: frequency_in(codes, code_of(term)) for term in counts} == dict(counts)
    assert frequency_in(codes, code_of("wenbao")) == counts["wenbao"]


@pytest.mark.parametrize(("one", "other"), [("date:2020-02-01", "date:2020-02-02"), ("Sun", "sun"), ("été", "ete")])
def test_terms_that_a_server_takes_for_the_same_have_other_codes(one, other):
    assert code_of(one) != code_of(other)
