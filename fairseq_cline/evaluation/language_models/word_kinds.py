"""The kinds of symbols of a dictionary: words that ATCL may perturb, and why the others are none."""

from collections import defaultdict

from fairseq.data import Dictionary

from data_prep.files.text_tables import markdown
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.command_line import escaped

_EXAMPLES = 8


def by_kind(dictionary: Dictionary) -> dict[str, list[int]]:
    """Kind -> its symbols, the most frequent first; words come first, then the largest kinds."""
    words = CandidateWords(dictionary)
    kinds = defaultdict(list)
    for index, symbol in enumerate(dictionary.symbols):
        kinds[words.kind(symbol)].append(index)
    for members in kinds.values():
        members.sort(key=lambda index: -dictionary.count[index])
    return dict(sorted(kinds.items(), key=lambda item: (item[0] != "word", -len(item[1]))))


def table(dictionary: Dictionary) -> str:
    """Markdown: one row a kind."""
    # The specials are not counted in dict.txt. Every other symbol once, at most: no counts at all.
    counts = [0] * dictionary.nspecial + dictionary.count[dictionary.nspecial :]
    tokens = sum(counts) if max(counts) > 1 else 0
    rows = []
    for kind, members in by_kind(dictionary).items():
        share = f"{sum(counts[index] for index in members) / tokens:.1%}" if tokens else "-"
        examples = " ".join(escaped(dictionary[index]) for index in members[:_EXAMPLES])
        name = "**word**" if kind == "word" else kind
        rows.append([name, f"{len(members):,}", share, examples])
    return markdown(["kind", "symbols", "share of tokens", "examples"], rows)
