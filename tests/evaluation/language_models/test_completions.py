"""Completions under attack: against one sentence at a time without padding."""

import math

import numpy as np
import pytest
import torch

from fairseq_cline.evaluation.language_models.attacked_sentences import draw_sentences
from fairseq_cline.evaluation.language_models.completions import complete

LENGTH = 3
EPSILON = 2.0


def sentences_of(language_model, count=12, seed=1):
    return draw_sentences([language_model], "test", count, LENGTH, seed)


def slow_completion(language_model, sentence, epsilon, log_probabilities):
    """One sentence without padding: its completion, and the losses of beginning and completion."""
    model, dictionary = language_model.model, language_model.task.dictionary
    eos, column = dictionary.eos(), sentence.place + 1
    delta = torch.zeros(16, requires_grad=True)

    def scores(tokens, shifted):
        def shift(_module, _inputs, output):
            return output + (torch.arange(output.size(1)) == column)[None, :, None] * delta

        if not shifted:
            return log_probabilities(model, torch.tensor([tokens]))
        handle = language_model.embedding_layer.register_forward_hook(shift)
        found = log_probabilities(model, torch.tensor([tokens]))
        handle.remove()
        return found

    whole = [eos, *sentence.tokens.tolist(), eos]
    places = range(len(whole) - 1)
    loss = -sum(scores(whole[:-1], True)[place, whole[place + 1]] for place in places)
    (gradient,) = torch.autograd.grad(loss, delta)
    with torch.no_grad():
        delta += epsilon * gradient / gradient.norm()
        text = whole[: column + 1]
        while len(text) < column + 1 + LENGTH and (len(text) == column + 1 or text[-1] != eos):
            last = scores(text, True)[-1]
            for forbidden in (dictionary.pad(), dictionary.bos(), dictionary.unk()):
                last[forbidden] = -math.inf
            text.append(int(last.argmax()))
        clean = scores(text[:-1], False)
        losses = [-float(clean[place, text[place + 1]]) for place in range(len(text) - 1)]
    return text[column + 1 :], losses


def test_completions_and_perplexities_are_those_of_one_sentence_at_a_time(
    language_model, log_probabilities
):
    chosen = sentences_of(language_model)
    result = complete(language_model, chosen, epsilon=EPSILON, length=LENGTH, batch_size=5)
    dictionary = language_model.task.dictionary
    written = {}
    for epsilon, perplexity, text_perplexity in (
        (0.0, result.perplexity_clean, result.text_perplexity_clean),
        (EPSILON, result.perplexity_attacked, result.text_perplexity_attacked),
    ):
        new, everything = [], []
        written[epsilon] = []
        for sentence in chosen:
            completion, losses = slow_completion(
                language_model, sentence, epsilon, log_probabilities
            )
            written[epsilon].append(" ".join(dictionary[i] for i in completion))
            new += losses[sentence.place + 1 :]
            everything += losses
        assert perplexity == pytest.approx(math.exp(np.mean(new)), rel=1e-5)
        assert text_perplexity == pytest.approx(math.exp(np.mean(everything)), rel=1e-5)
    assert [completion.clean for completion in result.completions] == written[0.0]
    assert [completion.attacked for completion in result.completions] == written[EPSILON]
    same = [a == b for a, b in zip(*written.values(), strict=True)]
    assert result.unchanged == pytest.approx(np.mean(same))
    for sentence, completion in zip(chosen, result.completions, strict=True):
        words = [dictionary[i] for i in sentence.tokens[: sentence.place + 1]]
        assert [*completion.before.split(), completion.word] == words


def test_epsilon_0_changes_nothing(language_model):
    chosen = sentences_of(language_model)
    result = complete(language_model, chosen, epsilon=0.0, length=LENGTH, batch_size=5)
    assert result.unchanged == 1.0
    assert result.perplexity_attacked == result.perplexity_clean
    assert result.text_perplexity_attacked == result.text_perplexity_clean


def test_an_end_of_sentence_ends_a_completion(language_model_of):
    model = language_model_of("transformer")
    dictionary = model.task.dictionary

    def always_end(_module, _inputs, output):
        output[..., dictionary.eos()] = 1e3
        return output

    handle = model.model.decoder.output_projection.register_forward_hook(always_end)
    result = complete(model, sentences_of(model), epsilon=EPSILON, length=LENGTH)
    handle.remove()
    assert {completion.attacked for completion in result.completions} == {"</s>"}
    assert result.perplexity_attacked == pytest.approx(1.0)
