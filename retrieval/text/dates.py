"""The dates in a text as canonical terms, so that spellings meet."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from retrieval.text.numerals import DIGITS, number_of

DATE_PREFIX = "date:"
"""What every date term begins with; words are cut at colons, so no word does."""
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
"""January to December in Unicode CLDR 48, and inflected forms; a table, because reading it from Babel takes long."""
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
_ROC_YEAR = "(?:[0-9]{1,3}|元|[〇零○一二三四五六七八九十百]{1,5})"
"""A year of the Republic of China behind 民国: 1 is 1912, and 元 the first."""
_NUMBER = "(?:[0-9]{1,2}|[一二三四五六七八九十廿卅]{1,3})"
_JOIN = r"\s*(?:至|到|[-~–]|—{1,2})\s*"
_JOINED = re.compile(rf"[日号號]?{_JOIN}")
_MONTH_NAMES = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_DATE = re.compile(
    rf"(?<![0-9{DIGITS}十廿卅])(?:"
    rf"(?:(?:(?P<year>{_YEAR}|{_CHINESE_YEAR})|民[国國]\s*(?P<roc>{_ROC_YEAR}))\s*[年년]\s*)?(?:(?P<month0>{_NUMBER}){_JOIN})?(?P<month>{_NUMBER})\s*[月월]份?"
    rf"(?:\s*(?:(?P<day0>{_NUMBER})[日号號일]?(?:{_JOIN}|[、和]))?(?P<day>{_NUMBER})\s*[日号號일])?"
    rf"|(?:(?P<lone0>{_YEAR})年?(?:{_JOIN}|[、和]))?(?:(?P<lone>{_YEAR}|{_CHINESE_YEAR})|民[国國]\s*(?P<lone_roc>{_ROC_YEAR}))\s*[年년](?!代)"
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
_ENGLISH_MONTHS = "(?:" + "|".join(_MONTHS[0].split() + _MONTHS[1].split() + ["sept"]) + r")\b\.?"
PRINTED_DATE = re.compile(
    rf"(?:(?<!\d)(?:(?P<year>(?:19|20)\d\d)\s*(?:[-/.]\s*(?P<m1>\d{{1,2}})\s*[-/.]\s*(?P<d1>\d{{1,2}})"
    rf"|年\s*(?P<m2>\d{{1,2}})\s*月\s*(?P<d2>\d{{1,2}})\s*[日號号])"
    rf"|民[国國]\s*(?P<roc>{_ROC_YEAR})\s*年\s*(?P<m3>{_NUMBER})\s*月\s*(?P<d3>{_NUMBER})\s*[日號号])"
    rf"|\b(?i:(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+|(?:mon|tue|wed|thu|fri|sat|sun)\.?,?\s+)?"
    rf"(?:(?P<m4>{_ENGLISH_MONTHS})\s+(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,?"
    rf"|(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m5>{_ENGLISH_MONTHS}),?)\s+(?P<y4>(?:19|20)\d\d)))"
    r"(?P<time>\s*(?:T|\s)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\b\.?)?)?(?![\d:])"
)
"""A day with its year as a report prints it above or below its text, with the time of day if there is one."""


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


def printed_day(match: re.Match[str]) -> dt.date | None:
    """Return the day of a match of PRINTED_DATE; None if no calendar has it."""
    year = _roc(match["roc"]) if match["roc"] else int(match["year"] or match["y4"])
    month = next(filter(None, (match[f"m{form}"] for form in range(1, 6))))
    day = next(filter(None, (match[f"d{form}"] for form in range(1, 6))))
    named = _MONTH_OF.get(month.lower().rstrip("."))
    try:
        return dt.date(year, named or int(number_of(month) or 0), int(number_of(day) or 0))
    except ValueError:
        return None


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
        part = {name: int(number_of(value) or 0) for name, value in said.items() if "roc" not in name}
        if roc := said.get("roc") or said.get("lone_roc"):
            part["year"] = _roc(roc)
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


def _roc(year: str) -> int:
    """Return the year that a year of the Republic of China is; 0, which no calendar has, for what is none."""
    number = "1" if year == "元" else number_of(year)
    return 1911 + int(number) if number else 0


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _exists(mention: DateMention) -> bool:
    try:
        dt.date(mention.year or 2000, 1 if mention.month is None else mention.month, mention.day or 1)
    except ValueError:
        return False
    return mention.day != 0 and mention.year != 0
