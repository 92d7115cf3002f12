"""Help of fairseq's programs: every option of the plug-in, first or last on the line."""

import argparse
import re
from dataclasses import fields

import plugin_options
import pytest
from fairseq import options

import fairseq_cline.plugin  # noqa: F401 - patches fairseq
from fairseq_cline.compat.full_help import default_words

PARTS = [*plugin_options.parts()]
PARSERS = {
    "fairseq_cli.train": options.get_training_parser,
    "fairseq_cli.validate": options.get_validation_parser,
    "fairseq_cli.generate": options.get_generation_parser,
    "fairseq_cli.interactive": options.get_interactive_generation_parser,
    "fairseq_cli.eval_lm": options.get_eval_lm_parser,
}
# Programs without models on their line.
WITHOUT_MODELS = set(PARSERS) - {"fairseq_cli.train"}


def help_of(capsys, program: str, *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        options.parse_args_and_arch(PARSERS[program](), [*words])
    assert end.value.code == 0
    return capsys.readouterr().out


def told(text: str) -> set[str]:
    """The options that a help tells, each at the beginning of a line, and the positional ones."""
    names = re.findall(r"^  (-.+?|\w+)(?:  |$)", text, re.MULTILINE)
    return {word for name in names for word in re.findall(r"--[\w-]+|^\w+$", name)}


def names(part: plugin_options.Part) -> set[str]:
    """The options of a part: those of its parser, and a flag for each field of its dataclass.

    A field that stands for an option of another part is none.
    """
    owner = plugin_options.REGISTRIES[part.flag][part.name]
    config = getattr(owner, "__dataclass", None)
    of_fields = {
        field.name.replace("_", "-")
        for field in (fields(config) if config else ())
        if "help" in field.metadata or not str(field.default).startswith("${")
    }
    return {
        *(action.option_strings[0] if action.option_strings else action.dest
          for action in part.options),
        *(f"--{name}" for name in of_fields - {"-name", "data"}),
    }  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_option_of_a_part_is_told(part, capsys):
    for words in (["--help", part.flag, part.name], [part.flag, part.name, "--help"]):
        assert names(part) <= told(help_of(capsys, "fairseq_cli.train", *words))


@pytest.mark.parametrize("program", sorted(WITHOUT_MODELS))
def test_programs_that_train_nothing_tell_those_of_tasks_and_criterions(program, capsys):
    for part in PARTS:
        if part.flag != "--arch":
            words = [part.flag, part.name, "-h"]
            assert names(part) <= told(help_of(capsys, program, *words)), part.name


def test_options_have_their_default_and_a_group_of_their_own(capsys):
    words = ["--arch", "cline_roberta_base", "--task", "dcl_pretrain", "--criterion", "cline"]
    text = help_of(capsys, "fairseq_cli.train", *words, "--optimizer", "adam", "--help")
    head, group = text.split("Options of the --task, --criterion, --optimizer and --lr-scheduler")
    group = " ".join(group.split())
    assert "--momentum" not in head and "--momentum-schedule {constant,cosine}" in group
    assert "--adam-betas ADAM_BETAS betas for Adam optimizer (default: (0.9, 0.999))" in group
    assert "--encoder-layers L num encoder layers (default: 12)" in " ".join(head.split())
    assert text.endswith("--task T --criterion C --arch A --help.\n")


def test_a_line_without_parts_tells_the_options_of_the_program(capsys):
    assert {"--save-dir", "--arch", "--user-dir"} <= told(
        help_of(capsys, "fairseq_cli.train", "-h")
    )


def test_lines_without_help_are_parsed_as_before():
    words = ["data", "--task", "cline_pretrain", "--arch", "cline_roberta_tiny", "--mask-prob", "0"]
    args = options.parse_args_and_arch(options.get_training_parser(), words)
    assert (args.data, args.mask_prob, args.encoder_layers) == ("data", 0.0, 2)


def test_the_words_for_a_default():
    add = argparse.ArgumentParser().add_argument
    assert default_words(add("--b", default=[3, 4])) == "3,4"
    assert default_words(add("--c", default=0)) == "0"
    assert default_words(add("--d", action="store_true")) == default_words(add("--e")) == ""


@pytest.mark.parametrize("program", sorted(PARSERS))
def test_the_programs_themselves(program, binaries):
    done = binaries.run(
        "-m", program, "--help", "--user-dir", "fairseq_cline", "--task", "atcl_translation",
        "--criterion", "atcl_label_smoothed_cross_entropy",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {"--num-negatives", "--adversarial-epsilon", "--source-lang"} <= told(done.stdout)


def test_the_readme_has_the_tables():
    text = plugin_options.README.read_text(encoding="utf-8")
    found = text.split(plugin_options.BEGIN)[1].split(plugin_options.END)[0]
    assert found == plugin_options.tables(), "run: PYTHONPATH=. python tests/plugin_options.py"
