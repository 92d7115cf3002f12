"""Triplets for the eye: examples with the replaced words marked, and the ratios."""

from __future__ import annotations

from collections import Counter
from typing import Any

from data_prep.english.replaceable import REASONS
from data_prep.triplets.chunks import Encoded

KEEPING = ("synonym", "hypernym", "inflection")
CHANGING = ("antonym", "random")
KINDS = KEEPING + CHANGING


def ratios(stats: Counter[str]) -> dict[str, Any]:
    """Shares of all word tokens replaced, in each version and by kind."""
    words = max(stats["words"], 1)
    changed = sum(stats[kind] for kind in CHANGING)
    return {
        "syn": sum(stats[kind] for kind in KEEPING) / words,
        "ant": changed / words,
        "true_antonyms": stats["antonym"] / max(changed, 1),
        "kinds": {kind: stats[kind] / words for kind in KINDS},
        "left_alone": {reason: stats[reason] / words for reason in REASONS},
    }


def describe(split: str, stats: Counter[str]) -> str:
    """The counts and ratios of a split, for the eye."""
    found = ratios(stats)
    kinds = found["kinds"]
    kept, changed = (
        ", ".join(f"{kind} {kinds[kind]:.1%}" for kind in group) for group in (KEEPING, CHANGING)
    )
    size = f"{stats['blocks']:,} triplets, {stats['words']:,} words"
    if stats["tokens_ori"]:  # not counted for triplets that are only shown
        size += f", {stats['tokens_ori']:,} tokens"
    lines = [
        f"{split}: {size}",
        f"  synonym version: {found['syn']:.1%} of words replaced ({kept})",
        f"  antonym version: {found['ant']:.1%} of words replaced ({changed}); "
        + f"{found['true_antonyms']:.0%} of them true antonyms",
        "  left alone in the synonym version: "
        + "; ".join(
            f"{share:.1%} {REASONS[reason]}" for reason, share in found["left_alone"].items()
        ),
    ]
    for name, meaning in (
        ("blocks_without_replacement", "blocks left out: a version of them would be the original"),
        ("sentences_split", "sentences cut in two to fit a block"),
        ("words_truncated", "words longer than a block cut short"),
    ):
        if stats[name]:
            lines.append(f"  {stats[name]:,} {meaning}")
    return "\n".join(lines)


def show(versions: list[list[Encoded]]) -> str:
    """A triplet as text; ``[old > new]`` marks a replaced word."""
    original, *others = versions
    lines = ["original  " + " ".join(chunk.text for chunk in original)]
    for name, version in zip(("synonym", "antonym"), others, strict=True):
        marked = (_mark(old, new) for old, new in zip(original, version, strict=True))
        lines.append(f"{name}   " + " ".join(marked))
    return "\n".join(lines)


def _mark(old: Encoded, new: Encoded) -> str:
    if old is new:
        return old.text
    begin, end = new.span
    behind = len(new.text) - end
    replaced = old.text[begin : len(old.text) - behind]
    return f"{new.text[:begin]}[{replaced} > {new.text[begin:end]}]{new.text[end:]}"
