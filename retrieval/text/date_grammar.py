"""The one grammar of dates: what years, months, days, weekdays and times of day look like, whoever looks for them.

Parts of regular expressions, of which ``dates`` (which date is it?), ``times`` (what answers "when"?), and the readers
of reports compose theirs. They are for text whose width and case are folded (``characters.fold_width``), in either
script. Only CHINESE_DATE, FIGURES and WESTERN_DATE have groups: ``dates`` reads them, others take ``anonymous`` ones.
"""

from __future__ import annotations

import re
import unicodedata

from retrieval.text.characters import WORD_HAN
from retrieval.text.numerals import DIGITS

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
MONTH_OF = {
    unicodedata.normalize("NFKC", name): number
    for names in _MONTHS
    for number, name in enumerate(names.split(), start=1)
}
_LETTER = rf"[^\W{WORD_HAN}]"
WORD_BEGINS, _WORD_ENDS = f"(?<!{_LETTER})(?={_LETTER})", f"(?!{_LETTER})"
"""Where a word that is not Chinese begins and ends; it may touch Chinese characters."""
MONTH_NAME = "(?:" + "|".join(sorted(map(re.escape, MONTH_OF), key=len, reverse=True)) + f"){_WORD_ENDS}"
IN = "in|during|since|by|until|till|of|early|late|mid|en|im|em|no|à|au|de|w|v|в|с|la|în|nel|τον|τους|في|شهر"
"""Words before the name of a month that make a month of what may be another word, such as "may"."""

LIKE_ZERO = "○◯o\u043e0"
"""What is typed for the 〇 of 二〇二〇年: circles, the Latin and the Cyrillic letter, the figure."""
YEAR = "(?:1[5-9]|20)[0-9]{2}"
HAN_YEAR = f"[一二][{DIGITS}{LIKE_ZERO}]{{3}}"
_REPUBLIC = r"(?:中[华華])?民[国國]\s*"
_ROC_YEAR = f"(?:[0-9]{{1,3}}|元|[{DIGITS}{LIKE_ZERO}十百]{{1,5}})"
"""A year of the Republic of China behind 民国: 1 is 1912, and 元 the first."""
_BARE_ROC_YEAR = "(?<![元前])1[01][0-9]"
"""The same without 民国, which is sure only where a day is named and the years are ours: 109年3月5日."""
NUMBER = "(?:[0-9]{1,2}|[一二三四五六七八九十廿卅]{1,3})"
"""The number of a month or a day; which of them no calendar has is found out later."""
AFTER_NUMERAL = f"(?<![0-9{DIGITS}十廿卅])"
YEAR_SIGN, MONTH_SIGN = "[年년]", "[月월](?!亮)"
DAY_SIGN = "(?:[日일]|[号號](?![楼樓]|院(?!内)|[线線](?![上下])))"
"""What makes a number a day; 5号楼 and 5号线 are places."""
TO = r"\s*(?:至|到|[-~–‐−〜]|—{1,2})\s*"
"""What stands between the ends of a range."""
MARK = "[-‐–−/.]"
"""What stands between the figures of a date."""

_NAMED_YEAR = rf"(?:(?P<year>{YEAR}|{HAN_YEAR})|{_REPUBLIC}(?P<roc>{_ROC_YEAR}))"
_DAY_BEHIND = rf"(?=\s*年\s*{NUMBER}\s*月\s*{NUMBER}\s*[日号號])"
CHINESE_DATE = (
    rf"(?:(?:{_NAMED_YEAR}|(?P<bare_roc>{_BARE_ROC_YEAR}){_DAY_BEHIND})\s*{YEAR_SIGN}\s*)?"
    rf"(?:(?P<month0>{NUMBER}){TO})?(?P<month>{NUMBER})\s*{MONTH_SIGN}份?"
    rf"(?:\s*(?:(?P<day0>{NUMBER}){DAY_SIGN}?(?:{TO}|[、和]))?(?P<day>{NUMBER})\s*{DAY_SIGN})?"
    rf"|(?:(?P<lone0>{YEAR})年?(?:{TO}|[、和]))?"
    rf"(?:(?P<lone>{YEAR}|{HAN_YEAR})|{_REPUBLIC}(?P<lone_roc>{_ROC_YEAR}))\s*{YEAR_SIGN}(?!代)"
)
"""From years to days, with the first end of a range in the groups that end in 0."""
_SAME_MARKS = r"(?=\s?(?:[-‐–−]\s?[0-9]{1,2}\s?[-‐–−]|/\s?[0-9]{1,2}\s?/|\.\s?[0-9]{1,2}\s?\.))"
_END = "(?:(?![0-9])|(?<=[0-9]{2})(?=[0-2][0-9]:[0-5][0-9]))"
"""No further figure, but a time of day may be glued on: 2020-03-0510:30."""
FIGURES = (
    rf"(?P<iso_year>{YEAR})(?:{_SAME_MARKS}\s?{MARK}\s?(?P<iso_month>[0-9]{{1,2}})\s?{MARK}\s?(?P<iso_day>[0-9]{{1,2}}){_END}"
    rf"|[-/](?P<iso_lone_month>0[1-9]|1[0-2])(?![0-9]))"
    rf"|(?P<dot_day>[0-9]{{1,2}})\.(?P<dot_month>[0-9]{{1,2}})\.(?P<dot_year>{YEAR})(?![0-9])"
    rf"|(?P<one>[0-9]{{1,2}})/(?P<other>[0-9]{{1,2}})/(?P<slash_year>{YEAR})(?![0-9])"
)
"""Dates in figures that say their year in full; of 3/5/2020 nobody knows which is the month, of 25/3/2020 everybody."""
_ORDINAL = "(?:st|nd|rd|th)"
_DAY_BEFORE = rf"(?P<day>[0-9]{{1,2}})(?:{_ORDINAL}|er|\.|º|ª)?(?:\s+|-)(?:of\s+|de\s+)?"
_NAMED_MONTH = rf"(?:เดือน)?(?P<name>{MONTH_NAME})\.?"
_DAY_AFTER = rf"(?:\s+|(?<=\.))(?P<after>[0-9]{{1,2}}){_ORDINAL}?(?!{MONTH_SIGN}|[0-9:%]){_WORD_ENDS}"
_YEAR_AFTER = rf"(?:\s*,\s*|\s+|-)(?:of\s+|de\s+|del\s+)?(?P<year>{YEAR})(?![0-9])"
WESTERN_DATE = (
    rf"(?:(?:(?P<day0>[0-9]{{1,2}})\s?(?:-|–|to|and)\s?)?{_DAY_BEFORE})?{_NAMED_MONTH}(?:{_DAY_AFTER})?(?:{_YEAR_AFTER})?"
    rf"|(?:ngày\s+(?P<vi_day>[0-9]{{1,2}})\s+)?tháng\s+(?P<vi_month>[0-9]{{1,2}})(?:\s+năm\s+|/)?(?P<vi_year>{YEAR})?"
)
"""Dates by the name of the month; a month alone too, which may be another word."""
ZONE = rf"(?:\s?(?:z{_WORD_ENDS}|(?:gmt|utc)?[+-][0-9]{{2}}:?[0-9]{{2}}(?![0-9])|(?:gmt|utc|cst){_WORD_ENDS}))"
BRIEF_DATE = (
    rf"(?P<compact_year>(?:19|20)[0-9]{{2}})(?P<compact_month>[0-9]{{2}})(?P<compact_day>[0-9]{{2}})"
    rf"(?:t?[0-9]{{4}}(?:[0-9]{{2}})?{ZONE}?)?"
    rf"|(?P<short_year>{_BARE_ROC_YEAR}|[0-9]{{2}})(?:{MARK}|年)(?P<short_month>[0-9]{{1,2}})(?:{MARK}|月)(?P<short_day>[0-9]{{1,2}})日?"
)
"""What is a date only where nothing but a date can stand: 20200305, 18-03-08, 109.03.05."""

_ENGLISH_WEEKDAY = (
    rf"{WORD_BEGINS}(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day{_WORD_ENDS}"
    rf"|(?:mon|tue|wed|thu|fri|sat|sun){_WORD_ENDS}(?=[.,)]|\s+[0-9])\.?)"
)
WEEKDAY = rf"(?:(?:星期|[周週]|礼拜|禮拜)[一二三四五六日天](?![年岁])|{_ENGLISH_WEEKDAY})"
RELATIVE_DAY = "(?:[昨今明][天日]|[前后後]天)"
RELATIVE_YEAR = "[今去前明同]年"
FEAST = r"(?:大年[三初]十?[一二三四五六七八九]?|除夕夜?|春节|元旦|(?:国庆|清明|元宵|端午|中秋)节?)"
MOMENT = rf"(?:{RELATIVE_DAY}|{WEEKDAY}|[0-9]{{1,3}}\s?(?:秒|分钟|分鐘|小时|小時|天|周|个月)[之以]?前|刚刚|剛剛)"
"""A day or an hour that counts from when somebody reads, as programs stamp what is new."""
PART_OF_MONTH = {"初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}
"""First and last day of a part of a month, by the words that follow the month."""
PART_OF_DAY = "(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|(?<![当當])晚上?|深夜|夜间)"
HALF_DAY = rf"\s?[ap]\.?m{_WORD_ENDS}\.?"
CLOCK = rf"[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]{{1,9}})?)?(?![0-9])(?:{HALF_DAY})?{ZONE}?"
"""A time of day in figures."""
HAN_CLOCK = rf"{NUMBER}\s?(?:[点點](?!建议|要求|意见)|[时時])(?:半|[一两三]刻|{NUMBER}分(?:{NUMBER}秒)?|多)?[钟鐘]?"


def anonymous(pattern: str) -> str:
    """Return a regular expression without the names of its groups, to be a part of another one."""
    return "(?:" + re.sub(r"\(\?P<\w+>", "(?:", pattern) + ")"


SIGNED_YEAR = rf"(?:{YEAR}|{HAN_YEAR}|{_REPUBLIC}{_ROC_YEAR})\s*{YEAR_SIGN}"
"""A year that its sign makes one: 2020年, 二〇二〇年, 民国109年."""
MONTH, DAY = rf"{NUMBER}\s*{MONTH_SIGN}份?", rf"{NUMBER}\s*{DAY_SIGN}"
NAMED_DATE = rf"{WORD_BEGINS}(?:{_ENGLISH_WEEKDAY},?\s+)?" + anonymous(
    rf"{_DAY_BEFORE}{_NAMED_MONTH}(?:{_YEAR_AFTER})?|{_NAMED_MONTH}(?:{_DAY_AFTER}(?:{_YEAR_AFTER})?|{_YEAR_AFTER})"
)
"""A date by the name of its month, with the day or the year: March 5, 5 Mar 2020, March 2020."""
_SIGNED_DATE = rf"(?:{SIGNED_YEAR}|{_BARE_ROC_YEAR}\s*年)\s*{MONTH}\s*{DAY}"
FULL_DATE = rf"(?:{AFTER_NUMERAL}(?:{_SIGNED_DATE}|{anonymous(FIGURES)})|{NAMED_DATE})"
"""A date that is one whatever stands around it, in any writing; mostly a day with its year."""
