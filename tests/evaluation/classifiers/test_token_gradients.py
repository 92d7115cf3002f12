"""Gradients at the tokens of a text, against the gradient of the embedding table."""

import pytest
import torch
import torch.nn.functional as F

from data_prep.errors import InputError
from fairseq_cline.evaluation import probabilities
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


def test_the_filter_answers_with_them(classifier):
    tokens, gradient = token_gradients(classifier, "dull")
    question = probabilities.parse('{"gradient": "dull"}', 1)
    assert probabilities.answer(classifier, question) == {
        "tokens": tokens, "gradient": gradient.tolist(),
    }  # fmt: skip
    for line in ('{"gradient": 1}', '{"gradient": [["a"]]}', '{"text": "a"}'):
        with pytest.raises(InputError, match="line 1: neither a list of texts"):
            probabilities.parse(line, 1)


def test_a_long_text_is_cut_as_the_model_does(classifier):
    tokens, gradient = token_gradients(classifier, "warm " * 100)
    assert len(tokens) == len(gradient) == classifier.longest
    assert classifier.probabilities(["a"]).shape == (1, 2)  # it still answers


def test_a_model_without_embeddings(classifier):
    encoder = classifier.model.encoder.sentence_encoder
    encoder.words = encoder.embed_tokens
    del encoder.embed_tokens
    with pytest.raises(InputError, match="x: has no layer embed_tokens; take another attack"):
        token_gradients(classifier, "dull")
