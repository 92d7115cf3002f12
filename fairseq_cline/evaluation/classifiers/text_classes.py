"""Classes of plain text with their probabilities, as text.

In a Python session:

    data = open_text_folder("checkpoints/mr")
    classifier = load_classifier("checkpoints/mr/checkpoint_best.pt", data)
    text_classes(classifier, ["a fine film"])  # ([["pos", "0.981"]], 0)

`load_classifier` is in `classifiers.classifier`, `open_text_folder` in `classifiers.labeled_text`.
Letters: N texts, K classes.
"""

from collections.abc import Sequence

from fairseq_cline.evaluation.classifiers.classifier import Classifier

_DIGITS = 6  # of a probability, significant ones


def text_classes(
    classifier: Classifier,
    texts: Sequence[str | Sequence[str]],
    everything: bool = False,
    progress: bool = True,
) -> tuple[list[list[str]], int]:
    """Classifies texts, or pairs of texts.

    Args:
        everything: give all classes of a text, not its most probable one alone.
        progress: show a bar on standard error.

    Returns:
        A class and its probability for each text, or all K in falling order of their
        probabilities; of a regression the number. And how many texts are cut to fit the model.

    Raises:
        InputError: a text is a pair and the model reads single ones, or the other way round; or an
            output is not finite.
    """
    tokens = [classifier.tokens(text) for text in texts]
    outputs = classifier.logits(tokens, progress)
    full = (len(one) >= classifier.longest for one in tokens)
    cut = sum(
        not classifier.fits(text) for text, is_full in zip(texts, full, strict=True) if is_full
    )
    labels = classifier.data.labels
    if not labels:
        return [[f"{number:.{_DIGITS}g}"] for number in outputs[:, 0].tolist()], cut
    shares, order = outputs.softmax(dim=1).sort(dim=1, descending=True, stable=True)
    shown = len(labels) if everything else 1
    return [
        [
            cell
            for share, number in zip(of_text[:shown], numbers[:shown], strict=True)
            for cell in (labels[number], f"{share:.{_DIGITS}g}")
        ]
        for of_text, numbers in zip(shares.tolist(), order.tolist(), strict=True)
    ], cut
