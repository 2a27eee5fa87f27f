"""Messages that ask the reports nothing: greetings, thanks, questions about the bot itself, and requests for work."""

from __future__ import annotations

import re
from typing import Literal

from retrieval.text.characters import HAN, fold

SmallTalk = Literal["greeting", "thanks", "about", "task"]

_CLAUSE = re.compile(rf"[^\w\s'’.+*/=()-]+|\.+(?=\s|$)|(?<=[{HAN}])\s+|\s+(?=[{HAN}])|\s+-+\s+")
_ENDS = r"[\s啊呀哦喔哈吧了呢嘛啦哟]*(?:可以吗|行吗|好吗|好不好)?[\s'’.()]*"
_YOU = "(?:请问)?[你您妳](?:们)?(?:到底|究竟)?"
_CAN = "(?:能不能|可不可以|会不会|能|会|可以)"
_FOR_ME = "[帮替给为](?:我们?|大家)"
_PLEASE = rf"(?:请|麻烦)?(?:[你您妳]{_CAN}?)?"
_ASKED = rf"{_PLEASE}(?:请|麻烦|{_FOR_ME})"
_WRITTEN = (
    "诗歌?|歌词?|作文|文章|论文|故事|笑话|代码|程序|脚本|小说|剧本|段子|邮件|信|文案|报告|总结|日记|简历|对联|祝福语"
    "|[演发][讲言]稿|申请书|请假条|检讨书?"
)
_ONE = "[一两三几]?[首篇个段张则封份句副幅只条道]"
_ON = "(?:(?:关于|有关)[^的]{1,20}的|以[^的]{1,10}为题的|[^\\W的]{0,8}的?)"
_WORK = (
    "(?:写|作|做)(?:诗|歌|作文|文章|小说|故事|代码|程序)|画画|画图|绘画|唱歌|跳舞|讲(?:笑话|故事)|翻译|聊天|编程|下棋|算命|算数"
    "|做(?:饭|数学|作业|题)|[说讲](?:英|中|日|法|德|韩)[文语]|说(?:话|中国话|普通话|方言)|作曲|思考|学习"
)
_LANGUAGE = "(?:[英中日法德韩俄汉]|西班牙|阿拉伯)[文语]|白话文?|文言文?"
_TEXT = "(?:这|那|下面|以下|上面|上述)(?:一?[句段篇个些])?(?:的?(?:话|文字|内容|句子|文章|词|英文|中文))?|它"

_IN_ENGLISH = "poem|song|story|essay|joke|code|letter|picture|email|sentence|text|program|script|haiku|speech"
_POLITE = "(?:please )?(?:(?:can|could|would|will) you )?(?:please )?"
_THIS = "(?:this|that|it|the)(?: (?:text|sentence|paragraph|word|phrase|answer|report|article))?"

_PATTERNS: dict[SmallTalk, tuple[str, ...]] = {
    "task": (
        rf"{_ASKED}(?:写|作|编|创作|生成)(?:一下)?(?:{_ONE})?{_ON}(?:{_WRITTEN})",
        rf"{_PLEASE}(?:写|作|编|来|创作|生成){_ONE}{_ON}(?:{_WRITTEN})",
        rf"(?:{_ASKED}|{_PLEASE}(?:再|来)?)(?:讲|说)(?:{_ONE})(?:睡前|童话|冷|鬼|小|(?:好笑|有趣|搞笑|好玩|恐怖)的)?(?:笑话|故事|段子)",
        rf"(?:{_ASKED}|{_PLEASE})(?:唱(?:{_ONE})?(?:儿歌|歌)|讲笑话|画(?:{_ONE})(?:[^\W的]{{1,4}}的?)?[^\W的]{{1,4}})",
        rf"(?:{_ASKED}|{_PLEASE})(?:把?(?:{_TEXT}))?(?:翻译|译)(?:一下)?[成为到](?:{_LANGUAGE})",
        rf"(?:{_ASKED}|{_PLEASE})(?:翻译(?:一下)?(?:{_TEXT})|翻译一下)|{_ASKED}翻译",
        rf"{_ASKED}(?:把)?(?:润色|改写|修改|扩写|缩写)(?:一下)?(?:{_TEXT})",
        rf"{_ASKED}(?:[订买抢点叫]|预订)(?:{_ONE})?(?:[机车门]?票|火车票|电影票|酒店|外卖|饭|东西|房间|车|咖啡|奶茶)",
        rf"(?:{_ASKED})?(?:算(?:一?下|一算)?[\d\s.+*/×÷=()加减乘除-]+|{_ASKED}算(?:{_ONE})(?:数学)?题|算命)",
        rf"{_ASKED}设计{_ONE}?[^\W的]{{0,4}}(?:海报|标志|图标|网页|网站|logo)",
        rf"{_POLITE}(?:write|draw|sing|compose|make)(?: me| us)? (?:an?|some) (?:\w+ )?(?:{_IN_ENGLISH})"
        r"(?: (?:about|for|to|on|in) [\w' ]{1,40})?",
        rf"{_POLITE}tell(?: me| us)? (?:an?|another|some) (?:\w+ )?(?:jokes?(?: about [\w' ]{{1,30}})?|story)",
        rf"{_POLITE}translate(?: {_THIS})?(?: (?:in)?to \w+)?(?: for me)?(?: please)?",
    ),
    "about": (
        rf"{_YOU}是(?:谁|什么|啥|机器人|人|真人|ai|chatgpt|gpt)(?:人|东西|机器人|模型|来的)?(?:吗|还是(?:真?人|机器人|ai))?",
        rf"{_YOU}(?:叫(?:什么|啥)(?:名字|名)?|的名字(?:是什么|叫什么|呢)?|贵姓)",
        rf"{_YOU}(?:还|都)?{_CAN}(?:{_FOR_ME})?(?:做|干)(?:些|点)?(?:什么|啥)(?:事情?|工作)?|{_YOU}能帮(?:我|我们)?(?:什么忙?|啥忙?|忙吗|忙)",
        rf"{_YOU}(?:都|还)?(?:会(?:些|点)?(?:什么|啥)|有(?:什么|哪些|啥)(?:功能|用处?|本事|能力)|怎么(?:使?用|工作))",
        rf"{_YOU}(?:还)?{_CAN}(?:{_FOR_ME})?(?:{_WORK})(?:吗|不|么)?",
        r"(?:请问)?(?:怎么|如何)(?:使用|用)(?:[你您]|(?:这|这个)?(?:机器人|系统|助手|工具|bot))?|帮助|(?:使用)?帮助(?:说明|信息)",
        r"(?:请问)?(?:这|这个)(?:机器人|系统|助手|工具|bot)?(?:怎么|如何)(?:使用|用)",
        r"(?:who|what) (?:are|r) (?:you|u)(?: exactly)?|(?:what(?:['’]?s| is) your name|what do they call you)",
        r"what (?:can|could) you do(?: for (?:me|us))?|what do you do|how (?:can|could) you help(?: me| us)?",
        r"how (?:do|can|should) i use (?:you|this|it)(?: bot| chatbot| tool)?",
        r"how (?:do you|does (?:this|it)(?: bot)?) work",
        r"are you (?:an? )?(?:\w+ )?(?:bot|robot|chatbot|human|person|ai|chatgpt|machine)",
        r"(?:please )?help(?: me)?(?: please)?",
        rf"(?:can|could) you (?:write|sing|draw|translate|code|chat|tell)(?: (?:{_IN_ENGLISH})s?)?",
    ),
    "thanks": (
        r"(?:非常|十分|太|真是|真|好的?)?(?:(?:谢谢)+|多谢|感谢|谢了|辛苦)(?:你|您|大家)?(?:们)?(?:的?(?:帮助|回答|帮忙|解答|回复))?",
        r"ok(?:ay)?|好|(?:好的)+|嗯+|行|知道|明白|了解|懂了|收到|[你您]?(?:(?:真|很|太)好|(?:真|很|太)?(?:不错|棒|厉害))",
        r"(?:(?:many )?thanks|thank (?:you|u))(?: (?:so|very) much| a lot)?"
        r"(?: for (?:(?:your|the|all your) )?(?:help(?:ing)?|answer(?:s|ing)?|reply|information|time)(?: me)?)?",
        r"(?:ok(?:ay)? |great |got it )?(?:thanks|thank you|thx)|thx|great|got it|merci|danke|gracias|cheers|perfect",
    ),
    "greeting": (
        r"(?:你|您|大家|各位)(?:们)?好(?:啊|呀)?(?:机器人|问报|wenbao)?",
        r"哈[喽罗啰]|嗨|喂|在[吗嘛么]|在不在|有人吗|早|早[上安]好?|[上中下]午好|晚[上安]好?|再[见会]|拜拜",
        r"(?:hi|hello|hey|hallo|hola|bonjour)(?: (?:there|bot|wenbao|all|everyone))?",
        r"good (?:morning|afternoon|evening)",
        r"how are you(?: (?:doing|today))?|nice to meet you|很?高兴认识[你您]",
        r"(?:good)?bye(?: bye)?|see you",
    ),
}
"""From what says most of a message to what says least, closed at the end: a tail may be the question itself."""
_OPENING = r"(?:(?:你|您)好(?=[请你您帮给写怎])|(?:hi|hello|hey) (?=\w+ ))?"
_KINDS = {kind: re.compile(rf"\s*{_OPENING}(?:{'|'.join(said)}){_ENDS}") for kind, said in _PATTERNS.items()}
_ASKS = re.compile(r"谁|什么|多少|哪|怎|如何|几(?![首篇个段张则封份句副幅只条道])|是(?!一)")


def small_talk_of(question: str) -> SmallTalk | None:
    """Say the kind of small talk of a message, by its clause that says most; None where one asks the reports."""
    clauses = [clause.strip() for clause in _CLAUSE.split(fold(question)) if clause.strip()]
    kinds = [_kind_of(clause) for clause in clauses]
    return None if None in kinds else next((kind for kind in _KINDS if kind in kinds), None)


def _kind_of(clause: str) -> SmallTalk | None:
    found = next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(clause)), None)
    return None if found == "task" and _ASKS.search(clause) else found
