"""Gradients at the tokens of a text, against the gradient of the embedding table."""

import pytest
import torch
import torch.nn.functional as F

from data_prep.errors import InputError
from fairseq_cline.evaluation.classifiers.classifier import load_classifier
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.classifiers.token_gradients import token_gradients


@pytest.fixture
def classifier(opinions, opinion_classifier):
    data = open_databin(str(opinions))
    return load_classifier(str(opinion_classifier), data, "x")


def test_the_rows_add_up_to_the_gradient_of_the_table(classifier):
    text = "the film was fine , the film dull"
    tokens, gradient = token_gradients(classifier, text)
    assert tokens[0] == "<s>" and tokens[-1] == "</s>"
    assert "".join(tokens[1:-1]) == text.replace(" ", "")
    assert gradient.shape == (len(tokens), 16)
    assert not any(parameter.grad is not None for parameter in classifier.model.parameters())

    table = classifier.model.encoder.sentence_encoder.embed_tokens.weight.requires_grad_()
    ids = classifier.tokens(text)
    logits, _ = classifier.model(
        ids[None], features_only=True, classification_head_name="sentence_classification_head"
    )
    F.cross_entropy(logits, logits.argmax(1)).backward()
    expected = torch.zeros_like(table).index_add(0, ids, gradient)
    assert torch.allclose(table.grad, expected, atol=1e-7) and gradient.abs().max() > 1e-4


def test_a_long_text_is_cut_as_the_model_does(classifier):
    tokens, gradient = token_gradients(classifier, "warm " * 100)
    assert len(tokens) == len(gradient) == classifier.longest
    assert classifier.probabilities(["a"]).shape == (1, 2)  # it still answers


def test_a_model_without_embeddings(classifier):
    encoder = classifier.model.encoder.sentence_encoder
    encoder.words = encoder.embed_tokens
    del encoder.embed_tokens
    with pytest.raises(
        InputError, match="x: an attack that uses gradients needs a model with a layer"
    ):
        token_gradients(classifier, "dull")
