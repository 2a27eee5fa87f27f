"""Times as a sentence names them, years to hours, feasts and ages, so that one of them can answer "when"."""

from __future__ import annotations

import re

from retrieval.text.date_grammar import (
    AFTER_NUMERAL,
    CLOCK,
    DAY,
    FEAST,
    FIGURES,
    FULL_DATE,
    HAN_CLOCK,
    MONTH,
    MONTH_NAME,
    NUMBER,
    PART_OF_DAY,
    PART_OF_MONTH,
    RELATIVE_YEAR,
    SIGNED_YEAR,
    TO,
    WEEKDAY,
    anonymous,
)
from retrieval.text.units import UNIT

_YEAR = (
    rf"(?:公元前?\d+年|(?<![\d.,]){SIGNED_YEAR}|(?<![\d.,])[12]\d{{3}}(?:\s?年|(?![\d.,]|\s?(?:{UNIT}|[余多万亿])))|"
    rf"(?:距今)?约?\d+[万亿]?年前|{RELATIVE_YEAR})"
)
_MONTH = rf"{AFTER_NUMERAL}{MONTH}[初底末]?"
_DAY = rf"{AFTER_NUMERAL}{DAY}"
_PART = rf"(?:{PART_OF_DAY}|{'|'.join(PART_OF_MONTH)}|期间)"
_CLOCK = (
    rf"(?:{PART_OF_DAY}\s?(?:{CLOCK}|{HAN_CLOCK})|(?<![\d:]){CLOCK}|(?<!\d)(?=\d){HAN_CLOCK}|"
    rf"{AFTER_NUMERAL}{NUMBER}点(?:钟|半|[一两三]刻钟?))"
)
_AGE = (
    r"(?:公元前?)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})世纪(?:[\d一二三四五六七八九][0十]年代)?(?:[初中末]期?|[早后晚]期|中叶)?|"
    r"\d0年代(?:[初中末]期?|后期)?"
)
_DATE = (
    rf"(?:{FULL_DATE}|{_YEAR}(?:\s?{_MONTH}(?:\s?{_DAY})?)?|{_MONTH}(?:\s?{_DAY})?|{_DAY}|{FEAST}|{WEEKDAY})"
    rf"(?:(?:\s?at)?[t\s]?{_CLOCK}|{_PART})?"
)
TIME = re.compile(rf"{_AGE}|(?:{_DATE}|{_CLOCK})(?:{TO}(?:{_DATE}|{_CLOCK}))?")
GRAINS = {
    "clock": re.compile("[点时:]"),
    "day": re.compile(rf"[月日号期周节夕]|{anonymous(FIGURES)}|{MONTH_NAME}|day\b"),
    "year": re.compile(r"年|\d{4}"),
    "age": re.compile("世纪|年代"),
    "": re.compile(""),
}
"""What a time holds that is as fine as what was asked for, by the grain of ``Wanted``."""
EXACT = re.compile(rf"\d{{4}}|\d\s*[月日]|{MONTH_NAME}")
"""What a time holds that says which year, month or day, and not only which feast or hour."""
