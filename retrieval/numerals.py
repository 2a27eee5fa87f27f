"""Chinese numerals written as Arabic ones, and the dates in a text as canonical terms, so that spellings meet.

A numeral is folded only where it is sure to be one: several characters with 百, 千, 万 or 亿 (一万一千), a sign of
zero in it (二〇二〇), or a measure word behind it (二十七人, 三月). Whatever else there is, 统一 as 十四五, stays as it
was, so that the words around it are still found. Numerals are read here and not by a library: cn2an 0.5.24 is alive,
but its import takes 0.2 s, its wheel leaves folders named ``build``, ``example`` and ``src`` in site-packages, it
refuses 2.5万亿, and its own finder writes 统一 as 统1.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

DATE_PREFIX = "date:"
"""What every date term begins with; words are cut at colons, so no word does."""

_DIGITS = "〇零○一二三四五六七八九"
_ALL = "0-9" + _DIGITS + "两十廿卅百千万亿"
_ORDINALS = "零一二三四五六七八九十"
_TO_ARABIC = str.maketrans("〇零○一二三四五六七八九两", "0001234567892")
_LONGEST = 40
"""Longer runs of numeral characters are no numbers; ``_LITERAL`` takes 15 digits, which a Decimal holds exactly."""

_UNITS = (
    "个|位|名|人(?![帮转大])|次(?![元方序要])|天(?![然文])|年|月|日|号|例|项(?!目)|条(?!件)|种(?![植类])|只(?![有是要能])|张(?!家)|件"
    "|台(?![山风])|辆|所(?![有以在谓])|座|套|批|轮(?!车)|期(?![间待望])|届|岁|倍|吨|米|度(?!假)|级|层(?!次)|楼|组(?![织成])|队|支(?![部持])"
    "|(?<!四)周(?![围边])|(?<!四)时(?![期间代候而常尚])|点|份|户|场|间(?!接)|步|句|封|篇|款|章|节(?!约)|部(?!分)|家(?![庭长乡])"
    "|强(?![化调大度制烈])|公里|公斤|公顷|千克|千瓦|克|厘米|毫米|毫升|升(?![级高])|平方|立方|亩|斤|元|美元|欧元|块钱|分钟|秒|小时|季度|世纪"
    "|枚|艘|架|幢|栋|床|盒|箱|瓶|袋|桶|趟|遍|页|卷|集(?![中团体])|局|盘"
)
_UNITS_OF_ONE = (
    "个月|月|号(?![召码称])|季度|级|期(?![间待望])|楼|组(?![织成])|例|吨|公里|小时|公斤|分钟|周岁|年级|米|元(?![化论素])"
    "|人(?![民们类员士家大])"
)
_ABOUT = "多|余(?!额)|几|来(?=[个名人岁天年])"
_OF_DECIMALS = "个百分点|倍|元|美元|米|公里|平方|吨|度|级|岁|公斤|小时"

_MEASURED = {
    "零": re.compile("[时点例度]"),
    "一": re.compile(_UNITS_OF_ONE),
    "十": re.compile(f"{_ABOUT}|{_UNITS}"),
    "below ten": re.compile(_UNITS),
    "tens": re.compile(rf"{_ABOUT}|{_UNITS}|分(?![之别为析布成享])|路(?!径)|国(?![家际])|[至到][{_ALL}]|\W|$"),
}
"""What stands behind a numeral that is a number, by the numeral."""

_FOUND = re.compile(
    rf"(?<![{_ALL}])(?:百分之(?P<percent>百(?![{_ALL}])|[{_ALL}]+(?:\.[0-9]+)?(?:点[{_DIGITS}]+(?![{_ALL}]))?)"
    rf"|(?P<decimal>[{_ALL}]+点[{_DIGITS}]+(?:[百千万亿]+|(?={_OF_DECIMALS})))(?![{_ALL}])"
    rf"|(?P<run>[{_ALL}]+(?:(?<=[0-9])[.,](?=[0-9])[{_ALL}]+)*))"
)
_WORD_BEFORE = frozenset("统唯单之周期拜初其万逐同划合惟专均")
"""Characters that make a word with the numeral behind them: 统一, 周一, 其二."""
_NAME_BEHIND = re.compile("达[广院影集]|科[企集地股]")
"""What makes a name of a 万 before it."""
_METRIC = re.compile("[克瓦卡伏赫帕]")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_LITERAL = re.compile(r"([0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,12})(\.[0-9]{1,3})?([百千]?)")
_DECIMAL = re.compile(rf"(?P<whole>[{_ALL}]+)点(?P<places>[{_DIGITS}]{{1,6}})(?P<scale>[百千万亿]*)")
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
    return len(run) > 1 and not run.strip(_DIGITS)


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


# Dates

_MONTHS = (
    "january february march april may june july august september october november december",  # en
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mar apr may june july aug sept oct nov dec",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",  # es
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",  # fr
    "januar februar märz april mai juni juli august september oktober november dezember",  # de
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",  # it
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",  # pt
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",  # ru
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",  # ro
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",  # tr
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου "
    "δεκεμβρίου",
    "ιανουάριο φεβρουάριο μάρτιο απρίλιο μάιο ιούνιο ιούλιο αύγουστο σεπτέμβριο οκτώβριο νοέμβριο δεκέμβριο",  # el
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",  # ar
    "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",  # hi
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",  # th
)
"""January to December in Unicode CLDR 48, and inflected forms; a table, because reading it from Babel takes 0.3 s."""
_MONTH_OF = {
    unicodedata.normalize("NFKC", name): number
    for names in _MONTHS
    for number, name in enumerate(names.split(), start=1)
}
_ALSO_WORDS = frozenset(
    ["may", "march", "mar", "mart", "mars", "april", "june", "august", "mai", "mayo", "ocak", "ekim"]
)
"""Months that are verbs, people or planets too: alone they need a word like "in" before them."""
_IN = "in|during|since|by|until|till|of|early|late|mid|en|im|em|no|à|au|de|w|v|в|с|la|în|nel|τον|τους|في|شهر"
_YEAR = "(?:1[5-9]|20)[0-9]{2}"
_CHINESE_YEAR = "[一二][〇零○一二三四五六七八九]{3}"
_NUMBER = "(?:[0-9]{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_JOIN = r"\s*(?:至|到|[-~–]|—{1,2})\s*"
_JOINED = re.compile(rf"[日号號]?{_JOIN}")
_MONTH_NAMES = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_DATE = re.compile(
    rf"(?<![0-9{_DIGITS}十廿卅])(?:"
    rf"(?:(?P<year>{_YEAR}|{_CHINESE_YEAR})\s*[年년]\s*)?(?:(?P<month0>{_NUMBER}){_JOIN})?(?P<month>{_NUMBER})\s*[月월]份?"
    rf"(?:\s*(?:(?P<day0>{_NUMBER})[日号號일]?(?:{_JOIN}|[、和]))?(?P<day>{_NUMBER})\s*[日号號일])?"
    rf"|(?:(?P<lone0>{_YEAR})年?(?:{_JOIN}|[、和]))?(?P<lone>{_YEAR}|{_CHINESE_YEAR})\s*[年년](?!代)"
    rf"|(?P<iso_year>{_YEAR})(?P<mark>[-/.])(?P<iso_month>[0-9]{{1,2}})(?:(?P=mark)(?P<iso_day>[0-9]{{1,2}})|(?<=[-/][0-9]{{2}}))(?![0-9])"
    rf"|(?P<dot_day>[0-9]{{1,2}})\.(?P<dot_month>[0-9]{{1,2}})\.(?P<dot_year>{_YEAR})(?![0-9]))"
)
_WESTERN = re.compile(
    rf"(?<!\w)(?:(?P<before>\b(?:{_IN}))\s+)?(?:(?:"
    rf"(?:(?P<day0>[0-9]{{1,2}})\s?(?:-|–|to|and)\s?)?(?:(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.|º|ª)?\s+(?:of\s+|de\s+)?)?"
    rf"(?:เดือน)?(?P<name>{_MONTH_NAMES})(?!\w)\.?(?:\s+(?P<after>[0-9]{{1,2}})(?:st|nd|rd|th)?(?!\w|[:%]))?"
    rf"(?:,?\s+(?:of\s+|de\s+|del\s+)?(?P<year>{_YEAR})(?![0-9]))?"
    rf")|(?:ngày\s+(?P<vi_day>[0-9]{{1,2}})\s+)?tháng\s+(?P<vi_month>[0-9]{{1,2}})(?:\s+năm\s+|/)?(?P<vi_year>{_YEAR})?)"
)
_YEAR_IN = re.compile(
    rf"(?<!\w)(?:in|since|during|by|until|of|year|from|before|after|en|im|jahr|em|ano|año|nel|în|anul|w|в|năm|في|عام|το|पी|ปี)\s+(?P<year>{_YEAR})(?!\w|[-/.,%][0-9]|\s+(?:[^\W\d_]+s)\b)"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text, ``text[start:end]``: a day, a month or a year; what the text does not say is None."""

    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None

    @property
    def term(self) -> str:
        """The finest term: "date:2020-03-12", "date:03-12", "date:2020-03", "date:03" (a month) or "date:2020"."""
        return date_term(self.year, self.month, self.day)


def date_term(year: int | None, month: int | None = None, day: int | None = None) -> str:
    """Return the canonical term of a date of which some parts may be unsaid."""
    parts = [f"{part:0{width}}" for part, width in ((year, 4), (month, 2), (day, 2)) if part is not None]
    return DATE_PREFIX + "-".join(parts)


def date_terms(text: str) -> list[str]:
    """Return canonical terms of the dates in ``text`` (folded as for ``fold_numerals``), with all that they imply.

    2020年3月12日 gives 2020-03-12, 03-12, 2020-03, 03 and 2020, so that a date said with or without its year is found.
    """
    return [term for mention in dates_in(text) for term in _implied(mention)]


def _implied(mention: DateMention) -> list[str]:
    year, month, day = mention.year, mention.month, mention.day
    wider = [(year, month, day), (None, month, day), (year, month, None), (None, month, None), (year, None, None)]
    return list(dict.fromkeys(date_term(*parts) for parts in wider if any(parts)))


def dates_in(text: str) -> list[DateMention]:
    """Return the dates in ``text`` in reading order: Chinese (both kinds of numerals), ISO, and by names of months.

    Both ends of 2月1日至5日 are returned, and a date behind "to" has the year of the one before. ``text`` is NFKC and
    lower case, before or after ``fold_numerals``. Dates that no calendar has are left out; so are 12日 and 3/12 (which
    month?).
    """
    found = sorted(
        (mention for mention in (*_chinese_dates(text), *_western_dates(text)) if _exists(mention)),
        key=lambda mention: (mention.start, -mention.end),
    )
    dates: list[DateMention] = []
    for mention in found:
        last = dates[-1] if dates else None
        if last is not None and mention.start < last.end:
            continue
        if last is not None and mention.year is None and _JOINED.fullmatch(text, last.end, mention.start):
            mention = replace(mention, year=last.year)
        dates.append(mention)
    return dates


def _chinese_dates(text: str) -> Iterator[DateMention]:
    for match in _DATE.finditer(text):
        said = {name: value for name, value in match.groupdict().items() if value and name != "mark"}
        part = {name: int(number_of(value) or 0) for name, value in said.items()}
        year, month, day = (
            next((part[name] for name in names if name in part), None)
            for names in (
                ("year", "lone", "iso_year", "dot_year"),
                ("month", "iso_month", "dot_month"),
                ("day", "iso_day", "dot_day"),
            )
        )
        start, end = match.span()
        for name, first in (
            ("lone0", DateMention(start, match.end("lone0"), part.get("lone0"))),
            ("month0", DateMention(start, match.end("month0"), year, part.get("month0"))),
            ("day0", DateMention(start, match.end("day0"), year, month, part.get("day0"))),
        ):
            if name in part:
                yield first
                start = match.start(name.rstrip("0"))
        yield DateMention(start, end, year, month, day)


def _western_dates(text: str) -> Iterator[DateMention]:
    for match in _WESTERN.finditer(text):
        month = match["vi_month"] or _MONTH_OF[match["name"]]
        day, year = match["vi_day"] or match["day"] or match["after"], match["vi_year"] or match["year"]
        if not (day or year or match["before"]) and match["name"] in _ALSO_WORDS:
            continue
        start = match.end("before") + 1 if match["before"] else match.start()
        if match["day0"] and match["day"]:
            yield DateMention(match.start("day0"), match.end("day0"), _int(year), int(month), int(match["day0"]))
            start = match.start("day")
        yield DateMention(start, match.end(), _int(year), int(month), _int(day))
    for match in _YEAR_IN.finditer(text):
        yield DateMention(match.start("year"), match.end("year"), int(match["year"]))


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _exists(mention: DateMention) -> bool:
    try:
        dt.date(mention.year or 2000, 1 if mention.month is None else mention.month, mention.day or 1)
    except ValueError:
        return False
    return mention.day != 0 and mention.year != 0
