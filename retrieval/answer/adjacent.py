"""A sentence that does not say who or what it is about is shown with the one before it.

"他累计接听电话近400通。" answers nobody who does not know who he is. The two are one stretch of the passage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_CHARACTERS = 160
"""The two sentences have at most so many together: more is no answer but a paragraph."""

_LEANS = re.compile(
    r"[“”\"「『（(\s]*"
    r"(?:他们|她们|它们|[他她它](?!人|乡|处|山)|其(?!他|它|余|实|间)|该(?!死)|上述|前者|后者|双方|[两二]人|"
    r"每(?:户|人|名|家|个|位|户家庭)?[^，。]{0,4}(?:补助|补贴|发放|奖励|给予|需|可)|"
    r"这[个位名家项支所些]|此[项次举人])"
)


def shown_from(text: str, sentences: Sequence[tuple[int, int]], chosen: int) -> int:
    """Return where what is shown of ``text`` begins: at the sentence itself, or at the one before that it leans on."""
    start, end = sentences[chosen]
    if chosen == 0 or not _LEANS.match(text, start, end):
        return start
    before = sentences[chosen - 1][0]
    return before if end - before <= MOST_CHARACTERS else start
