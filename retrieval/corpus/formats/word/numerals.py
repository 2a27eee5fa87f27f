"""The numbers of Word's lists as they are printed: ``numFmt`` and a value -> characters (ECMA-376 part 1, 17.18.59)."""

from __future__ import annotations

from collections.abc import Callable

WITHOUT_NUMBER = frozenset({"bullet", "none"})
LONGEST_REPEAT = 30
"""Letters are doubled at 27 (aa); a value that would print more of them than this is printed in decimals."""
LARGEST_ROMAN = 32_767

_IDEOGRAPHS = "〇一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = {1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl", 10: "x"} | {
    9: "ix", 5: "v", 4: "iv", 1: "i"
}  # fmt: skip


def printed(value: int, style: str) -> str:
    """Return ``value`` in the number format ``style``; an unknown one, or one without that value, is decimal."""
    if style in WITHOUT_NUMBER:
        return ""
    if style in ("decimalZero", "numberInDash"):
        return f"{value:02d}" if style == "decimalZero" else f"- {value} -"
    if value < 1:
        return str(value)
    if found := _SETS.get(style):
        return found[value - 1] if value <= len(found) else str(value)
    return _FORMATS.get(style, str)(value)


def padded(value: int, example: str) -> str:
    """Return ``value`` in a format of one's own, such as "001, 002, 003, ...": as long as its first number."""
    return str(value).zfill(min(len(example.partition(",")[0].strip()), 9))


def _letters(value: int, first: str) -> str:
    repeated, place = divmod(value - 1, 26)
    return chr(ord(first) + place) * (repeated + 1) if repeated < LONGEST_REPEAT else str(value)


def _roman(value: int) -> str:
    if value > LARGEST_ROMAN:
        return str(value)
    written = []
    for size, sign in _ROMAN.items():
        count, value = divmod(value, size)
        written.append(sign * count)
    return "".join(written)


def _digits(value: int, digits: str) -> str:
    return "".join(digits[int(digit)] for digit in str(value))


def _up_to_99(value: int, zero: str) -> str:
    """Return 一 to 九十九, and digit by digit from 100 on (一〇〇), as ``chineseCounting`` does."""
    tens, ones = divmod(value, 10)
    if value >= 100:
        return _digits(value, zero + _IDEOGRAPHS[1:])
    return (_IDEOGRAPHS[tens] if tens > 1 else "") + "十" * (tens > 0) + (_IDEOGRAPHS[ones] if ones else "")


def _thousands(value: int, digits: str, units: str, *, bare: str, ten: bool) -> str:
    """Write a numeral with units: ``digits`` 零 to 九, ``units`` 十百千万.

    A one is left out before the units in ``bare``, and with ``ten`` before the 十 that a numeral begins with.
    """
    high, low = divmod(value, 10_000)
    if high >= 10_000:
        return str(value)
    group, waits = "", False
    for place in (3, 2, 1, 0):
        digit = low // 10**place % 10
        if digit == 0:
            waits = waits or bool(group) or bool(high)
            continue
        group += digits[0] * waits
        group += "" if digit == 1 and place and units[place - 1] in bare else digits[digit]
        group += units[place - 1] if place else ""
        waits = False
    if high:
        group = _thousands(high, digits, units, bare=bare, ten=ten) + units[3] + group
    return group[1:] if ten and group.startswith(digits[1] + units[0]) else group


def _with_units(digits: str, units: str, *, bare: str = "", ten: bool = False) -> Callable[[int], str]:
    return lambda value: _thousands(value, digits, units, bare=bare, ten=ten).replace(" ", "")


_SETS = {
    "decimalEnclosedCircle": [chr(0x2460 + place) for place in range(20)],
    "decimalEnclosedCircleChinese": [chr(0x2460 + place) for place in range(20)],
    "decimalEnclosedParen": [chr(0x2474 + place) for place in range(20)],
    "decimalEnclosedFullstop": [chr(0x2488 + place) for place in range(20)],
    "ideographEnclosedCircle": [chr(0x3280 + place) for place in range(10)],
    "ideographTraditional": list(_STEMS),
    "ideographZodiac": list(_BRANCHES),
    "ideographZodiacTraditional": [_STEMS[place % 10] + _BRANCHES[place % 12] for place in range(60)],
    "chicago": list("*†‡§"),
}
_COUNTED = _with_units("零一二三四五六七八九", "十百千万", ten=True)
_FORMATS: dict[str, Callable[[int], str]] = {
    "lowerLetter": lambda value: _letters(value, "a"),
    "upperLetter": lambda value: _letters(value, "A"),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
    "decimalFullWidth": lambda value: _digits(value, "０１２３４５６７８９"),
    "decimalFullWidth2": lambda value: _digits(value, "０１２３４５６７８９"),
    "ideographDigital": lambda value: _digits(value, _IDEOGRAPHS),
    "japaneseDigitalTenThousand": lambda value: _digits(value, _IDEOGRAPHS),
    "taiwaneseDigital": lambda value: _digits(value, "○" + _IDEOGRAPHS[1:]),
    "chineseCounting": lambda value: _up_to_99(value, "〇"),
    "taiwaneseCounting": lambda value: _up_to_99(value, "○"),
    "chineseCountingThousand": _COUNTED,
    "taiwaneseCountingThousand": _COUNTED,
    "japaneseCounting": _with_units(" 一二三四五六七八九", "十百千万", bare="十百千"),
    "chineseLegalSimplified": _with_units("零壹贰叁肆伍陆柒捌玖", "拾佰仟万"),
    "ideographLegalTraditional": _with_units("零壹貳參肆伍陸柒捌玖", "拾佰仟萬"),
    "hex": lambda value: f"{value:X}",
}
