"""Triplets for the eye: examples with the replaced words marked, and the ratios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from data_prep.english.replaceable import REASONS
from data_prep.triplets.chunks import GONE, Encoded

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
    if stats["blocks_negated"]:
        lines.append(
            f"  {stats['blocks_negated'] / max(stats['blocks'], 1):.1%} of triplets are a sentence with "
            f"another polarity; in {stats['blocks_turned']:,} of them it keeps its meaning by the "
            "opposite word"
        )
    for name, meaning in (
        ("blocks_without_replacement", "blocks left out: a version of them would be the original"),
        ("sentences_split", "sentences cut in two to fit a block"),
        ("words_truncated", "words longer than a block cut short"),
    ):
        if stats[name]:
            lines.append(f"  {stats[name]:,} {meaning}")
    return "\n".join(lines)


def show(versions: list[list[Encoded]]) -> str:
    """A triplet as text; ``[old > new]`` marks a replaced word or run of words."""
    original, *others = versions
    lines = ["original  " + " ".join(chunk.text for chunk in original)]
    for name, version in zip(("synonym", "antonym"), others, strict=True):
        lines.append(f"{name}   " + " ".join(marked(original, version)))
    return "\n".join(lines)


def marked(original: list[Encoded], version: list[Encoded]) -> Iterator[str]:
    """The chunks of a version, changed ones with what they were; those that are gone join them."""
    place = 0
    while place < len(version):
        behind = place + 1
        while behind < len(version) and version[behind] is GONE:
            behind += 1
        old = " ".join(chunk.text for chunk in original[place:behind])
        new = version[place]
        yield old if new is original[place] else _mark(old, new)
        place = behind


def _mark(old: str, new: Encoded) -> str:
    begin, end = new.span
    if old[:begin] != new.text[:begin]:  # more than the marked words has changed
        begin = 0
    behind = len(new.text) - end
    if behind and not old.endswith(new.text[end:]):
        behind = 0
    end = len(new.text) - behind
    return f"{new.text[:begin]}[{old[begin : len(old) - behind]} > {new.text[begin:end]}]{new.text[end:]}"
