"""Text with synonyms for a share of its words, to test translation.

Example::

    python -m data_prep.synonym_text data-bin/raw/test.en --output synonyms.en --share 0.1

    python -m fairseq_cline.evaluation.translation_robustness model.pt --data data-bin \\
        --source-text synonyms.en

The text is English. The words and their synonyms are those of CLINE's data
(data_prep.make_triplets): nouns, verbs, adjectives and adverbs, by spaCy's tags in context, and
WordNet's synonyms with the same inflection and letter case. Hypernyms and other inflections are
left out: the reference would no longer be a translation. Each line keeps its number of words, runs
of white space become one space. The same text, share and seed give the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data_prep.english.synonym_places import DEFAULT_SHARE
from data_prep.english.synonym_replacement import write_synonyms
from data_prep.files.command_line import command, command_parser
from data_prep.files.option_numbers import seed


@command
def main(argv: Sequence[str] | None = None) -> None:
    parser = command_parser(__spec__, __doc__)
    parser.add_argument("source", type=Path, metavar="TEXT", help="English, a sentence a line")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="the text to write"
    )
    parser.add_argument(
        "--share",
        type=float,
        default=DEFAULT_SHARE,
        help="share of all words that is replaced, in (0, 1]; about a fifth of English words "
        f"have a synonym (default: {DEFAULT_SHARE})",
    )
    parser.add_argument("--seed", type=seed, default=1, help="seed of the choice (default: 1)")
    arguments = parser.parse_args(argv)
    print(
        write_synonyms(
            arguments.source,
            arguments.output,
            share=arguments.share,
            seed=arguments.seed,
        )
    )


if __name__ == "__main__":
    main()
