"""One flipped bit, or a lost end, in any file of any data-bin: refused in one line, by whoever reads."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import toy_translation
import toy_triplets

from data_prep.classification import labeled_databin
from data_prep.classification.examples import read_labeled_text
from data_prep.errors import InputError
from data_prep.language_modeling import text_databin
from data_prep.tokenizers.text_encoders import Words
from fairseq_cline.data.databin_folder import DatabinFolder
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.evaluation.classifiers.labeled_text import open_databin
from fairseq_cline.evaluation.translation.translation_text import load_language, load_split
from fairseq_cline.tasks.atcl_lm import AtclLmConfig, AtclLmTask
from fairseq_cline.tasks.atcl_translation import AtclTranslationConfig, AtclTranslationTask
from fairseq_cline.tasks.clld_classification import (
    ClldClassificationConfig,
    ClldClassificationTask,
)

FLIPS = 4  # in each part of a file
INDEX_PARTS = (9, 17, 18, 26)  # ends of magic, version, element type and count
OPTIONS = {"seed": 1, "dataset_impl": None}


def open_triplets(folder: Path, verify: bool = True) -> None:
    databin = DataBin(str(folder), verify)
    for split in databin.manifest["splits"]:
        databin.split(split)


def open_text(folder: Path, verify: bool = True) -> None:
    config = AtclLmConfig(
        data=str(folder), skip_verification=not verify, negatives="both", tokens_per_sample=16,
        use_plasma_view=False, batch_size=8, **OPTIONS,
    )  # fmt: skip
    load_splits(AtclLmTask.setup_task(config))


def open_pairs(folder: Path, verify: bool = True) -> None:
    """Reads what training reads, and what the evaluation reads."""
    config = AtclTranslationConfig(
        data=str(folder), skip_verification=not verify, source_lang="xx", target_lang="yy",
        train_subset="train", **OPTIONS,
    )  # fmt: skip
    load_splits(AtclTranslationTask.setup_task(config))
    databin = DatabinFolder(str(folder), "translation", verify)
    sides = [load_language(databin, name) for name in toy_translation.LANGUAGES]
    for split in ("valid", "test"):
        load_split(str(folder), split, *sides, verify=verify)


def open_labeled(folder: Path, verify: bool = True) -> None:
    """Reads what training reads, and what the evaluation reads."""
    config = ClldClassificationConfig(
        data=str(folder), skip_verification=not verify, criterion_name="sentence_prediction",
        train_subset="train", seed=1, num_classes=1 if (folder / "label/train.label").exists() else -1,
        regression_target=(folder / "label/train.label").exists(),
    )  # fmt: skip
    load_splits(ClldClassificationTask.setup_task(config))
    data = open_databin(str(folder), verify)
    for split in ("train", "valid", "test"):
        data.read_split(split)


def load_splits(task) -> None:
    for split in ("train", "valid", "test"):
        task.load_dataset(split)


@pytest.fixture(scope="module")
def databins(tmp_path_factory) -> dict[str, tuple[Path, Callable]]:
    """Kind -> a data-bin as the preparation makes it, and what opens all of it."""
    folder = tmp_path_factory.mktemp("whole")
    sentences = ["the old man walks", "a young man sings", "the good , the bad", "hot and cold"]
    text = folder / "text.txt"
    text.write_text("".join(f"{sentence}\n" for sentence in 10 * sentences))
    splits = ("train", "valid", "test")
    text_databin.build_databin(dict.fromkeys(splits, text), folder / "text")
    labels = {"labeled": ["good", "bad"], "numbers": ["0.5", "-1"]}
    for kind, both in labels.items():
        table = folder / f"{kind}.tsv"
        table.write_text("".join(f"{both[i % 2]}\t{text}\n" for i, text in enumerate(sentences)))
        options = labeled_databin.Options(Words(min_count=1), regression=kind == "numbers")
        labeled_databin.build_databin(
            dict.fromkeys(splits, read_labeled_text(table)), folder / kind, options
        )
    return {
        "triplets": (
            toy_triplets.write_databin(folder / "triplets", {"train": 9, "valid": 5}),
            open_triplets,
        ),
        "text": (folder / "text", open_text),
        "pairs": (toy_translation.write_databin(folder), open_pairs),
        "labeled": (folder / "labeled", open_labeled),
        "numbers": (folder / "numbers", open_labeled),
    }


KINDS = ("triplets", "text", "pairs", "labeled", "numbers")


@pytest.fixture(params=KINDS)
def copy(request, databins, tmp_path) -> tuple[Path, Callable[..., None]]:
    """A copy of a data-bin of each kind, to be damaged."""
    folder, open_all = databins[request.param]
    return Path(shutil.copytree(folder, tmp_path / "copy")), open_all


def damages(path: Path, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Descriptions of damages, and the content of the file after each."""
    whole = path.read_bytes()
    ends = [*INDEX_PARTS, (len(whole) + 2 * INDEX_PARTS[-1]) // 3] if path.suffix == ".idx" else []
    for begin, end in zip([0, *ends], [*ends, len(whole)], strict=True):
        for _ in range(FLIPS):
            place, bit = rng.randrange(begin, end), rng.randrange(8)
            changed = bytearray(whole)
            changed[place] ^= 1 << bit
            yield f"byte {place}, bit {bit}", bytes(changed)
    for size in {0, len(whole) // 2, len(whole) - 1, rng.randrange(len(whole))}:
        yield f"{size} bytes", whole[:size]
    yield "a byte more", whole + b"\n"


def damaged_files(folder: Path) -> Iterator[str]:
    """Names of all files, each time with other content; the old one is put back afterwards."""
    rng = random.Random(1)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        for damage, content in damages(path, rng):
            path.write_bytes(content)
            yield f"{path.relative_to(folder)}: {damage}"
        path.write_bytes(whole)


def test_every_damage_is_refused_in_one_line(copy):
    folder, open_all = copy
    open_all(folder)
    for damage in damaged_files(folder):
        with pytest.raises(InputError) as error:
            open_all(folder)
            pytest.fail(f"accepted: {damage}")
        assert str(error.value).startswith(str(folder)), damage
        assert "\n" not in str(error.value) and "; " in str(error.value), damage
    open_all(folder)


@pytest.mark.parametrize("how", ["no manifest", "--skip-verification"])
def test_unverified_damage_is_no_traceback(copy, how):
    """Some damage can be seen without a manifest: an index is checked against its data."""
    folder, open_all = copy
    if how == "no manifest":
        if open_all is open_triplets:
            pytest.skip("a data-bin of triplets has a manifest in any case")
        (folder / "manifest.json").unlink()
    accepted = []
    for damage in damaged_files(folder):
        try:
            open_all(folder, verify=how == "no manifest")
        except InputError as error:
            assert "\n" not in str(error), damage
        else:
            accepted.append(damage)
    assert not [damage for damage in accepted if ".idx: " in damage]
