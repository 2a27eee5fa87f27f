"""A small corpus with everything that is told apart: reprints, copies, versions, a table, captions, dates, names."""

from __future__ import annotations

from related_reports import MORE_SUBSIDY, NEWS, NOTICE, SUBSIDY, as_file, reworded

BOILERPLATE = "责任编辑：周文清。"
PURPOSE, SINCE = "第一条 为了关爱老人，制定本办法。", "第三条 本办法自发布之日起施行。"
PHOTOGRAPH = """株洲的志愿者

2022年3月12日

株洲的志愿者给老人送菜。

▲志愿者孙云华在送菜。

3月13日，灯还亮着。

"""
TABLE = """<html><body><h1>补贴标准</h1><p>2021年3月5日，各县公布补贴标准。</p>
<table><tr><th>县</th><th>每人补贴（元）</th></tr><tr><td>红旗县</td><td>120</td></tr><tr><td>滨河县</td><td>60</td></tr></table>
</body></html>"""
REPORTS = {
    "news/图书馆.txt": as_file("临江图书馆新馆开馆", "2021-05-07", NEWS),
    "news/图书馆转载.txt": as_file("新馆开馆", "2021-05-08", reworded(NEWS, ("三千二百", "三千三百")), "滨河晚报"),
    "news/图书馆再转.txt": as_file("临江图书馆新馆开馆", "2021-05-09", [*NEWS, BOILERPLATE], "红旗网"),
    "notices/红旗镇.txt": as_file("红旗镇关于召开防汛会议的通知", "2021-06-10", NOTICE),
    "notices/白云镇.txt": as_file("白云镇关于召开防汛会议的通知", "2021-06-10", reworded(NOTICE, ("红旗", "白云"))),
    "rules/补贴办法2019.txt": as_file("高龄补贴管理办法", "2019-01-01", [PURPOSE, SUBSIDY, SINCE]),
    "rules/补贴办法2021.txt": as_file("高龄补贴管理办法（2021年修订）", "2021-01-01", [PURPOSE, MORE_SUBSIDY, SINCE]),
    "标准.html": TABLE,
    "照片.txt": PHOTOGRAPH + BOILERPLATE,
    "空.txt": "空\n\n……\n",
}
QUESTIONS = (
    "新馆首日接待读者多少人次？",
    "图书馆总投资多少？",
    "红旗镇几点召开防汛会议？",
    "八十岁老人每月补贴多少元？",
    "2019年的补贴是多少？",
    "补贴最高的是哪个县？",
    "红旗县每人补贴多少元？",
    "3月12日志愿者做了什么？",
    "2021年5月的报道说了什么",
    "最新的报道讲了什么？",
    "第三条说了什么？",
    "Who is Sun Yunhua?",
    "How many readers came to the library?",
    "责任编辑是谁？",
    "孙芸华在做什么？",
    "这些报告讲了什么？",
    "月球背面有什么？",
    "……",
)
