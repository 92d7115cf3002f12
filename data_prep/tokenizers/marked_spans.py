"""Token ids of a chunk of text, and which of them are part of a marked span of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Extent = tuple[int, int]
"""Characters [begin, end) of a text."""


@dataclass(frozen=True)
class Pieces:
    """The dictionary ids of a chunk and, for each, whether it is part of the marked span."""

    ids: list[int]
    labels: list[int]


def span_labels(extents: Iterable[Extent], span: Extent) -> list[int] | None:
    """The label of each extent, 1 inside ``span``; None when one lies across its border.

    An empty extent (a bare word mark, the first bytes of a character) counts where it stands.
    """
    begin, end = span
    labels = []
    for low, high in extents:
        inside = begin <= low < end and high <= end
        if not inside and low < end and high > begin:
            return None
        labels.append(int(inside))
    return labels
