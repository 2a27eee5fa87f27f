"""Made-up reports that say of which revision they are, so that a quote tells of which generation it is."""

from __future__ import annotations

import random
from pathlib import Path

TOPICS = {
    "灯会": "灯会由{who}主持，正月十五在{where}的老城墙下点灯，市民凭身份证免费入场。",
    "画展": "画展的主持人是{who}，地点在{where}美术馆三楼，展出山水与花鸟两百余幅。",
    "书市": "主持书市的{who}说，{where}的旧书摊位都搬进了体育场，买书可以打折。",
    "茶会": "在{where}举行的茶会由{who}主持，茶农带来了今年春天的新茶请人品尝。",
    "龙舟赛": "{who}主持龙舟赛的开幕式，二十支船队从{where}码头出发，争夺冠军奖杯。",
    "音乐节": "音乐节今年移到{where}的江边草坪，三天的演出都由{who}主持，雨天顺延。",
}
"""What the reports that are asked about are about, and what they say of it; each is revised with every change."""
PEOPLE = ("王建国", "李红梅", "张文斌", "赵晓东", "周秀英", "孙志鹏", "马玉兰", "陈思远")
PLACES = ("武汉", "株洲", "西安", "成都", "杭州", "郑州", "长沙", "合肥")
THINGS = ("瓷器", "桥梁", "种子", "邮票", "奖章", "地图", "乐谱", "水泵", "路灯", "绸缎")
DONE = ("登记了", "修复了", "运走了", "清点了", "借出了", "验收了")
PARAGRAPHS = 50
"""Of one report of the archive, which nobody asks about; each is one passage."""


class RevisedReports:
    """A folder of reports, revised again and again; ``texts`` is what it holds now: document id -> text.

    No report has a title of its own, so that its text is all that the file holds.
    """

    def __init__(self, folder: Path, passages: int) -> None:
        self.folder = folder
        self.revision = 0
        self.texts: dict[str, str] = {}
        self._chance = random.Random(11)
        folder.mkdir(parents=True)
        for number in range(max(1, passages // PARAGRAPHS)):
            self._write(f"档案{number}", self._archive(number))
        self.revise()

    def revise(self) -> None:
        """Change every report that is asked about; one is added, and every other time one is removed as well."""
        self.revision += 1
        for topic in TOPICS:
            self._write(topic, self._revised(topic))
        self._write(f"简报{self.revision}", self._line(self.revision))
        if self.revision % 2 == 0:
            gone = f"简报{self.revision // 2}"
            (self.folder / f"{gone}.txt").unlink()
            del self.texts[gone]

    def _revised(self, topic: str) -> str:
        who, where = self._chance.choice(PEOPLE), self._chance.choice(PLACES)
        return f"第{self.revision}次修订：{TOPICS[topic].format(who=who, where=where)}"

    def _archive(self, number: int) -> str:
        return "\n\n".join(self._line(number * PARAGRAPHS + line) for line in range(PARAGRAPHS))

    def _line(self, number: int) -> str:
        where, who, done, what = map(self._chance.choice, (PLACES, PEOPLE, DONE, THINGS))
        other, count = self._chance.choice(THINGS), self._chance.randint(2, 9999)
        return f"第{number}号记录说，{where}的{who}{done}{count}件{what}，其余是{other}。"

    def _write(self, document_id: str, text: str) -> None:
        aside = self.folder / f".{document_id}"
        aside.write_text(text, encoding="utf-8")
        aside.rename(self.folder / f"{document_id}.txt")
        self.texts[document_id] = text
