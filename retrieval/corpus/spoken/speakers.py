"""Whether what stands beside stamps names people who speak, and not events, places, measures or levels of a log."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.text.entities import SURNAMES, is_human

_NO_PERSON = re.compile(
    r"[村镇乡县市省局站库河江湖路街桥闸会车班段式坝堤]$|(?:水位|雨量|流量|气温|风力|温度|湿度|降雨|天气|时间|地点|位置|状态|措施|处置|结果|进展|通报|来源"
    r"|类型|问题|操作|级别|记录|备注|说明|情况|事件|标题|内容|签到|致辞|授课|巡查|抢险|转移|总计|合计)$|^(?:info|warn(?:ing)?|error|debug|trace|fatal|notice)$",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"^(?:[老小阿大][\u4e00-\u9fff]{1,2}|(?:说话人|发言人|讲话人|嘉宾|主播|speaker)\s?\w{0,3}|[\u4e00-\u9fff]{1,4}(?:[总工长导师嫂哥姐叔伯姨爷婆妈爸]|主持|秘书|会计|代表|委员|助理|律师|法官|客服|群主|管理员))$",
    re.IGNORECASE,
)


def are_people(names: Sequence[str], sure: bool) -> bool:
    """Whether ``names``, one a stamp, are people's; where the stamps are ``sure``, names that come again may be any."""
    if sum(bool(_NO_PERSON.search(name)) for name in names) >= 0.5 * len(names):
        return False
    people = sum(_is_person(name) for name in names)
    return people >= 0.5 * len(names) or (sure and 1 < len(set(names)) < len(names))


def _is_person(name: str) -> bool:
    if _NO_PERSON.search(name):
        return False
    called = 2 <= len(name) <= 4 and name[0] in SURNAMES
    return called or name.isascii() or bool(_CALLED.match(name)) or is_human(name)
