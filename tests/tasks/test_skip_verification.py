"""`--skip-verification` of fairseq-train: a flag of every task of ours."""

import pytest
from fairseq import options
from fairseq.dataclass.utils import convert_namespace_to_omegaconf

import fairseq_cline.plugin  # noqa: F401 - registers the tasks

# Task -> a criterion that has the options which the task's refer to.
TASKS = dict.fromkeys(
    ("cline_pretrain", "dcl_pretrain", "atcl_lm", "atcl_translation"), "cross_entropy"
)
TASKS["clld_classification"] = "sentence_prediction"


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("flags", [[], ["--skip-verification"]])
def test_the_flag(task, flags):
    parser = options.get_training_parser(task)
    words = ["data-bin", "--task", task, "--criterion", TASKS[task], "--arch", "lstm", *flags]
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    assert cfg.task.skip_verification is bool(flags)
