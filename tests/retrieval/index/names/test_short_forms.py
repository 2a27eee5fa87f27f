"""What a text calls the same: short forms that it explains, and people called by their titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.names.short_forms import short_forms_in
from retrieval.text.entities import is_titled


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("世界卫生组织（以下简称“世卫组织”）表示，", [("世卫组织", "世界卫生组织")]),
        ("清和省衛生健康委員會(簡稱省衛健委)召開會議", [("省衛健委", "省衛生健康委員會")]),
        ("根据卫健委（卫生健康委员会）的通知", [("卫健委", "卫生健康委员会")]),
        ("江苏省人力资源和社会保障厅（省人社厅）发文", [("省人社厅", "省人力资源和社会保障厅")]),
        ("国家发展和改革委员会，简称国家发改委，", [("国家发改委", "国家发展和改革委员会")]),
        ("临江恒固建设工程有限公司（下称「恒固公司」）中标", [("恒固公司", "临江恒固建设工程有限公司")]),
        ("国际乒乓球联合会（ITTF）公布", [("ITTF", "国际乒乓球联合会")]),
        ("服务中心主任王建国说，大家都好。王主任每天来。", [("王主任", "王建国")]),
        ("王建国主任到了。后来王主任又说。", [("王主任", "王建国")]),
        ("主任王建国和主任王秀英都在，王主任说。", []),
        ("临江恒固建设工程有限公司（以下简称“公司”）", []),
        ("《湖南省居民医保办法》（以下简称本办法）", []),
        ("以上人员（含家属）投资三千万元（人民币），张三（左）和李四（右）", []),
        ("株洲市中心医院（下称“中心医院”），肺炎疫情（疫情）", []),
        ("第一项（一）、第二项（二）和附件（PDF）", []),
    ],
)
def test_names_for_the_same(text, pairs):
    assert short_forms_in(text) == pairs


@given(st.text("王主任建国书记（）(简称)“”，以下A卫生健康委员会省", max_size=40))
def test_any_text_can_be_read_and_what_is_found_stands_in_it(text):
    for short, long in short_forms_in(text):
        assert short in text or is_titled(short)
        assert long in text
        assert short not in long
