"""Every criterion, and the stock ones that are its baselines, logs in half precision what fp32 does."""

import copy
import itertools

import pytest
import torch
from fairseq import options, tasks
from fairseq.dataclass.utils import convert_namespace_to_omegaconf
from fairseq.logging import metrics
from fairseq.logging.meters import AverageMeter
from torch import Tensor

import fairseq_cline.plugin  # noqa: F401 - registers the criterions

HALF = [torch.bfloat16, torch.float16]
BATCHES = 400  # a sum in bf16 stands after 256
DIFFERENT = 5  # of these
# Half precision moves the states of a model; bf16 keeps three digits of them.
ROUGH = {"rel": 0.02, "abs": 0.01}
# The sentences of an untrained model are nearly one.
ROUGHER = {"contrastive_accuracy": 0.3, "uniformity": 0.02}

SIZES = [*("--dropout", 0, "--attention-dropout", 0)]
DECODER = ["--decoder-layers", 1, "--decoder-embed-dim", 16, "--decoder-ffn-embed-dim", 32]
DECODER += ["--decoder-attention-heads", 2, *SIZES]
ENCODER = ["--encoder-layers", 1, "--encoder-embed-dim", 16, "--encoder-ffn-embed-dim", 32]
ENCODER += ["--encoder-attention-heads", 2, *SIZES]
LANGUAGE = ["--task", "atcl_lm", "--tokens-per-sample", 12]
ADAPTIVE = ["--adaptive-softmax-cutoff", "10,20", "--adversarial-epsilon", 3]
TENSORIZED = ["--arch", "tensorized_transformer_lm", "--attention-rank", 4]
TRANSFORMER = ["--arch", "transformer_lm", *DECODER]
TRIPLETS = ["--tokens-per-sample", 24]
CLASSES = ["--task", "clld_classification", "--arch", "roberta", *ENCODER, "--num-classes", 2]
CLASSES += ["--init-token", 0, "--max-positions", 24]
PAIRED = ["--label-smoothing", 0.1, "--source-lang", "xx", "--target-lang", "yy"]
PAIRED += ["--arch", "transformer", *ENCODER, *DECODER]
# Name -> data, criterion and further options.
CASES = {
    "adaptive": ("language", "atcl_cross_entropy", *LANGUAGE, *TRANSFORMER, *ADAPTIVE),
    "tensorized": (
        *("language", "atcl_cross_entropy", *LANGUAGE, *TENSORIZED, *DECODER, *ADAPTIVE),
    ),
    "adaptive_loss": ("language", "adaptive_loss", *LANGUAGE, *TRANSFORMER, *ADAPTIVE[:2]),
    "atcl": (
        *("language", "atcl_cross_entropy", *LANGUAGE, *TRANSFORMER, "--adversarial-epsilon", 3),
        *("--relative-epsilon", "--contrastive-denominator", "all"),
    ),
    "cross_entropy": ("language", "cross_entropy", *LANGUAGE, *TRANSFORMER),
    "translation": (
        *("translation", "atcl_label_smoothed_cross_entropy", "--task", "atcl_translation"),
        *("--perturb", "both", "--adversarial-epsilon", 3, "--report-accuracy", *PAIRED),
    ),
    "cline": ("triplets", "cline", "--task", "cline_pretrain", "--arch", "cline_roberta_tiny"),
    "dcl": ("triplets", "dcl", "--task", "dcl_pretrain", "--arch", "dcl_roberta_tiny"),
    "masked_lm": (
        *("triplets", "masked_lm", "--task", "cline_pretrain", "--arch", "cline_roberta_tiny"),
    ),
    "clld": ("classes", "clld", *CLASSES),
    "freelb": ("classes", "freelb", *CLASSES, "--adversarial-max-norm", 3),
    "sentence_prediction": ("classes", "sentence_prediction", *CLASSES),
}


@pytest.fixture
def prepared(request, toy_databins):
    """The model, the criterion and some batches of a case, as fairseq-train makes them."""
    data, criterion, *words = CASES[request.param]
    if data == "triplets":
        words += [*TRIPLETS, *SIZES]
    words = [toy_databins[data], "--criterion", criterion, *words, "--max-update", 9]
    words += ["--ddp-backend", "legacy_ddp"]
    parser = options.get_training_parser()
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, [*map(str, words)]))
    torch.manual_seed(1)
    task = tasks.setup_task(cfg.task)
    model, criterion = task.build_model(cfg.model), task.build_criterion(cfg.criterion)
    task.load_dataset("train", combine=False)
    dataset = task.dataset("train")
    rows = [dataset[index] for index in range(DIFFERENT * 4)]
    batches = [dataset.collater(rows[4 * k : 4 * k + 4]) for k in range(DIFFERENT)]
    return model, criterion, batches


def logged(prepared, dtype, training):
    """The means of what is logged over several hundred batches, and the logs themselves."""
    model, criterion, batches = prepared
    task = {id(criterion.task): criterion.task}  # not copied
    model, criterion = (
        copy.deepcopy(part, dict(task)).to(dtype).train(training) for part in (model, criterion)
    )
    logs = []
    for seed, batch in enumerate(batches):
        torch.manual_seed(seed)
        with torch.set_grad_enabled(training):
            logs.append(criterion(model, batch)[2])
    with metrics.aggregate(new_root=True) as means:
        for log in itertools.islice(itertools.cycle(logs), BATCHES):
            criterion.reduce_metrics([log])
    return means, logs


@pytest.mark.parametrize("training", [False, True], ids=["validation", "training"])
@pytest.mark.parametrize("prepared", CASES, indirect=True)
def test_what_is_logged_is_that_of_single_precision(prepared, training):
    expected, _ = logged(prepared, torch.float32, training)
    for dtype in HALF:
        means, logs = logged(prepared, dtype, training)
        figures = means.get_smoothed_values()
        for name, value in expected.get_smoothed_values().items():
            tolerance = {**ROUGH, "abs": ROUGHER.get(name, ROUGH["abs"])}
            assert figures[name] == pytest.approx(value, **tolerance), (dtype, name)
        for name, value in itertools.chain.from_iterable(log.items() for log in logs):
            if isinstance(value, Tensor) and value.is_floating_point():
                assert value.dtype in (torch.float32, torch.float64), name
        for name, meter in means.items():
            if isinstance(meter, AverageMeter) and isinstance(meter.sum, Tensor):
                assert meter.sum.dtype == torch.float64, name
