"""Chinese numerals written as Arabic ones, so that spellings meet.

A numeral is folded only where it is sure to be one: several characters with 百, 千, 万 or 亿 (一万一千), a sign of
zero in it (二〇二〇), or a measure word behind it (二十七人, 三月). Whatever else there is, 统一 as much as 十四五,
stays as it was, so that the words around it are still found. No library reads numerals here, because cn2an 0.5.24 is
slow to import, leaves folders named ``build``, ``example`` and ``src`` in site-packages, refuses 2.5万亿, and writes
统一 as 统1.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from retrieval.text.units import DECIMAL_UNITS, NUMERAL_UNITS, NUMERAL_UNITS_OF_ONE, NUMERAL_UNITS_OF_TENS

HAN_DIGIT = "〇零一二三四五六七八九十"
DIGITS = "〇零○一二三四五六七八九"
_ALL = "0-9" + DIGITS + "两十廿卅百千万亿"
_ORDINALS = "零一二三四五六七八九十"
_TO_ARABIC = str.maketrans("〇零○一二三四五六七八九两", "0001234567892")
_LONGEST = 40
"""Longer runs of numeral characters are no numbers; ``_LITERAL`` takes 15 digits, which a Decimal holds exactly."""

_ABOUT = "多|余(?!额)|几|来(?=[个名人岁天年])"

_MEASURED = {
    "零": re.compile("[时点例度]"),
    "一": re.compile(NUMERAL_UNITS_OF_ONE),
    "十": re.compile(f"{_ABOUT}|{NUMERAL_UNITS}"),
    "below ten": re.compile(NUMERAL_UNITS),
    "tens": re.compile(rf"{_ABOUT}|{NUMERAL_UNITS_OF_TENS}|[至到][{_ALL}]|\W|$"),
}
"""What stands behind a numeral that is a number, by the numeral."""

_FOUND = re.compile(
    rf"(?<![{_ALL}])(?:百分之(?P<percent>百(?![{_ALL}])|[{_ALL}]+(?:\.[0-9]+)?(?:点[{DIGITS}]+(?![{_ALL}]))?)"
    rf"|(?P<decimal>[{_ALL}]+点[{DIGITS}]+(?:[百千万亿]+|(?={DECIMAL_UNITS})))(?![{_ALL}])"
    rf"|(?P<run>[{_ALL}]+(?:(?<=[0-9])[.,](?=[0-9])[{_ALL}]+)*))"
)
_WORD_BEFORE = frozenset("统唯单之周期拜初其万逐同划合惟专均")
"""Characters that make a word with the numeral behind them: 统一, 周一, 其二."""
_NAME_BEHIND = re.compile("达[广院影集]|科[企集地股]")
"""What makes a name of a 万 before it."""
_METRIC = re.compile("[克瓦卡伏赫帕]")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_LITERAL = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,12})(\.[0-9]{1,3})?([百千]?)")
_DECIMAL = re.compile(rf"(?P<whole>[{_ALL}]+)点(?P<places>[{DIGITS}]{{1,6}})(?P<scale>[百千万亿]*)")
_ONE_TO_NINE = "[1-9一二两三四五六七八九]"
_BELOW_10000 = re.compile(
    rf"(?:(?P<千>{_ONE_TO_NINE})千)?(?:零?(?P<百>{_ONE_TO_NINE})百)?"
    rf"(?P<tens>零?(?P<十>{_ONE_TO_NINE})?十)?(?:(?P<zero>零)?(?P<一>{_ONE_TO_NINE}))?"
)


def fold_numerals(text: str) -> str:
    """Write Chinese numerals, and Arabic ones with 万 and the like, as plain Arabic numerals: 一万一千步 as 11000步.

    ``text`` is folded already: NFKC, lower case, Simplified. Ordinals up to ten keep, or get, their Chinese form
    (第一), because dictionaries know them as words; thousands separators and the zeros of 03月02日 go. Idempotent.
    """
    return _FOUND.sub(_folded, text)


def _folded(match: re.Match[str]) -> str:
    found, text, start, end = match[0], match.string, match.start(), match.end()
    if found.isascii():
        return _arabic(found, text, start, end)
    if match.lastgroup == "run":
        return _chinese(found, text, start, end)
    percent = match["percent"]
    if text[start - 1 : start] == "第":
        return found
    value = "100" if percent == "百" else number_of(percent or found)
    if value is None or _would_join(value, text, start, end):
        return found
    return f"{value}%" if percent else value


def _arabic(run: str, text: str, start: int, end: int) -> str:
    """Write a run of ASCII digits, points and commas as it is indexed."""
    if len(run) > 2:
        return run.replace(",", "") if _THOUSANDS.fullmatch(run) else run
    if text[start - 1 : start] == "第":
        ordinal = run[0] != "0" and int(run) <= 10 and not text.startswith("季度", end)
        return _ORDINALS[int(run)] if ordinal else run
    return run[1] if run[0] == "0" and run[1:].strip("0") and text[end : end + 1] in ("月", "日") else run


def _chinese(run: str, text: str, start: int, end: int) -> str:
    """Write a run of numeral characters in Arabic numerals if it is a number."""
    kilo = run[-1] == "千" and bool(_METRIC.match(text, end)) and not set("百千万亿") & set(run[:-1])
    number = run[:-1] if kilo else run
    value = None if kilo and _is_digits(number) else number_of(number)
    if value is None or not _is_number(run, value, text, start, end) or _would_join(value, text, start, end):
        return run
    return f"{value}千" if kilo else value


def _is_number(run: str, value: str, text: str, start: int, end: int) -> bool:
    """Whether the characters around a run of numeral characters, worth ``value``, say that it is a number."""
    before = text[start - 1 : start]
    if before == "第":
        return text.startswith("季度", end) or len(value) > 2 or int(value) > 10
    if run[0] == "十" and before in ("几", "数"):
        return False
    if set("百千万亿") & set(run):
        return not (run[-1] == "万" and _NAME_BEHIND.match(text, end))
    if len(run) == 1:
        return _is_counter(run, before, text, end)
    if not _is_digits(run):
        return before == "双" or bool(_MEASURED["tens"].match(text, end))
    if text.startswith("年", end):
        return len(run) == 4 or not set(run).isdisjoint("〇零○")
    return len(run) > 2 and not set(run).isdisjoint("〇零○")


def _is_digits(run: str) -> bool:
    """Whether ``run`` is several Chinese digits in a row, without 十 or a greater unit: 二〇二〇, also 三五 (天)."""
    return len(run) > 1 and not run.strip(DIGITS)


def _is_counter(digit: str, before: str, text: str, end: int) -> bool:
    """Whether a lone 零 to 十 counts something."""
    measured = _MEASURED.get("零" if digit in "〇○" else digit, _MEASURED["below ten"])
    return before not in _WORD_BEFORE and bool(measured.match(text, end))


def _would_join(value: str, text: str, start: int, end: int) -> bool:
    """Whether ``value`` would look like one number with its neighbour: 一百,五百人 as 100,500人."""
    whole = len(value.partition(".")[0])
    after_number = whole == 3 and bool(re.fullmatch(f"[{_ALL}],", text[max(start - 2, 0) : start]))
    behind = text[end : end + 2]
    return after_number or bool(re.fullmatch(rf"\.[0-9]|,[{_ALL}]" if whole <= 3 else r"\.[0-9]", behind))


@lru_cache(maxsize=65536)
def number_of(numeral: str) -> str | None:
    """Return the value of a Chinese, Arabic or mixed numeral in plain decimal writing; None if it is none.

    Digits without 十, 百, … are read one by one (二〇〇八: "2008"); a last digit behind 百 to 亿 counts the next
    smaller unit (三万五: "35000").
    """
    if not numeral or len(numeral) > _LONGEST:
        return None
    if _is_digits(numeral):
        return numeral.translate(_TO_ARABIC)
    decimal = _DECIMAL.fullmatch(numeral)
    value = _decimal(decimal) if decimal else _value(numeral.replace("廿", "二十").replace("卅", "三十"))
    return None if value is None else f"{value.normalize():f}"


def _decimal(match: re.Match[str]) -> Decimal | None:
    whole = _value(match["whole"])
    if whole is None or whole % 1:
        return None
    value = whole + Decimal(f"0.{match['places'].translate(_TO_ARABIC)}")
    for unit in match["scale"]:
        value *= {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[unit]
    return value


def _value(numeral: str) -> Decimal | None:
    for unit, power in (("亿", 10**8), ("万", 10**4)):
        left, found, right = numeral.rpartition(unit)
        if found:
            head, tail = _value(left) if unit not in left else None, _tail(right, power)
            return None if not head or tail is None or head >= 10**8 else head * power + tail
    literal = _LITERAL.fullmatch(numeral)
    return _literal(literal) if literal else _below_10000(numeral)


def _tail(numeral: str, power: int) -> Decimal | None:
    """Return what stands behind 万 or 亿 (``power``): 三万五 has 5000, 三万零五 has 5."""
    if not numeral or "." in numeral:
        return None if numeral else Decimal(0)
    value = _value(numeral[1:] if numeral[0] == "零" else numeral)
    if value is not None and len(numeral) == 1 and numeral != "十":
        value *= power // 10
    return value if value is not None and value < power else None


def _literal(match: re.Match[str]) -> Decimal | None:
    number, unit = Decimal(match[1].replace(",", "") + (match[2] or "")), match[3]
    if not unit:
        return number
    return number * {"百": 100, "千": 1000}[unit] if number < {"百": 10, "千": 1000}[unit] else None


def _below_10000(numeral: str) -> Decimal | None:
    if numeral in ("零", "〇", "○"):
        return Decimal(0)
    match = _BELOW_10000.fullmatch(numeral) if numeral and numeral[0] != "零" else None
    if match is None:
        return None
    thousands, hundreds, tens, ones = (int((match[unit] or "0").translate(_TO_ARABIC)) for unit in "千百十一")
    if match["tens"] and not tens:
        tens = 1
    if not match["zero"] and not tens and (hundreds or thousands):
        ones *= 10 if hundreds else 100
    return Decimal(thousands * 1000 + hundreds * 100 + tens * 10 + ones)
