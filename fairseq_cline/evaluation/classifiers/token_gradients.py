"""The gradient at the embeddings of tokens: it tells attacks which ones a prediction hangs on."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.classifier import Classifier
from fairseq_cline.perturb import recorded_embeddings


def token_gradients(classifier: Classifier, text: str | Sequence[str]) -> tuple[list[str], Tensor]:
    """The T tokens that the model reads of a text or a pair, as text, and their gradient (T, C).

    It is the gradient of the cross-entropy at the embeddings, the predicted class as the target.

    Raises:
        InputError: the model has no layer `embed_tokens`.
    """
    layers = [
        module
        for name, module in classifier.model.named_modules()
        if name.rpartition(".")[2] == "embed_tokens"
    ]
    if not layers:
        raise InputError(
            f"{classifier.name}: an attack that uses gradients needs a model with a layer "
            "embed_tokens, and this one has none; take another attack"
        )
    tokens = classifier.tokens(text)
    with recorded_embeddings(layers[0]) as embeddings:
        logits = classifier.forward([tokens])  # (1, K)
        F.cross_entropy(logits.float(), logits.argmax(1)).backward(inputs=embeddings[:1])
    return [_as_text(classifier, int(token)) for token in tokens], embeddings[0].grad[0].cpu()


def _as_text(classifier: Classifier, token: int) -> str:
    data = classifier.data
    if token < data.dictionary.nspecial:
        return data.dictionary[token]
    return data.tokenizer.decode([token])
