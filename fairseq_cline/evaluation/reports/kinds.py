"""The kinds of evaluation: one table for `seeds`, `report`, `cline_tables` and every --plot.

A new evaluation is one more entry of `KINDS`. Its key is what the command gives `write_report` as
kind. An entry with `columns` is averaged over seeds and tabulated by them; nothing else is needed.
"""

from fairseq_cline.evaluation.reports import bars, columns, figures, questions, tables
from fairseq_cline.evaluation.reports.kind import Kind, Report, Results, Table


def _means(results: Results) -> list[Table]:
    """The rows of evaluation.seeds, with the decimals of what they are means of."""
    averaged = KINDS[results.reports[0]["of"]]
    return tables.means(results, averaged.decimals)


def _sets(report: Report) -> str:
    return "; ".join(
        f"{name}, {facts['sentences']:,} {unit}"
        for measure, unit in (("sts", "pairs"), ("opposites", "choices"), ("negations", "pairs"))
        for name, facts in report["split"].get(measure, {}).items()
    )


def _split_and_examples(report: Report) -> str:
    return f"{report['split']['name']}, {report['split']['examples']:,} examples"


KINDS = {
    "hits": Kind(
        title="Hits: is the kept meaning told from the changed one?",
        meaning="Each sentence has two other versions. In one, words were replaced by synonyms and "
        "the like, which keep its meaning; in the other by antonyms or other words, which change "
        "it. Hits is the percentage of sentences that the model holds closer to the first version. "
        "Higher is better; a coin would give 50. Closeness is that of one vector for the sentence "
        "(the special token [CLS], or the mean of all tokens), or BERTScore, which matches the "
        "tokens one by one; the table has the best layer of each model, the figure all of them. "
        "Contrastive accuracy is the same by the dot product that CLINE's training uses. RTD F1 "
        "tells how well the model finds the replaced words: 100 is all of them and no others.",
        sample=lambda report: f"{report['checkpoints'][0]['triplets']:,} sentences",
        columns=columns.hits,
        ask=questions.hits,
        draw=figures.hits,
    ),
    "classify": Kind(
        title="Classification: how often is the class right?",
        meaning="Accuracy is the percentage of texts whose class is predicted right. Macro-F1 is "
        "the mean over the classes of F1, which falls with texts missed and with texts wrongly "
        "put into the class; rare classes count as much as frequent ones. Matthews' correlation is "
        "0 for guessing. If the labels are numbers, it is the correlation of predictions and "
        "labels. Higher is better for all; 100 is perfect.",
        sample=_split_and_examples,
        columns=columns.metrics,
        chance=questions.guessed_class,
        primary=("accuracy", "Pearson"),
        draw=figures.dots,
        plot=figures.confusions,
        folded={"Confusion matrices": figures.confusions},
    ),
    "invariance": Kind(
        title="Invariance: does a harmless change flip the prediction?",
        meaning="Texts are changed so that their class stays the same: synonyms, other names and "
        "numbers, contractions, punctuation, typing errors. The flip rate is the percentage of "
        "texts whose prediction becomes another one: lower is better. Accuracy is given on the "
        "untouched texts and on the changed ones: higher is better. A model that always gives the "
        "same answer never flips, so read both.",
        sample=lambda report: (
            f"{report['checkpoints'][0]['kinds']['all']['examples']:,} changed texts"
        ),
        columns=columns.invariances,
        ask=questions.invariances,
        chance=lambda row, report: questions.guessed_of_classes(
            row["kinds"]["all"]["original"], report
        ),
        primary=("accuracy",),
        draw=figures.dots,
        plot=bars.invariance_bars,
    ),
    "contrast_sets": Kind(
        title="Contrast sets: are small changes that matter seen?",
        meaning="People changed each text by a little that matters: its class becomes another one, "
        "or may become one (a changed question of BoolQ can keep its answer). Ori is the accuracy "
        "on the original texts, Rev that on the changed ones, both in percent. Con is the "
        "percentage of sets, a text with all its changed versions, in which every prediction is "
        "right. Higher is better for all. A model that goes by the rest of the text can have a "
        "good Ori, but no good Con.",
        sample=lambda report: (
            f"{report['split']['sets']:,} sets, {report['split']['examples']:,} texts"
        ),
        columns=columns.contrast_sets,
        full_names={
            "Con": "consistency (Con)",
            "Ori": "originals (Ori)",
            "Rev": "changed texts (Rev)",
        },
        chance=questions.one_answer,
        primary=("Con",),
        draw=figures.dots,
        plot=bars.contrast_bars,
    ),
    "adversarial": Kind(
        title="Adversarial attack: how easily is a classifier fooled?",
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
        columns=columns.attacks,
        chance=lambda row, report: questions.guessed_of_classes(row["attack"]["accuracy"], report),
        primary=("under attack",),
        draw=figures.dots,
        plot=bars.attack_bars,
    ),
    "adversarial_examples": Kind(
        title="Adversarial examples: is the class right?",
        meaning="Each text was changed before, by a program that fooled another model with it. All "
        "models are given the same texts. Accuracy is the percentage of texts whose class is "
        "predicted right; the other figures are those of a classification. Higher is better.",
        sample=_split_and_examples,
        columns=columns.metrics,
        chance=questions.guessed_class,
        primary=("accuracy", "Pearson"),
        draw=figures.dots,
        plot=bars.example_bars,
        folded={"Confusion matrices": figures.confusions},
    ),
    "representation": Kind(
        title="Representation: do sentences stay apart?",
        meaning="Positive is the mean cosine of a sentence and its changed version: near 1 means "
        "that the change does not matter to the model. Random is that of two different sentences: "
        "lower is better, and near 1 the model has collapsed, which makes all sentences alike. "
        "Uniformity says how evenly sentences fill the space (lower is better; 0 is collapse), "
        "effective rank in how many directions they differ (higher is better). Each is given for "
        "several vectors of a sentence.",
        sample=lambda report: f"{report['split']['name']}, {report['split']['pairs']:,} pairs",
        columns=columns.representations,
        decimals=3,
        draw=figures.cosines,
    ),
    "similarity": Kind(
        title="Similarity: do sentence vectors say what people say?",
        meaning="Two sentences are the more similar to a model, the higher the cosine of their "
        "vectors is; a vector is that of the special token [CLS], or the mean of all tokens. STS is "
        "how well the order of the cosines agrees with scores that people gave (Spearman's "
        "correlation x 100): higher is better; 0 is no agreement, 100 the same order. Opposites is "
        "the percentage of sentences that are nearest to the one that means the same, and not to "
        "one that means the opposite: higher is better; a guess between two gives 50, among three "
        "33. Negations is the mean cosine x 100 of a sentence and its negation: lower means that "
        "they are told apart, but a low cosine is worth something only where STS is high. Where "
        "there are several sets, the first columns are their means.",
        sample=_sets,
        columns=columns.similarities,
        ask=questions.similarities,
        primary=("STS by mean", "opposites by mean"),
        draw=figures.dots,
        plot=bars.similarity_bars,
    ),
    "lm_robustness": Kind(
        title="Language models under attack",
        meaning="Perplexity is how many words a language model hesitates between, on average, when "
        "it predicts the next one: lower is better. Under attack the vector of one word is moved "
        "by ε in the direction that hurts most: the less perplexity rises, the more robust is the "
        "model. After is that of the tokens behind the moved word alone.",
        sample=lambda report: (
            f"{report['split']}, {report['checkpoints'][0]['tokens']:,} tokens, of which "
            f"{report['checkpoints'][0]['perturbed']:,} are moved"
        ),
        columns=columns.perplexities,
        ask=questions.perplexities,
        unfit=questions.sees_the_future,
        primary=("perplexity",),
        greater_is_better=False,
        draw=figures.perplexities,
    ),
    "translation_robustness": Kind(
        title="Translation under attack",
        meaning="BLEU compares a translation with that of a person, from 0 to 100: higher is "
        "better. Under attack the vectors of one word of the sentence, or of a share of them, are "
        "moved by ε in the direction that hurts most: the less BLEU falls, the more robust is the "
        "model. Other wordings of the same source text, such as synonyms, are measured alike.",
        sample=lambda report: f"{report['split']}, {report['sentences']:,} sentences",
        columns=columns.translations,
        ask=questions.translations,
        primary=("BLEU",),
        draw=figures.translations,
    ),
    "label_distance": Kind(
        title="Label distance: which classes are confused?",
        meaning="CLLD learns during training which classes it confuses, and pushes these further "
        "apart. A distance of 1 is that of any two classes; a larger one is learned from "
        "confusions. No direction is better: it shows what the model found difficult.",
        sample=lambda report: f"{len(report['labels']):,} classes",
        draw=figures.label_distances,
        tabulate=tables.label_distances,
        words=True,
    ),
    "neighbours": Kind(
        title="Neighbors of words",
        meaning="The words whose vectors are closest to that of a word, the closest first. There "
        "is no score: see whether they go together.",
        sample=lambda report: f"{len(report['checkpoints'][0]['distances']):,} words",
        tabulate=tables.neighbors,
        words=True,
    ),
    "attack_completion": Kind(
        title="Completions under attack",
        meaning="A language model completes sentences, once as they are and once with the vector "
        "of a word moved in the direction that hurts most. The more completions stay the same, and "
        "the less perplexity rises, the more robust is the model.",
        sample=lambda report: f"{len(report['checkpoints'][0]['completions']):,} sentences",
        tabulate=tables.completions,
    ),
    "cline_tables": Kind(
        title="CLINE's tables: contrast sets and attacks together",
        meaning="What evaluation.cline_tables made of other results. Where these are in the folder "
        "too, this repeats what stands above. A table is what was done (contrast sets, ready "
        "adversarial examples or an attack), a row a task and a model; a percentage is the share "
        "of the training data, if it is not all. Chosen on says what chose among several "
        "checkpoints. "
        "If it was “contrast”, they were chosen on the very examples that are reported: too good "
        "to be compared with figures that are chosen on validation data.",
        sample=lambda report: f"{len(report['evaluations']):,} evaluations",
        tabulate=tables.evaluations,
    ),
    "seeds": Kind(
        title="Means over seeds",
        meaning="What evaluation.seeds made of other results. Where these are in the folder too, "
        "this repeats what stands above, where the figures are explained.",
        sample=lambda report: f"{report['seeds']} seeds",
        tabulate=_means,
    ),
}
