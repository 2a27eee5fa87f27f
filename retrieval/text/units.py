"""The one grammar of units: words that count and measure, each once, with what makes another word of it.

All patterns are regular expressions over them: of one class, of all classes, or of those that make a number of a
Chinese numeral before them. They are for text whose width, case and script are folded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORDS = {
    "percent": "% ‰ 百分点 个百分点 成",
    "money": "元 美元 欧元 日元 港元 块 块钱 英镑 人民币 马克 法郎 美分",
    "age": "岁 周岁",
    "people": "人 人次 名 位",
    "second": "秒 秒钟",
    "minute": "分钟",
    "hour": "小时 个小时 多小时 个多小时 半小时 个半小时 钟头 个钟头",
    "day": "天 工作日 个工作日",
    "week": "周 星期 个星期 礼拜 个礼拜",
    "month": "个月 个多月 个半月",
    "year": "年 周年 世纪 个世纪",
    "area": "平方 平方公里 平方千米 平方厘米 平方米 平方英里 平方英尺 立方 立方公里 立方千米 立方厘米 立方米 立方英里"
    " 立方英尺 公顷 英亩 亩",
    "length": "公里 千米 厘米 毫米 纳米 米 英里 海里 英尺 英寸 光年 码 里 km cm mm",
    "weight": "公斤 千克 毫克 微克 克 吨 斤 磅 kg mg",
    "volume": "毫升 升 加仑 桶 ml",
    "power": "千瓦 千瓦时 兆瓦",
    "heat": "度 °c °f ℃ ℉ 摄氏度",
    "step": "步",
    "times": "次 遍 趟 回",
    "thing": "种 个 家 户 所 座 栋 幢 间 层 楼 套 台 辆 架 艘 部 部分 件 份 篇 张 本 册 封 通 条 根 支 只 头 匹 棵"
    " 株 粒 枚 颗 块 片 瓶 盒 箱 袋 包 副 双 对 组 队 批 起 例 项 宗 笔 处 门 级 年级 届 期 集 章 节 句 字 行 页 分"
    " 球 票 席 床 顿 杯 碗 滴 剂 针 轮 场 面 幅 首 类 款 道 段 股 线 班 星 倍 代 点 口 院 省 国 州 县 区 市 镇 村 强"
    " 卷 局 盘 路",
    "date": "月 日 号 季度 时",
}
"""Unit words by class; words of one class answer each other's question. Those of a date measure nothing."""
_NOT_BEFORE = {
    "成": "[立员为功果分绩都长就]",
    "元": "[旦月年化论素]",
    "周": "[年岁围边]",
    "人": "帮|(?<=二人)转|大[代会常]",
    "次": "[元方序]|要(?!求)",
    "天": "[然文]",
    "项": "目(?!标)",
    "条": "件",
    "种": "植|类(?!型|别)",
    "只": "[有是要能]",
    "张": "家",
    "台": "[山风]",
    "所": "[有以在谓]",
    "轮": "[车船]",
    "期": "[间待望]",
    "度": "假",
    "层": "次",
    "组": "织|成(?!员)",
    "支": "部(?!队)|持",
    "间": "接",
    "节": "约",
    "部": "分",
    "家": "[庭长乡]",
    "强": "[化调大度制烈]",
    "升": "[级高]",
    "集": "[中团体]",
    "分": "[之别析布享为]|成(?!为)",
    "国": "[家际]",
    "局": "[势面长部]",
    "盘": "[点查]",
    "路": "[径人边上过途]",
    "时": "[期间代候而常尚]",
}
"""What stands behind a unit word where both are another word, as a regular expression."""
_NOT_BEHIND = {"周": "四", "时": "四"}
"""What stands before one where both are another word: 四周, 四时."""

_COUNTED = (
    "个 位 名 人 次 天 年 周年 周岁 年级 月 日 号 例 项 条 种 只 张 件 台 辆 所 座 套 批 轮 期 届 岁 倍 吨 米 度 级"
    " 层 楼 组 队 支 周 时 点 份 户 场 间 步 句 封 篇 款 章 节 部 部分 家 强 公里 公斤 公顷 千克 千瓦 克 厘米 毫米"
    " 毫升 升 平方 立方 亩 斤 元 美元 欧元 块钱 分钟 秒 小时 季度 世纪 枚 艘 架 幢 栋 床 盒 箱 瓶 袋 桶 趟 遍 页 卷"
    " 集 局 盘"
)
_COUNTED_BY_TENS = "分 路 国"
_COUNTED_BY_ONE = "个月 月 号 季度 级 期 楼 组 例 吨 公里 小时 公斤 分钟 周岁 年级 米 元 人"
_NO_COUNT_OF_ONE = _NOT_BEFORE | {"人": "[民们类员士家大]", "号": "[召码称]"}
_WITH_DECIMALS = "个百分点 倍 元 美元 米 公里 平方 吨 度 级 岁 公斤 小时"
_OFTEN_COUNTED = "个 名 位 人 次 年 天 月 日 岁 家 例 种"


def _any_of(words: str, not_before: Mapping[str, str] = _NOT_BEFORE) -> str:
    """Return a regular expression for the words, the longest first, each where it is no part of another word."""
    return "|".join(_one(word, not_before) for word in sorted(words.split(), key=len, reverse=True))


def _one(word: str, not_before: Mapping[str, str]) -> str:
    behind = f"(?!{not_before[word]})" if word in not_before else ""
    return (f"(?<!{_NOT_BEHIND[word]})" if word in _NOT_BEHIND else "") + word + behind


UNITS = {name: _any_of(words) for name, words in _WORDS.items() if name != "date"}
"""Unit words by class, as regular expressions."""
UNIT = _any_of(" ".join(words for name, words in _WORDS.items() if name != "date"))

NUMERAL_UNITS = _any_of(_COUNTED)
"""What stands behind a numeral of several, or of two to nine, where it is a number (``numerals``)."""
NUMERAL_UNITS_OF_TENS = _any_of(f"{_COUNTED} {_COUNTED_BY_TENS}")
"""The same behind a numeral of several digits in a row, or with 十 before another digit."""
NUMERAL_UNITS_OF_ONE = _any_of(_COUNTED_BY_ONE, _NO_COUNT_OF_ONE)
"""What stands behind 一 where it is a number: 一月, but not 一人民."""
DECIMAL_UNITS = _any_of(_WITH_DECIMALS)
"""What stands behind a numeral where the 点 in it is a decimal point."""
FIGURE = re.compile(
    rf"\d|[〇零一二三四五六七八九十百千万亿两]{{2}}|[一二三四五六七八九十两](?={_any_of(_OFTEN_COUNTED)})"
)
"""What may be a number, in a text as it stands."""

ENGLISH_UNITS = {
    "people": "people|persons?|members?|staff|workers?|nurses|doctors|medics|volunteers|residents|students|teachers|men"
    "|women|children|patients|passengers|soldiers|officers|employees|settlers|users|players|citizens|officials|cadres|experts",
    **{span: f"{span}s" for span in ("second", "minute", "hour", "day", "week", "month", "year")},
    "times": "times|rounds",
    "step": "steps",
    "area": "square|acres|hectares",
    "length": "met(?:er|re)s|kilomet(?:er|re)s|miles|feet|yards",
    "money": "money|dollars|yuan|euros|pounds",
    "volume": "millilit(?:er|re)s|lit(?:er|re)s|ml",
    "weight": "tons?|tonnes|kilograms|kilos",
}
"""What English questions count, by the same classes."""
