"""The kinds of evaluation that a report knows: what each measures, in words for any reader."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fairseq_cline.evaluation.reports import figures, tables


@dataclass(frozen=True)
class Kind:
    """One kind of evaluation, as a section of the page."""

    title: str
    mark: str  # key of a checkpoint's results, or of a summary, that no other kind has
    meaning: str  # what is measured, and which direction is better
    sample: Callable[[dict], str]  # what the figures were computed on
    draw: figures.Draw | None
    tabulate: tables.Tabulate = tables.over_seeds
    folded: Callable[[dict], dict[str, figures.Draw]] = lambda report: {}  # more, by their title
    averaged: bool = True  # over seeds, by evaluation.seeds
    words: bool = False  # the table has words, not figures
    summary: bool = False  # made of other results: without checkpoints of its own

    def knows(self, report: object) -> bool:
        """Whether this is such a report."""
        if not isinstance(report, dict):
            return False
        if self.summary:
            return self.mark in report
        rows = report.get("checkpoints")
        first = rows[0] if isinstance(rows, list) and rows else None
        return isinstance(first, dict) and self.mark in first


KINDS = (
    Kind(
        title="Hits: is the kept meaning told from the changed one?",
        mark="contrastive_accuracy",
        meaning="Each sentence has two other versions. In one, words were replaced by synonyms and "
        "the like, which keep its meaning; in the other by antonyms or other words, which change "
        "it. Hits is the percentage of sentences that the model holds closer to the first version. "
        "Higher is better; a coin would give 50. Closeness is that of one vector for the sentence "
        "(the special token [CLS], or the mean of all tokens), or BERTScore, which matches the "
        "tokens one by one; the table has the best layer of each model, the figure all of them. "
        "Contrastive accuracy is the same by the dot product that CLINE's training uses. RTD F1 "
        "tells how well the model finds the replaced words: 100 is all of them and no others.",
        sample=lambda report: f"{report['checkpoints'][0]['triplets']:,} sentences",
        draw=figures.hits,
    ),
    Kind(
        title="Classification: how often is the class right?",
        mark="metrics",
        meaning="Accuracy is the percentage of texts whose class is predicted right. Macro-F1 is "
        "the mean over the classes of F1, which falls with texts missed and with texts wrongly "
        "put into the class; rare classes count as much as frequent ones. Matthews' correlation is "
        "0 for guessing. If the labels are numbers, it is the correlation of predictions and "
        "labels. Higher is better for all; 100 is perfect.",
        sample=lambda report: (
            f"{report['split']['name']}, {report['split']['examples']:,} examples"
        ),
        draw=figures.dots,
        folded=lambda report: (
            {"Confusion matrices": figures.confusions} if report["labels"] else {}
        ),
    ),
    Kind(
        title="Invariance: does a harmless change flip the prediction?",
        mark="kinds",
        meaning="Texts are changed so that their class stays the same: synonyms, other names and "
        "numbers, contractions, punctuation, typing errors. The flip rate is the percentage of "
        "texts whose prediction becomes another one: lower is better. Accuracy is given on the "
        "untouched texts and on the changed ones: higher is better. A model that always gives the "
        "same answer never flips, so read both.",
        sample=lambda report: (
            f"{report['checkpoints'][0]['kinds']['all']['examples']:,} changed texts"
        ),
        draw=figures.dots,
    ),
    Kind(
        title="Contrast sets: are small changes that matter seen?",
        mark="consistency",
        meaning="People changed each text by a little that matters: its class becomes another one, "
        "or may become one (a changed question of BoolQ can keep its answer). Ori is the accuracy "
        "on the original texts, Rev that on the changed ones, both in percent. Con is the "
        "percentage of sets, a text with all its changed versions, in which every prediction is "
        "right. Higher is better for all. A model that goes by the rest of the text can have a "
        "good Ori, but no good Con.",
        sample=lambda report: (
            f"{report['split']['sets']:,} sets, {report['split']['examples']:,} texts"
        ),
        draw=figures.dots,
    ),
    Kind(
        title="Adversarial attack: how easily is a classifier fooled?",
        mark="attack",
        meaning="A program changes words of a text, to synonyms for example, until the right "
        "answer of the classifier becomes a wrong one. Under attack is the percentage of texts "
        "whose answer stays right, accuracy that without an attack: higher is better. The success "
        "rate is the percentage of right answers that become wrong: lower is better. Words changed "
        "is the percentage of its words that a fooling text needs, queries how many texts the "
        "attack has to try: the higher both are, the harder it is.",
        sample=lambda report: (
            f"{report['split']['attack']} on {report['split']['examples']:,} texts of "
            f"{report['split']['name']}"
        ),
        draw=figures.dots,
    ),
    Kind(
        title="Representation: do sentences stay apart?",
        mark="features",
        meaning="Positive is the mean cosine of a sentence and its changed version: near 1 means "
        "that the change does not matter to the model. Random is that of two different sentences: "
        "lower is better, and near 1 the model has collapsed, which makes all sentences alike. "
        "Uniformity says how evenly sentences fill the space (lower is better; 0 is collapse), "
        "effective rank in how many directions they differ (higher is better). Each is given for "
        "several vectors of a sentence.",
        sample=lambda report: f"{report['split']['name']}, {report['split']['pairs']:,} pairs",
        draw=figures.cosines,
        tabulate=partial(tables.over_seeds, decimals=3),
    ),
    Kind(
        title="Language models under attack",
        mark="perplexity_after",
        meaning="Perplexity is how many words a language model hesitates between, on average, when "
        "it predicts the next one: lower is better. Under attack the vector of one word is moved "
        "by ε in the direction that hurts most: the less perplexity rises, the more robust is the "
        "model. After is that of the tokens behind the moved word alone.",
        sample=lambda report: (
            f"{report['split']}, {report['checkpoints'][0]['tokens']:,} tokens, of which "
            f"{report['checkpoints'][0]['perturbed']:,} are moved"
        ),
        draw=figures.perplexities,
    ),
    Kind(
        title="Translation under attack",
        mark="bleu",
        meaning="BLEU compares a translation with that of a person, from 0 to 100: higher is "
        "better. Under attack the vectors of one word of the sentence, or of a share of them, are "
        "moved by ε in the direction that hurts most: the less BLEU falls, the more robust is the "
        "model. Other wordings of the same source text, such as synonyms, are measured alike.",
        sample=lambda report: f"{report['split']}, {report['sentences']:,} sentences",
        draw=figures.translations,
    ),
    Kind(
        title="Label distance: which classes are confused?",
        mark="matrix",
        meaning="CLLD learns during training which classes it confuses, and pushes these further "
        "apart. A distance of 1 is that of any two classes; a larger one is learned from "
        "confusions. No direction is better: it shows what the model found difficult.",
        sample=lambda report: f"{len(report['labels']):,} classes",
        draw=figures.label_distances,
        tabulate=tables.label_distances,
        averaged=False,
        words=True,
    ),
    Kind(
        title="Neighbors of words",
        mark="distances",
        meaning="The words whose vectors are closest to that of a word, the closest first. There "
        "is no score: see whether they go together.",
        sample=lambda report: f"{len(report['checkpoints'][0]['distances']):,} words",
        draw=None,
        tabulate=tables.neighbors,
        averaged=False,
        words=True,
    ),
    Kind(
        title="Completions under attack",
        mark="completions",
        meaning="A language model completes sentences, once as they are and once with the vector "
        "of a word moved in the direction that hurts most. The more completions stay the same, and "
        "the less perplexity rises, the more robust is the model.",
        sample=lambda report: f"{len(report['checkpoints'][0]['completions']):,} sentences",
        draw=None,
        tabulate=tables.completions,
        averaged=False,
    ),
    Kind(
        title="CLINE's tables: contrast sets and attacks together",
        mark="evaluations",
        meaning="What evaluation.cline_tables made of other results. Where these are in the folder "
        "too, this repeats what stands above. A row is a task, what was done (contrast sets, ready "
        "adversarial examples or an attack), and a model; a percentage is the share of the "
        "training data, if it is not all. Chosen on says what chose among several checkpoints. "
        "If it was “contrast”, they were chosen on the very examples that are reported: too good "
        "to be compared with figures that are chosen on validation data.",
        sample=lambda report: f"{len(report['evaluations']):,} evaluations",
        draw=None,
        tabulate=tables.evaluations,
        averaged=False,
        summary=True,
    ),
    Kind(
        title="Means over seeds",
        mark="rows",
        meaning="What evaluation.seeds made of other results. Where these are in the folder too, "
        "this repeats what stands above, where the figures are explained.",
        sample=lambda report: f"{report['seeds']} seeds",
        draw=None,
        tabulate=tables.summary,
        averaged=False,
        summary=True,
    ),
)
