"""Messages that ask the reports nothing: greetings, thanks, questions about the bot itself, and requests for work."""

from __future__ import annotations

import re
from typing import Literal

SmallTalk = Literal["greeting", "thanks", "about", "task"]

_ENDS = r"[\W啊呀哦哈吧了呢嘛]*"
_ME = "(?:我们?|us|me)"
_WRITTEN = "诗|歌|作文|文章|故事|笑话|代码|程序|小说|图|画|段子|邮件|信|文案|报告|总结"
_IN_ENGLISH = "poem|song|story|essay|joke|code|letter|picture|email|sentence|text"

_PATTERNS: dict[SmallTalk, tuple[str, ...]] = {
    "greeting": (
        r"(?:你|您|大家|各位)(?:们)?好(?:啊|呀)?(?:机器人|问报|wenbao)?",
        r"哈[喽罗啰]|嗨|喂|在[吗嘛]|在不在|早|早[上安]好?|[上中下]午好|晚[上安]好?|再[见會会]|拜拜",
        r"hi|hello|hey|hallo|hola|bonjour|good (?:morning|afternoon|evening)|(?:good)?bye",
        r"(?:hi|hello|hey) (?:there|bot|wenbao)",
    ),
    "thanks": (
        r"(?:非常|十分|太|好的?)?(?:谢谢|多谢|感谢|谢了|辛苦)(?:你|您|大家)?(?:们)?(?:的?(?:帮助|回答|帮忙))?",
        r"ok|好的|知道了|明白|明白了|收到|不错|真棒|厉害",
        r"(?:thanks|thank you)(?: (?:so|very) much| a lot)?|thx|great|merci|danke|gracias",
    ),
    "about": (
        r"(?:请问)?[你您](?:到底)?(?:是(?:谁|什么|啥|机器人|人|真人|ai|chatgpt|gpt).{0,6}|叫(?:什么|啥).{0,4})",
        r"(?:请问)?[你您](?:都)?(?:(?:能|会|可以)(?:做|干|帮).{0,8}|会(?:什么|啥)|有(?:什么|哪些|啥)(?:功能|用|本事)|怎么用)",
        r"(?:怎么|如何)(?:使用|用)(?:[你您]|这个.{0,6})?|帮助",
        r"(?:who|what) are you.{0,12}|what (?:can|do) you do.{0,20}|how do (?:i use|you work).{0,20}|help",
    ),
    "task": (
        rf"(?:请|麻烦)?[你您]?[帮替给为]{_ME}(?:写|画|做|编|作|翻译|算|唱|讲|设计|生成|润色|改写|订|买).{{0,60}}",
        rf"(?:请|来)?(?:写|作|编|讲|说|来|唱|画)[一几]?[首篇个段张则封份](?:关于.{{0,20}}的)?(?:{_WRITTEN}).{{0,20}}",
        rf"(?:please )?(?:write|draw|sing|tell)(?: {_ME})? (?:an?|some) (?:\w+ )?(?:{_IN_ENGLISH})\b.{{0,50}}",
        r"(?:please )?(?:can you )?translate (?:this|that|it)\b.{0,60}",
    ),
}
_KINDS = {kind: re.compile(rf"\W*(?:{'|'.join(said)}){_ENDS}", re.IGNORECASE) for kind, said in _PATTERNS.items()}


def small_talk_of(question: str) -> SmallTalk | None:
    """Say what kind of small talk a message is; None for a question."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(question)), None)
