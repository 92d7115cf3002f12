"""ATCL and its baseline are the same model, whatever the soft-max and the architecture."""

from types import SimpleNamespace

import pytest
import torch
from fairseq import options
from fairseq.criterions.adaptive_loss import AdaptiveLoss
from fairseq.criterions.cross_entropy import CrossEntropyCriterion
from fairseq.data import Dictionary
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.models import build_model

from data_prep.errors import InputError
from fairseq_cline.criterions.atcl_cross_entropy import (
    AtclCrossEntropyConfig,
    AtclCrossEntropyCriterion,
)

SIZES = ["--decoder-embed-dim=16"]
TRANSFORMER = [*SIZES, "--decoder-layers=1", "--decoder-ffn-embed-dim=16"]
ARCHS = {
    "lstm_lm": [*SIZES, "--decoder-hidden-size=16", "--decoder-out-embed-dim=16"],
    "fconv_lm": [*SIZES, "--decoder-layers=[(16, 3)]"],
    "transformer_lm": [*TRANSFORMER, "--decoder-attention-heads=2"],
    "tensorized_transformer_lm": [*TRANSFORMER, "--attention-rank=4"],
}
CUTOFF = "--adaptive-softmax-cutoff=10,25"


@pytest.fixture
def task():
    dictionary = Dictionary()
    for k in range(40):
        dictionary.add_symbol(f"word{k}")
    return SimpleNamespace(
        dictionary=dictionary, source_dictionary=dictionary, target_dictionary=dictionary
    )


@pytest.fixture
def make(task):
    def model(arch, criterion, *flags, task_name="atcl_lm"):
        """A model as fairseq-train makes it of a command line."""
        words = ["data", f"--task={task_name}", f"--criterion={criterion}", f"--arch={arch}"]
        words += ["--tokens-per-sample=12"] * (task_name == "atcl_lm")
        parser = options.get_training_parser()
        args = options.parse_args_and_arch(parser, [*words, *ARCHS.get(arch, []), *flags])
        torch.manual_seed(1)
        return build_model(convert_namespace_to_omegaconf(args).model, task).train()

    return model


def clean_loss(criterion, model):
    tokens = torch.randint(4, 44, (3, 9), generator=torch.Generator().manual_seed(2))
    sample = {"target": tokens.roll(-1, 1), "ntokens": 27, "nsentences": 3}
    sample["net_input"] = {"src_tokens": tokens, "src_lengths": torch.full((3,), 9)}
    torch.manual_seed(3)  # the same dropout
    loss, size, log = criterion(model, sample)
    loss.backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    return loss.detach(), size, log["loss"], gradients


@pytest.mark.parametrize("flags", [[CUTOFF], []], ids=["adaptive", "plain"])
@pytest.mark.parametrize("arch", ARCHS)
def test_without_weights_it_is_the_baseline_to_the_bit(make, task, arch, flags):
    baseline = make(arch, "adaptive_loss" if flags else "cross_entropy", *flags)
    model = make(arch, "atcl_cross_entropy", *flags)
    assert (model.decoder.adaptive_softmax is None) == (not flags)
    shapes = [{n: p.shape for n, p in one.named_parameters()} for one in (baseline, model)]
    assert shapes[0] == shapes[1]

    settings = AtclCrossEntropyConfig(
        adversarial_weight=0.0, contrastive_weight=0.0, sentence_avg=False, ddp_backend="legacy_ddp"
    )
    stock = (AdaptiveLoss if flags else CrossEntropyCriterion)(task, sentence_avg=False)
    *expected, expected_gradients = clean_loss(stock, baseline)
    *found, gradients = clean_loss(AtclCrossEntropyCriterion(settings, task), model)
    assert found == expected
    for name, gradient in gradients.items():
        same = expected_gradients[name]
        assert gradient is same is None or torch.equal(gradient, same), name


def test_the_configuration_keeps_the_name_of_the_criterion(task):
    parser = options.get_training_parser()
    words = ["data", "--task=atcl_lm", "--criterion=atcl_cross_entropy", "--arch=lstm_lm", CUTOFF]
    args = options.parse_args_and_arch(parser, [*words, *ARCHS["lstm_lm"]])
    model = convert_namespace_to_omegaconf(args).model
    for _ in range(2):  # again, as from a checkpoint
        assert build_model(model, task).decoder.adaptive_softmax.cutoff == [10, 25, 44]
        assert (model.criterion, model.adaptive_softmax_cutoff) == ("atcl_cross_entropy", "10,25")


@pytest.mark.parametrize(
    ("arch", "option"),
    [
        ("tensorized_transformer_lm_wiki103", "--adaptive-input-cutoff is 20000,40000,200000"),
        ("transformer_lm", "--adaptive-softmax-cutoff is 10,50"),
        ("lstm_lm", "--adaptive-softmax-cutoff is 10,50"),
    ],
)
def test_cut_offs_beyond_the_dictionary_are_named(make, arch, option):
    flags = [] if arch.endswith("wiki103") else ["--adaptive-softmax-cutoff=10,50"]
    with pytest.raises(InputError, match=f"{option}, but the dictionary has 44 symbols"):
        make(arch, "atcl_cross_entropy", *flags)


def test_cut_offs_of_translation_are_refused_where_they_do_nothing(make):
    flags = ["--encoder-embed-dim=16", "--source-lang=en", "--target-lang=de", CUTOFF]
    with pytest.raises(InputError, match="--adaptive-softmax-cutoff does nothing.*leave it out"):
        make("lstm", "atcl_label_smoothed_cross_entropy", *flags, task_name="atcl_translation")
