"""The people, places, organisations and times that a text names, by jieba's tags; what a follow-up leans on.

Nothing here knows a name: surnames, the heads of organisations' names and the words for people are common Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.text.characters import fold
from retrieval.text.date_grammar import (
    AFTER_NUMERAL,
    DAY,
    FEAST,
    FULL_DATE,
    MONTH,
    PART_OF_DAY,
    RELATIVE_DAY,
    RELATIVE_YEAR,
    SIGNED_YEAR,
    WEEKDAY,
)
from retrieval.text.segmentation import Token, tokens_of

SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史"
    "唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛狄米贝明臧计成戴谈宋茅庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季麻强贾路江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应宗丁邓单洪包左石崔吉龚程邢裴陆翁荀甄曲封储靳"
    "段焦谷车侯全班仰宁甘厉祖武符刘景詹束龙叶司黎薄白怀蒲赖卓池乔阴苍闻党翟谭劳姬申冉桂牛寿边燕温柴瞿阎连习容向古易廖耿匡文欧聂关"
    "阙言尹简饶沙养丰巢游权岳帅敖冷代海晏"
)


def _words(*lines: str) -> tuple[str, ...]:
    return tuple(" ".join(lines).split())


ORGANISATION_HEADS = _words(
    "公司 集团 企业 医院 保健院 卫生院 中心 支部 党支部 党总支 党委 党组 街道 社区 居委会 居委 居民区 局",
    "分局 大队 小区 学校 大学 药房 银行 酒店 工厂 部门 单位 机构 组织 委员会 指挥部 公寓 超市 突击队 小组",
    "工作组 协会 法院 研究所",
)
GENERIC_HEADS = frozenset({"企业", "单位", "机构", "组织", "部门"})
"""Any organisation may be called so."""
HUMAN_HEADS = _words(
    "人 人员 员 者 医生 护士 护士长 老师 学生 同学 书记 主任 副主任 科长 处长 局长 部长 院长 市长 镇长",
    "村长 经理 党员 干部 警察 民警 同志 老人 孕妇 居民 村民 志愿者 患者 病人 专家 教授 记者 先生 女士",
    "阿婆 阿姨 大爷 大妈 奶奶 爷爷 妻子 丈夫 爱人 孩子 儿子 女儿 父亲 母亲 父母 岳母 岳父 家人 家属 同事 朋友 男人",
    "女人 男子 女子 小伙 姑娘 小哥 夫妻 队长 组长 群众 职工 员工 大夫 队员 工作者",
)
TITLES = (
    "主任|书记|院长|护士长|局长|处长|科长|校长|市长|县长|镇长|乡长|村长|经理|董事长|教授|老师|队长|组长|所长|站长|馆长|"
    "主席|部长|厅长|省长|会长|医生|大夫|警官|法官|记者|总编"
)
TITLED = re.compile(rf"(?P<surname>[{''.join(sorted(SURNAMES))}])(?P<title>{TITLES})")
"""A person by surname and title (王主任)."""
QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|「[^」]*」|\"[^\"]*\"|《[^》]*》")
"""What is quoted, and titles, in any style of marks."""
_PEOPLE = frozenset({"nr", "nrt", "nrfg"})
_PLACES = frozenset({"ns", "nt"})
_PLACE_ENDS = tuple("路街镇乡村县市省区州弄巷")
_INSIDE_NAMES = frozenset({"n", "nr", "ns", "nt", "nz", "nrt", "nrfg", "j", "f", "a", "b", "vn", "eng"})
ORDINAL = re.compile(r"第[一二三四五六七八九十\d]+")
_TIME = re.compile(
    rf"{FULL_DATE}|{AFTER_NUMERAL}(?:(?:[0-9]{{4}}年|{SIGNED_YEAR}|{RELATIVE_YEAR})(?:\s?{MONTH}(?:\s?{DAY})?)?|{MONTH}(?:\s?{DAY})?|{DAY})"
    rf"|第[一二三四五六七八九十\d]+[天年月次周]|{RELATIVE_DAY}|[次当]天|{FEAST}|{WEEKDAY}|{PART_OF_DAY}"
)
_LATIN_NAME = re.compile(r"\b[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*")
_LATIN_NO_NAME = frozenset(
    _words(
        "a an the i in on at of for to from by with and or but so then what who whom whose which when",
        "where why how is are was were do does did has have had will would can could should may might",
        "must tell please there here it he she they his her their its this that these those if as not no",
        "yes all any some many much",
    )
)


def replaced(text: str, name: str, other: str) -> str | None:
    """Return ``text`` with ``other`` in the place of ``name``, in either script; None if it is not there."""
    at = fold(text).find(fold(name))
    return text[:at] + other + text[at + len(name) :] if at >= 0 else None


def people_in(text: str) -> list[str]:
    """Return the people that ``text`` names in Chinese, in order, each once."""
    return list(dict.fromkeys(_people(tokens_of(fold(text)))))


def _people(tokens: list[Token]) -> Iterator[str]:
    """Find words tagged as people that begin with a surname; jieba may have cut one after the surname."""
    after = [*tokens[1:], Token("", "", 0)]
    for token, following in zip(tokens, after, strict=False):
        name = token.word
        if token.flag not in _PEOPLE or name[0] not in SURNAMES:
            continue
        if len(name) == 1 and following.flag[:1] == "n" and len(following.word) <= 2:
            name += following.word
        if 1 < len(name) <= 4 and not name.endswith(_PLACE_ENDS) and name not in HUMAN_HEADS:
            yield name


def places_in(text: str) -> list[str]:
    """Return the places that ``text`` names in Chinese, in order, each once."""
    found = (token.word for token in tokens_of(fold(text)) if token.flag in _PLACES and len(token.word) > 1)
    people = people_in(text)
    return [place for place in dict.fromkeys(found) if not any(place in name for name in people)]


def organisations_in(text: str) -> list[str]:
    """Return the organisations that ``text`` names in Chinese, in order, each once: name and head, such as 公司."""
    found, name = [], ""
    for token in [*tokens_of(fold(text)), Token("", "", 0)]:
        if token.flag in _INSIDE_NAMES or token.word in ORGANISATION_HEADS or ORDINAL.fullmatch(token.word):
            name += token.word
            if token.word.endswith(tuple(ORGANISATION_HEADS)) and name not in ORGANISATION_HEADS:
                found.append(name)
        else:
            name = ""
    longest = [one for one in found if not any(one != other and other.startswith(one) for other in found)]
    return list(dict.fromkeys(longest))


def latin_names_in(text: str) -> list[str]:
    """Return names in Latin letters: capitalised words, but for a question's first word when that is no name."""
    found = []
    for match in _LATIN_NAME.finditer(text):
        words = match[0].split()
        while words and re.split("['’]", words[0].lower())[0] in _LATIN_NO_NAME:
            words.pop(0)
        if words:
            found.append(re.sub(r"['’]s$", "", " ".join(words)))
    return list(dict.fromkeys(found))


def times_in(text: str) -> list[str]:
    """Return dates and days that ``text`` names, in order."""
    return [match[0] for match in _TIME.finditer(fold(text))]


def is_titled(name: str) -> bool:
    """Whether a name is a surname with a title, which is somebody else in the next report."""
    return bool(TITLED.fullmatch(name))


def is_human(noun: str) -> bool:
    """Whether a Chinese noun is a word for people, such as 志愿者."""
    return noun.endswith(tuple(HUMAN_HEADS))
