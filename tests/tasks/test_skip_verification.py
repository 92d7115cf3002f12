"""`--skip-verification` of fairseq-train: a flag of every task of ours."""

import pytest
from fairseq import options
from fairseq.dataclass.utils import convert_namespace_to_omegaconf

import fairseq_cline.plugin  # noqa: F401 - registers the tasks


@pytest.mark.parametrize(
    "task",
    ["cline_pretrain", "dcl_pretrain", "atcl_lm", "atcl_translation", "clld_classification"],
)
@pytest.mark.parametrize("flags", [[], ["--skip-verification"]])
def test_the_flag(task, flags):
    parser = options.get_training_parser(task)
    words = ["data-bin", "--task", task, "--arch", "lstm", *flags]
    cfg = convert_namespace_to_omegaconf(options.parse_args_and_arch(parser, words))
    assert cfg.task.skip_verification is bool(flags)
