"""Reports that everybody may read beside others that are secret, related to them in every way that there is."""

from __future__ import annotations

from pathlib import Path

from related_reports import MORE_SUBSIDY, NEWS, SUBSIDY, as_file, reworded
from stub_encoder import StubEncoder

from bot.service.opening import update_index
from bot.settings import Settings, load_settings

PATTERN = "public/*"
PUBLIC = {
    "public/开馆.txt": as_file("图书馆新馆开馆", "2024-05-07", NEWS),
    "public/补贴.txt": as_file(
        "临江市高龄老人补贴办法", "2022-01-01", (SUBSIDY, "本办法自发布之日起施行。", "申请人应当持身份证办理。")
    ),
}
SECRET = {
    "secret/转载.txt": as_file(
        "临江新馆迎客", "2024-05-08", reworded(NEWS, ("三千二百", "三千五百"), ("周文清", "钱慕白")), "江南晚报"
    ),
    "secret/补贴.txt": as_file(
        "临江市高龄老人补贴办法（2024年修订）",
        "2024-01-01",
        (MORE_SUBSIDY, "本办法自发布之日起施行。", "申请人应当持身份证办理。"),
    ),
    "secret/银杏.txt": as_file("银杏计划", "2025-03-01", ("名为银杏的计划由陆沉舟负责，预算九千万元。",)),
    "secret/旧闻.txt": as_file("旧闻", "2020-03-01", ("旧闻说的是琥珀行动，由秦月白指挥。",)),
}
WITHDRAWN = "secret/旧闻"
TELLTALES = (
    "secret", "转载", "银杏", "陆沉舟", "九千万", "琥珀", "秦月白", "旧闻", "迎客", "晚报", "三千五百",
    "钱慕白", "一百二十", "修订", "2024-01-01", "2025-03-01",
)  # fmt: skip
"""What stands in secret reports only."""
QUESTIONS = (
    "图书馆新馆首日接待多少读者？", "馆长是谁？", "高龄老人每月补贴多少元？", "补贴办法是哪一年的？",
    "银杏计划由谁负责？", "银杏的计划预算多少？", "陆沉舟是谁？", "一共有多少篇报道？", "有哪些报道？",
    "都有哪些来源？", "琥珀行动由谁指挥？", "哪篇报道的读者最多？", "新馆投资多少，银杏计划预算多少？",
    "2025年3月发生了什么？", "你好", "Who runs the ginkgo plan?", "How many readers came to the library?",
    "最近有什么新闻？", "银幸计划由谁负责？", "最新的报道是什么？",
)  # fmt: skip


def indexed(folder: Path, files: dict[str, str], withdrawn: str | None = None, **server: object) -> Settings:
    """Write reports below ``folder``, index them, withdraw one, index again, and return the settings."""
    corpus = folder / "corpus"
    for name, words in files.items():
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, "utf-8")
    config = folder / "config.yaml"
    config.write_text(f"corpus: {{paths: ['{corpus}'], watch: false}}\n", "utf-8")
    settings = load_settings(config)
    update_index(settings, StubEncoder())
    if withdrawn:
        (corpus / f"{withdrawn}.txt").unlink()
        update_index(settings, StubEncoder())
    return settings.model_copy(update={"server": settings.server.model_copy(update=server)})
