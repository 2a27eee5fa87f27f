"""Numbers written in Chinese, and text that is full of them."""

from __future__ import annotations

from hypothesis import strategies as st

NUMERALS = st.text(
    st.sampled_from("〇零○一二三四五六七八九十百千万亿两廿卅几数第点分之个人年月日号季度克,.%0123456789 -统达科a"),
    max_size=16,
)


def written(number: int) -> str:
    """Write 0 to 99,999,999 in Chinese, slowly: every digit with its unit, then the zeros put right."""
    if number == 0:
        return "零"
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1_000 else ""
        return written(high) + "万" + gap + (written(low) if low else "")
    digits = f"{number:04}"
    text = "".join(
        "零" if digit == "0" else "零一二三四五六七八九"[int(digit)] + unit
        for digit, unit in zip(digits, "千百十 ", strict=True)
    )
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.replace(" ", "").strip("零")
