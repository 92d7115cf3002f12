"""Perplexity under attack: against one row at a time, and against fairseq-eval-lm."""

import math
import re

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.language_models import perplexity_under_attack as attacks
from fairseq_cline.evaluation.language_models.language_model import load_language_models

CPU = torch.device("cpu")
EPSILONS = [0.0, 0.3, 1.0]


def attack(language_model, batch_size=4, seed=1, **settings):
    rows = attacks.candidate_rows([language_model], "test", seed)
    settings = {"longest": 16, "epsilons": EPSILONS, "relative": False, **settings}
    return attacks.attack_rows(language_model, rows, batch_size=batch_size, device=CPU, **settings)


def slow_perplexities(language_model, epsilon, log_probabilities):
    """Each row alone, from all its probabilities, with a perturbation of our own making."""
    rows = attacks.candidate_rows([language_model], "test", 1)
    model = language_model.model
    totals, counts = [0.0, 0.0], [0, 0]
    for index in range(len(rows)):
        item = rows[index]
        column, _ = item["decoder_candidate"]
        delta = torch.zeros(16, requires_grad=True)

        def losses(item=item, column=column, delta=delta):
            def shift(_module, _inputs, output):
                place = torch.arange(output.size(1)) == column
                return output + place[None, :, None] * delta

            handle = language_model.embedding_layer.register_forward_hook(shift)
            scores = log_probabilities(model, item["source"].unsqueeze(0))
            handle.remove()
            return -scores.gather(1, item["target"].unsqueeze(1)).squeeze(1)

        (gradient,) = torch.autograd.grad(losses().sum(), delta)
        with torch.no_grad():
            delta += epsilon * gradient / gradient.norm()
            attacked = losses().double()
        for i, part in enumerate((attacked, attacked[column:] if column >= 0 else [])):
            totals[i] += sum(map(float, part))
            counts[i] += len(part)
    return [math.exp(total / count) for total, count in zip(totals, counts, strict=True)], counts


def test_the_perplexities_are_those_of_one_row_at_a_time(language_model, log_probabilities):
    result = attack(language_model)
    for i, epsilon in enumerate(EPSILONS, start=1):
        (everything, after), counts = slow_perplexities(language_model, epsilon, log_probabilities)
        assert result.perplexity[i] == pytest.approx(everything, rel=1e-5)
        assert result.perplexity_after[i] == pytest.approx(after, rel=1e-5)
    assert [result.tokens, result.tokens_after] == counts


def test_epsilon_0_gives_the_clean_figure_and_larger_ones_raise_it(language_model):
    result = attack(language_model)
    assert result.epsilon == [0.0, *EPSILONS]
    for perplexity in (result.perplexity, result.perplexity_after):
        assert perplexity[0] == perplexity[1] < perplexity[2] < perplexity[3]


def test_all_models_get_the_same_words_and_another_seed_gives_others(language_model_of):
    models = [language_model_of("transformer"), language_model_of("lstm")]
    drawn = [
        [int(row["decoder_candidate"][0]) for row in (rows[i] for i in range(len(rows)))]
        for rows in (
            attacks.candidate_rows(models, "test", 1),
            attacks.candidate_rows(models[1:], "test", 1),
            attacks.candidate_rows(models, "test", 2),
        )
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_rows_that_are_too_long_are_counted(language_model_of):
    model = language_model_of("transformer")
    model.task.args.sample_break_mode = "complete"  # whole sentences: rows of different lengths
    whole, short = attack(model), attack(model, longest=12)
    assert whole.left_out == 0
    assert 0 < short.left_out == whole.rows - short.rows < whole.rows
    assert short.tokens < whole.tokens


def test_words_that_do_not_exist(write_lm, tmp_path):
    write_databin, write_checkpoint = write_lm
    data = write_databin(tmp_path / "numbers", words=[str(number) for number in range(15)])
    path = write_checkpoint(tmp_path / "lm.pt", data, "lstm")
    (model,) = load_language_models({"lm": str(path)}, str(data))
    with pytest.raises(InputError, match="no complete words to perturb"):
        attack(model)


def test_the_clean_perplexity_is_that_of_fairseq_eval_lm(
    language_model_of, lm_checkpoints, lm_databin, run_fairseq
):
    (result,) = attacks.perplexity_under_attack(
        [language_model_of("adaptive")], "test", epsilons=[1.0]
    )
    stock = run_fairseq(
        "eval_lm", lm_databin, "--path", lm_checkpoints["adaptive"], "--gen-subset", "test",
        "--tokens-per-sample", 16, "--sample-break-mode", "none", "--cpu",
    )  # fmt: skip
    perplexity = float(re.search(r"Perplexity: ([\d.]+)", stock.stdout + stock.stderr)[1])
    assert result.perplexity[0] == pytest.approx(perplexity, abs=0.01)
