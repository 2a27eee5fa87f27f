"""Which names all reports use for the same."""

from retrieval.index.names.finding import names_of

WHO = "世界卫生组织（以下简称“世卫组织”）发布了指南。"


def test_names_lead_to_each_other_but_a_title_only_to_its_person():
    reports = [("a", WHO), ("b", "主任王建国说。王主任每天来。"), ("c", WHO)]
    assert names_of(reports) == {
        "世卫组织": {"世界卫生组织": ("a", "c")},
        "世界卫生组织": {"世卫组织": ("a", "c")},
        "王主任": {"王建国": ("b",)},
    }


def test_either_script_leads_to_the_folded_names():
    assert names_of([("a", "清和省衛生健康委員會（簡稱省衛健委）")])["省卫健委"] == {"省卫生健康委员会": ("a",)}


def test_what_everybody_is_called_says_nothing():
    people = ["王建国", "王秀英", "王志强", "王丽华"]
    reports = [(name, f"主任{name}说，一切都好。王主任每天来。") for name in people]
    assert names_of(reports[:3]) == {"王主任": {name: (name,) for name in people[:3]}}
    assert names_of(reports) == {}
