"""BLEU under attack: words of the source moved by epsilon along the gradient of the loss.

ATCL (Rim et al., 2021), Eq. 1 with a plus, and Table 7 in numbers. In a Python session:

    paths = {"baseline": "base.pt", "atcl": "atcl.pt"}
    models = load_translation_models(paths, "data-bin")
    text = load_split("data-bin", "test", models[0].source, models[0].target)
    words = SourceWords(text.sources, models[0].source.dictionary, seed=1)
    attack = SourceAttack(perturbed_words(words), epsilons=[0.03, 0.3])
    bleu = Bleu(text.references, models[0].target.name)
    for model in models:
        print(model.name, scores(model, translations(model, text, attack), attack, bleu).bleu)

The names are of the modules beside this one.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from data_prep.files.text_tables import markdown
from data_prep.files.whole import write_text
from fairseq_cline.evaluation.command_line import escaped
from fairseq_cline.evaluation.translation.bleu import Bleu
from fairseq_cline.evaluation.translation.source_attack import (
    Places,
    SourceAttack,
    SourceWords,
    Translations,
)
from fairseq_cline.evaluation.translation.translation_model import TranslationModel
from fairseq_cline.evaluation.translation.translation_text import TranslatedText

ONE_WORD = "one word"


@dataclass(frozen=True)
class TranslationResult:
    """The BLEU of one model; lists have one figure for each epsilon, 0 first."""

    name: str
    sha256: str
    epsilon: list[float]
    bleu: dict[str, list[float]]  # words that are perturbed -> BLEU
    embedding_norm: dict[str, float]  # mean of the perturbed words: compare epsilon with it
    source_texts: dict[str, float]  # BLEU of other wordings, not perturbed


def perturbed_words(words: SourceWords, shares: Sequence[float] = ()) -> dict[str, Places]:
    """One word of each sentence, and shares of the words, each choice by its name."""
    named = {f"{share:.4g} of the words": words.share(share) for share in sorted(set(shares))}
    return {ONE_WORD: words.one(), **named}


def translations(
    model: TranslationModel,
    text: TranslatedText,
    attack: SourceAttack,
    device: torch.device | str = "cpu",
) -> Translations:
    """Translates a text clean, under attack, and in its other wordings.

    Raises:
        InputError: a sentence is longer than the model takes.
    """
    found = attack.on(model, text.sources, text.targets, device)
    plain = replace(attack, places={})
    for name, sources in text.wordings.items():
        found.wordings[name] = plain.on(model, sources, text.targets, device).clean
    return found


def scores(
    model: TranslationModel, found: Translations, attack: SourceAttack, bleu: Bleu
) -> TranslationResult:
    """Scores the `translations` of a model."""
    clean = bleu(found.clean)
    return TranslationResult(
        name=model.name,
        sha256=model.sha256,
        epsilon=[0.0, *attack.epsilons],
        bleu={which: [clean, *map(bleu, attacked)] for which, attacked in found.attacked.items()},
        embedding_norm={
            which: sum(lengths) / len(lengths) for which, lengths in found.lengths.items()
        },
        source_texts={name: bleu(lines) for name, lines in found.wordings.items()},
    )


def write_translations(
    folder: str, model: TranslationModel, found: Translations, epsilons: Sequence[float]
) -> None:
    """Writes one file for each column of the table, for sacrebleu --paired-bs and for the eye."""
    os.makedirs(folder, exist_ok=True)
    files = {"clean": found.clean}
    files |= {f"source {name}": lines for name, lines in found.wordings.items()}
    for which, attacked in found.attacked.items():
        for epsilon, lines in zip(epsilons, attacked, strict=True):
            files[f"{which} epsilon {epsilon:g}"] = lines
    for content, lines in files.items():
        name = re.sub(r"[^\w.=-]+", "-", f"{model.name}.{content}.{model.target.name}")
        write_text(os.path.join(folder, name), "".join(f"{line}\n" for line in lines))


def table(results: Sequence[TranslationResult]) -> str:
    """Markdown: one row a model for each choice of words; other wordings of the source last."""
    first = results[0]
    header = ["model", "perturbed", "clean", *(f"ε = {e:g}" for e in first.epsilon[1:])]
    header += ["mean length of the embedding", *map(escaped, first.source_texts)]
    rows = []
    for which in first.bleu:
        for result in results:
            cells = [*result.bleu[which], result.embedding_norm[which]]
            cells += result.source_texts.values()
            rows.append([result.name, which, *(f"{value:.2f}" for value in cells)])
    return markdown(header, rows)
