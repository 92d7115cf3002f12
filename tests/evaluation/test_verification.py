"""`--skip-verification` of the evaluation commands: damaged data is refused without it."""

import shutil
from pathlib import Path

import pytest

from data_prep.errors import InputError
from data_prep.files.manifests import write_manifest
from fairseq_cline.evaluation import (
    adversarial,
    attack_completion,
    classify,
    contrast_sets,
    hits,
    invariance,
    label_distance,
    lm_robustness,
    neighbours,
    representation,
    translation_robustness,
)


@pytest.fixture
def damaged(databin, lm_databin, translation_data, opinions, tmp_path):
    """Kind -> a copy with a manifest; one digit of each dictionary is another one."""
    folders = {"triplets": databin, "text": lm_databin, "pairs": translation_data}
    folders |= {"labeled": opinions}
    copies = {}
    for kind, folder in folders.items():
        copies[kind] = Path(shutil.copytree(folder, tmp_path / kind))
        if kind == "text":
            write_manifest(copies[kind], "language-modeling", 1)
        for path in copies[kind].rglob("dict*.txt"):
            text = path.read_text()
            path.write_text(text[:-2] + ("7" if text[-2] != "7" else "8") + "\n")
    return copies


@pytest.fixture
def checkpoints(encoder_checkpoints, lm_checkpoints, translation_checkpoints, opinion_classifier):
    """Kind -> a model of it."""
    return {
        "triplets": encoder_checkpoints["power"],
        "text": lm_checkpoints["transformer"],
        "pairs": translation_checkpoints["shared"],
        "labeled": opinion_classifier,
    }


COMMANDS = [
    (hits, "triplets", ["--split=valid"]),
    (representation, "triplets", ["--split=valid", "--limit=4"]),
    (lm_robustness, "text", ["--epsilon=1"]),
    (neighbours, "text", ["--words", "love"]),
    (attack_completion, "text", ["--limit=2"]),
    (classify, "labeled", []),
]
# Those that take long, or need more files: only refused here.
OTHERS = [
    (translation_robustness, "pairs", []),
    (invariance, "labeled", ["--sets=sets"]),
    (contrast_sets, "labeled", ["--sets=sets.tsv"]),
    (label_distance, "labeled", []),
    (adversarial, "labeled", ["--examples=examples.tsv"]),
]


@pytest.mark.parametrize(("command", "kind", "words"), [*COMMANDS, *OTHERS])
def test_damaged_data_is_refused(run_main, damaged, checkpoints, command, kind, words):
    with pytest.raises(InputError, match=r"dict.*\.txt: its SHA-256 is not that in manifest.json"):
        run_main(command, checkpoints[kind], "--data", damaged[kind], "--cpu", *words)


@pytest.mark.parametrize(("command", "kind", "words"), COMMANDS)
def test_damaged_data_can_be_used_all_the_same(
    run_main, damaged, checkpoints, caplog, command, kind, words
):
    options = ["--data", damaged[kind], "--cpu", "--skip-verification"]
    run_main(command, checkpoints[kind], *options, *words)
    assert f"{damaged[kind]}: data not verified (--skip-verification)" in caplog.messages


@pytest.mark.parametrize(("command", "kind", "words"), OTHERS)
def test_the_other_commands_have_the_flag(run_main, damaged, checkpoints, command, kind, words):
    options = ["--data", damaged[kind], "--cpu", "--skip-verification", *words]
    options += ["--split=absent"] if command is translation_robustness else []
    with pytest.raises(InputError, match="^(?!.*SHA-256)"):
        run_main(command, checkpoints[kind], *options)
