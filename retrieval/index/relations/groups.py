"""Groups that share a member -> one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def joined(groups: Iterable[Sequence[int]]) -> list[list[int]]:
    """Join groups that share a member, directly or through others; members ascend, groups stand by their first."""
    group_of = dict[int, list[int]]()
    for group in groups:
        known = {id(found): found for member in set(group) for found in [group_of.get(member, [member])]}
        whole = [member for found in known.values() for member in found]
        group_of |= dict.fromkeys(whole, whole)
    return sorted(sorted(group) for group in {id(group): group for group in group_of.values()}.values())
