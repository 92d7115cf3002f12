"""README.md is one page; commands and Python of every README run at toy size, or, if they download, are parsed.

README.md begins with an empty folder; the others go on in it, whose files they name.
"""

import re
import shutil
from pathlib import Path

import pytest
from hub_models import write_hub_model
from readme_commands import REPOSITORY, Shell, read_commands, read_python

pytestmark = pytest.mark.binaries

# In this order: what one makes the next ones read.
READMES = ["README.md", "fairseq_cline/README.md", "fairseq_cline/evaluation/README.md"]
READMES += ["data_prep/README.md"]
# Tested elsewhere: the first by tests/test_recipe_runs.py, installs by tests/test_package.py; the second is
# what runs this test.
ELSEWHERE = ("bash run/quickstart.sh", "bash run/test.sh", "python -m pip install")
SENTENCES = [("Two old dogs play.", "Zwei alte Hunde spielen."), ("A man runs.", "Ein Mann rennt.")]
SENTENCES += [("A young child is happy.", "Ein kleines Kind ist froh."), ("Cold snow.", "Schnee.")]
PAIR = [("Positive", "good"), ("Negative", "bad")]  # the first is the original
REVIEWS = "Sentiment\tText\tbatch_id\n" + "".join(
    f"{label}\tA {word} film, number {number}.\t{number}\n"
    for number in range(12)
    for label, word in PAIR[:: 1 if number % 2 else -1]
)


def test_all_readmes_are_read():
    paths = [path for path in REPOSITORY.rglob("README.md") if not {".venv"} & set(path.parts)]
    with_commands = {str(path.relative_to(REPOSITORY)) for path in paths if read_commands(path)}
    assert with_commands == set(READMES)


def test_the_first_readme_is_one_page():
    assert len((REPOSITORY / "README.md").read_text("utf-8").splitlines()) <= 250


def test_links_within_the_repository_lead_somewhere():
    for readme in READMES:
        text = (REPOSITORY / readme).read_text("utf-8")
        for target, _, heading in re.findall(r"\]\(([^)#:]*)(#([^)]*))?\)", text):
            path = (REPOSITORY / readme).parent / target if target else REPOSITORY / readme
            assert path.exists(), (readme, target)
            if heading:
                titles = re.findall(r"^#+ (.*)", path.read_text("utf-8"), re.MULTILINE)
                anchors = {re.sub(r"[^\w -]", "", t.lower()).replace(" ", "-") for t in titles}
                assert heading in anchors, (readme, target, heading)


def shorten(folder: Path, train_lines: int) -> None:
    """Leaves the first lines of each file of a text."""
    for path, lines in (("train.txt", train_lines), ("valid.txt", 60), ("test.txt", 60)):
        text = (folder / path).read_text("utf-8").splitlines(keepends=True)
        (folder / path).write_text("".join(text[:lines]), "utf-8")


def write_inputs(folder: Path) -> None:
    """Writes what a user brings: translations, a contrast set; and what a clone has."""
    (folder / "multi30k").mkdir()
    for split in ("train", "val", "test_2016_flickr"):
        for side, language in enumerate(("en", "de")):
            lines = [f"{pair[side]}\n" for pair in 8 * SENTENCES]
            (folder / f"multi30k/{split}.{language}").write_text("".join(lines))
    (folder / "sentiment").mkdir()
    (folder / "sentiment/test_paired.tsv").write_text(REVIEWS)
    for name in ("run", "fairseq_cline"):
        (folder / name).symlink_to(REPOSITORY / name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder that all READMEs share."""
    made = tmp_path_factory.mktemp("readme")
    write_inputs(made)
    return made


@pytest.fixture(scope="module")
def shell(binaries, folder, tmp_path_factory):
    hub = tmp_path_factory.mktemp("hub") / "encoder"
    write_hub_model(hub, "bert", max_position_embeddings=512)
    return Shell(binaries, folder, {"python -m data_prep.resources --encoder --check": f"{hub}\n"})


@pytest.mark.parametrize("readme", READMES)
def test_every_command_runs(readme, shell, folder):
    if readme == "data_prep/README.md":
        for made in ("text", "data-bin", "topics", "sets"):
            shutil.rmtree(folder / made)
    for line in read_commands(REPOSITORY / readme):
        if line.startswith(ELSEWHERE):
            continue
        shell.run(line)
        if "data_prep.wordnet_corpus" in line:
            # Enough for two shards; or little, where the text is trained on.
            shorten(folder / "text", 7000 if readme == "data_prep/README.md" else 160)
        if "data_prep.iwslt17" in line and not (folder / "data-bin/en-de").exists():
            shell.run(
                "python -m data_prep.parallel_text --source-lang en --target-lang de "
                "--joined-dictionary --train multi30k/train --valid multi30k/val "
                "--test multi30k/test_2016_flickr --destdir data-bin/en-de"
            )
    shell.run_python(read_python(REPOSITORY / readme))
