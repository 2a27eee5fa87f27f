"""Times as a sentence names them, years to hours, feasts and ages, so that one of them can answer "when"."""

from __future__ import annotations

import re

from retrieval.text.units import UNIT

HAN_DIGIT = "〇零一二三四五六七八九十"
TO = r"\s?[-–—~至到]\s?"
"""What stands between the ends of a range."""

_YEAR = (
    rf"(?:公元前?\d+年|(?<![\d.,])[12]\d{{3}}(?:年|(?![\d.,]|\s?(?:{UNIT}|[余多万亿])))|[〇零一二三四五六七八九]{{4}}年|"
    r"(?:距今)?约?\d+[万亿]?年前|[今去前同]年)"
)
_MONTH = rf"(?<!\d)(?:\d{{1,2}}|[{HAN_DIGIT}]{{1,2}})月(?!亮)份?[初底末]?"
_DAY = rf"(?<!\d)(?:\d{{1,2}}|[{HAN_DIGIT}]{{1,3}})[日号](?![线楼院])"
_PART = r"(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上?|深夜|夜间|[上中下]旬|[初底末]|期间)"
_CLOCK = (
    rf"(?:{_PART}(?:\d{{1,2}}|[{HAN_DIGIT}]{{1,3}})[点时](?:半|\d{{1,2}}分|多)?钟?|(?<!\d)\d{{1,2}}:\d\d(?!\d)|"
    rf"(?<!\d)\d{{1,2}}(?:点(?!建议|要求|意见)|时)(?:半|\d{{1,2}}分|多)?钟?|[{HAN_DIGIT}]{{1,3}}点(?:钟|半))"
)
_AGE = (
    r"(?:公元前?)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})世纪(?:[\d一二三四五六七八九][0十]年代)?(?:[初中末]期?|[早后晚]期|中叶)?|"
    r"\d0年代(?:[初中末]期?|后期)?"
)
_FEAST = (
    r"大年[三初]十?[一二三四五六七]?|除夕夜?|春节|元旦|(?:国庆|清明|元宵|端午|中秋)节?|"
    r"(?:星期|周)[一二三四五六日天](?![年岁])"
)
_DATE = rf"(?:{_YEAR}\s?(?:{_MONTH}(?:{_DAY})?)?|{_MONTH}(?:{_DAY})?|{_DAY}|{_FEAST})(?:{_CLOCK}|{_PART})?"
TIME = re.compile(rf"{_AGE}|(?:{_DATE}|{_CLOCK})(?:{TO}(?:{_DATE}|{_CLOCK}))?")
