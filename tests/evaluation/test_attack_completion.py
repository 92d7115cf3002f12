"""Completions under attack: against one sentence at a time without padding, and the command."""

import argparse
import json
import math

import numpy as np
import pytest
import torch
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

from data_prep.errors import InputError
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation import attack_completion
from fairseq_cline.evaluation.language_models import completions
from fairseq_cline.evaluation.language_models import language_model as language_models

LENGTH = 3
EPSILON = 2.0


def arguments(**settings):
    settings = {"epsilon": EPSILON, "relative": False, "length": LENGTH, "batch_size": 5} | settings
    return argparse.Namespace(cpu=True, **settings)


def sentences_of(language_model, count=12, seed=1):
    return completions.sentences([language_model], "test", count, LENGTH, seed)


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
    result = completions.complete(language_model, chosen, arguments())
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
    result = completions.complete(language_model, chosen, arguments(epsilon=0.0))
    assert result.unchanged == 1.0
    assert result.perplexity_attacked == result.perplexity_clean
    assert result.text_perplexity_attacked == result.text_perplexity_clean


def test_the_word_is_a_complete_one_of_the_last_third(language_model_of):
    model = language_model_of("transformer")
    dictionary = model.task.dictionary
    words = CandidateWords(dictionary)
    chosen = sentences_of(model, count=1000)
    assert 12 < len(chosen) <= 40
    for sentence in chosen:
        assert words.kind(dictionary[sentence.tokens[sentence.place]]) == "word"
        assert 3 * sentence.place >= 2 * len(sentence.tokens)
        assert dictionary.eos() not in sentence.tokens
        assert len(sentence.tokens) + 1 + LENGTH <= 16


def test_sentences_are_drawn_from_the_seed(language_model_of):
    drawn = []
    for seed in (1, 1, 2):
        chosen = sentences_of(language_model_of("transformer"), count=5, seed=seed)
        drawn.append([(sentence.tokens.tolist(), sentence.place) for sentence in chosen])
    assert len(drawn[0]) == 5
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_paragraph_is_cut_into_its_sentences(write_lm, tmp_path):
    write_databin, write_checkpoint = write_lm
    data = write_databin(tmp_path / "data-bin")
    path = write_checkpoint(tmp_path / "lm.pt", data, "lstm")
    (model,) = language_models.load([str(path)], str(data))
    dictionary = model.task.dictionary
    builder = MMapIndexedDatasetBuilder(str(data / "test.bin"), dtype=np.uint16)
    text = "love walks a , house . old river walks sings under house . , . a , a </s>"
    builder.add_item(torch.tensor([dictionary.index(word) for word in text.split()]))
    builder.finalize(str(data / "test.idx"))
    chosen = sentences_of(model)
    spelled = [" ".join(dictionary[i] for i in sentence.tokens) for sentence in chosen]
    assert spelled == ["love walks a , house .", "old river walks sings under house ."]
    assert [sentence.place for sentence in chosen] == [4, 5]


def test_an_end_of_sentence_ends_a_completion(language_model_of):
    model = language_model_of("transformer")
    dictionary = model.task.dictionary

    def always_end(_module, _inputs, output):
        output[..., dictionary.eos()] = 1e3
        return output

    handle = model.model.decoder.output_projection.register_forward_hook(always_end)
    result = completions.complete(model, sentences_of(model), arguments())
    handle.remove()
    assert {completion.attacked for completion in result.completions} == {"</s>"}
    assert result.perplexity_attacked == pytest.approx(1.0)


def test_the_command(lm_checkpoints, lm_databin, tmp_path, run_main, capsys):
    report = tmp_path / "completions.json"
    paths = [f"{kind}={lm_checkpoints[kind]}" for kind in ("adaptive", "tensorized")]
    options = ["--epsilon", 2, "--sentences", 7, "--show", 2, "--cpu", "--json", report]
    run_main(attack_completion, *paths, "--data", lm_databin, *options)
    printed = capsys.readouterr().out
    results = json.loads(report.read_text())
    assert (results["epsilon"], results["length"]) == (2.0, 3)
    first = results["checkpoints"][0]
    assert first["name"] == "adaptive" and len(first["completions"]) == 7
    assert f"| adaptive | {first['perplexity_clean']:.2f} | " in printed
    shown = first["completions"][1]
    line = f"| adaptive | {shown['before']} **{shown['word']}** *{shown['attacked']}* | "
    assert line in printed.replace("\\", "")
    assert len(printed.splitlines()) == 2 + 4 + 1 + 2 + 2 * 2


def test_bad_flags(lm_checkpoints, lm_databin, tmp_path, run_main):
    command = [attack_completion, lm_checkpoints["transformer"], "--data", lm_databin]
    for flag, value in (
        ("--epsilon", "-1"),
        ("--epsilon", "nan"),
        ("--length", "0"),
        ("--sentences", "0"),
        ("--batch-size", "0"),
        ("--split", "none"),
        ("--json", tmp_path / "none" / "report.json"),
    ):
        with pytest.raises(InputError, match=f"{flag} .*{value}"):
            run_main(*command, flag, value)
    with pytest.raises(InputError, match="no sentence of at most 1 tokens .* smaller --length"):
        run_main(*command, "--length", 14)
