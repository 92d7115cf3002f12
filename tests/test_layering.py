"""Who may import whom, and what a library may not do. All is read from the source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ANY_FAIRSEQ = {"fairseq", "torch", "numpy", "omegaconf", "tqdm"}
# Of the preparation: errors, files, and the formats that preparation and training share.
ERRORS, FILES, FORMATS = (
    f"data_prep.{part}" for part in ("errors", "files", "fairseq_format.dictionaries")
)

# Part of the plug-in (folder or file) -> (what of the plug-in it may import, other packages).
# Every part may import itself and the standard library.
PLUGIN = {
    "__init__": ({"plugin"}, {FILES}),
    "__main__": (set(), set()),
    "plugin": ({"compat", "criterions", "models", "tasks"}, set()),
    # data: fairseq's own tasks read data-bins that are verified. tokenizer_folders: the names of
    # the files that a training copies.
    "compat": (
        {"data", "option_ranges"},
        ANY_FAIRSEQ | {ERRORS, FILES, "data_prep.tokenizers.tokenizer_folders"},
    ),
    "pretrained": (
        {"compat", "data", "model_bases", "option_ranges"},
        ANY_FAIRSEQ | {ERRORS, FILES, FORMATS, "data_prep.tokenizers", "safetensors"},
    ),
    "import_encoder": ({"plugin", "pretrained"}, {FILES}),
    # evaluation: models by path, and the tables of reports for the card. compat: licenses.
    "export": (
        {"compat", "evaluation", "pretrained"},
        {"torch", FILES, FORMATS, "data_prep.tokenizers"},
    ),
    "encode": ({"evaluation", "pretrained"}, {"numpy", "data_prep"}),
    "classify_text": ({"evaluation", "pretrained"}, {"data_prep"}),
    "encoder_options": ({"model_bases", "plugin", "pretrained"}, {FILES}),
    "console": (set(), {FILES}),
    "losses": (set(), {"torch"}),
    "modules": (set(), {"torch"}),
    "perturb": (set(), {"torch"}),
    "option_ranges": (set(), {ERRORS}),
    "data": (set(), {"fairseq.data", "torch", "numpy", "tqdm", ERRORS, FILES, FORMATS}),
    # Parts that models share: fairseq would import them if they lay under models/.
    # compat: the checkpoint that sizes are taken from is untrusted.
    "model_bases": ({"compat", "modules", "option_ranges"}, ANY_FAIRSEQ | {ERRORS}),
    "models": ({"data", "model_bases", "modules", "option_ranges"}, ANY_FAIRSEQ | {ERRORS}),
    # modules: a criterion owns the parameters that its loss learns, as CLINE's task weights.
    "criterions": ({"losses", "modules", "option_ranges", "perturb"}, ANY_FAIRSEQ | {ERRORS}),
    "tasks": ({"data", "option_ranges"}, ANY_FAIRSEQ | {ERRORS, FORMATS}),
    # data: the evaluated text may come as a data-bin of triplets.
    "evaluation": (
        {"compat", "data", "losses", "models", "modules", "perturb", "plugin", "pretrained"},
        ANY_FAIRSEQ
        | {"PIL", "data_prep", "matplotlib", "nltk", "sacrebleu", "scipy", "sklearn", "textattack"},
    ),
}
# Folders of libraries: each may import those before it.
PREPARATION = ("errors", "files", "english", "fairseq_format", "tokenizers", "triplets")
PREPARATION += ("language_modeling", "translation", "classification")
EVALUATION = ("command_line", "reports", "encoders", "language_models", "translation")
EVALUATION += ("classifiers", "attacks")
PACKAGES = {"data_prep": PREPARATION, "fairseq_cline.evaluation": EVALUATION}
NO_COMMANDS = {"__init__", "__main__", "errors", "command_line"}
# The libraries that start a program: pip, git.
STARTERS = {"data_prep/english/resources.py", "fairseq_cline/evaluation/reports/provenance.py"}
# Turn parsed options into values: the only libraries that see argparse.Namespace.
OPTIONS = {"options", "command_line"}


def imported_names(source: str, package: str) -> Iterator[str]:
    """Full names of all that a module of ``package`` imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def modules(root: Path) -> Iterator[tuple[str, str, str]]:
    """Path, full name and source of each module of both packages."""
    for file in sorted([*root.glob("fairseq_cline/**/*.py"), *root.glob("data_prep/**/*.py")]):
        path = file.relative_to(root)
        yield path.as_posix(), ".".join(path.with_suffix("").parts), file.read_text()


def package_of(name: str) -> tuple[str, list[str]]:
    """The package of ``PACKAGES`` that a name lies in, or "", and the rest of the name."""
    for package in PACKAGES:
        if name.startswith(package + "."):
            return package, name.removeprefix(package + ".").split(".")
    return "", []


def is_command(name: str) -> bool:
    _, rest = package_of(name)
    return len(rest) == 1 and rest[0] not in NO_COMMANDS


def broken_imports(root: Path) -> Iterator[str]:
    """One line for each import that breaks a rule."""
    commands = {name for _, name, _ in modules(root) if is_command(name)}
    for path, name, source in modules(root):
        part = name.split(".")[1]
        package, rest = package_of(name)
        if name.startswith("fairseq_cline.") and part not in PLUGIN:
            yield f"{path}: no rule for '{part}'; add one to PLUGIN"
            continue
        if package and len(rest) > 1 and rest[0] not in PACKAGES[package]:
            yield f"{path}: no place for '{rest[0]}' in the order of the folders of {package}"
            continue
        for imported in imported_names(source, name.rpartition(".")[0]):
            first, _, inside = imported.partition(".")
            if first == "data_prep" and name.startswith("data_prep."):
                allowed = True  # the order of its folders decides, below
            elif first == "fairseq_cline":
                same = name.startswith("fairseq_cline.")
                allowed = same and inside.split(".")[0] in PLUGIN[part][0] | {part}
            elif name.startswith("data_prep."):
                allowed = True
            else:
                allowed = first in sys.stdlib_module_names or is_within(imported, PLUGIN[part][1])
            if not allowed:
                yield f"{path} imports {imported}"
            if any(is_within(imported, {command}) for command in commands - {name}):
                yield f"{path} imports the command {imported}"
            origin, others = package_of(imported)
            if len(rest) > 1 and origin == package and others[0] in PACKAGES[package]:
                order = PACKAGES[package]
                if order.index(others[0]) > order.index(rest[0]):
                    yield f"{path} imports {imported}, of a folder below its own"


def broken_libraries(root: Path) -> Iterator[str]:
    """One line for each thing that a library does and only a command may."""
    for path, name, source in modules(root):
        package, rest = package_of(name)
        if not package or rest == ["__init__"] or rest == ["__main__"]:
            continue
        imported = set(imported_names(source, name.rpartition(".")[0]))
        if is_command(name):
            if "\nif __name__" not in source:
                yield f"{path} lies among the commands and is none"
        elif "\nif __name__" in source:
            yield f"{path} lies among the libraries and is a command"
        if is_within("subprocess", {item.split(".")[0] for item in imported}) and (
            path not in STARTERS
        ):
            yield f"{path} starts a process"
        if is_command(name) or rest[-1] in OPTIONS:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.arg) and "Namespace" in ast.unparse(
                node.annotation or ast.Constant(None)
            ):
                yield f"{path}, line {node.lineno}: takes parsed options; take named arguments"


def test_imports_go_one_way():
    assert [*broken_imports(ROOT)] == []


def test_libraries_are_no_commands_and_start_no_process():
    assert [*broken_libraries(ROOT)] == []


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("fairseq_cline/losses/a.py", "import torch, math, fairseq", " imports fairseq"),
        ("fairseq_cline/modules/a.py", "def f():\n    from data_prep.errors import InputError",
         " imports data_prep.errors.InputError"),
        ("fairseq_cline/data/a.py", "from fairseq.data import Dictionary\nfrom fairseq import utils",
         " imports fairseq.utils"),
        ("fairseq_cline/models/a.py", "from ..criterions import cline",
         " imports fairseq_cline.criterions.cline"),
        ("fairseq_cline/tasks/a.py", "import data_prep.english",
         " imports data_prep.english"),
        ("fairseq_cline/misc/a.py", "import os", ": no rule for 'misc'; add one to PLUGIN"),
        ("data_prep/files/a.py", "import fairseq\nimport fairseq_cline",
         " imports fairseq_cline"),
        ("data_prep/files/a.py", "from data_prep.english import wordnet",
         " imports data_prep.english.wordnet, of a folder below its own"),
        ("data_prep/misc/a.py", "", (": no place for 'misc' in the order of the folders of data_prep")),
        ("fairseq_cline/evaluation/reports/a.py",
         "from fairseq_cline.evaluation.encoders.similarities import hits",
         " imports fairseq_cline.evaluation.encoders.similarities.hits, of a folder below its own"),
        ("fairseq_cline/evaluation/attacks/a.py", "from fairseq_cline.evaluation import hits",
         " imports the command fairseq_cline.evaluation.hits"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named_with_its_file(tmp_path, path, source, message):
    command = tmp_path / "fairseq_cline" / "evaluation" / "hits.py"
    for file, text in (
        (command, 'if __name__ == "__main__":\n    main()'),
        (tmp_path / path, source),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert [*broken_imports(tmp_path)] == [path + message]


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("data_prep/a.py", "", " lies among the commands and is none"),
        ("data_prep/files/a.py", '\nif __name__ == "__main__":\n    main()',
         " lies among the libraries and is a command"),
        ("fairseq_cline/evaluation/attacks/a.py", "from subprocess import run",
         " starts a process"),
        ("data_prep/files/a.py", "def f(x: argparse.Namespace): ...",
         ", line 1: takes parsed options; take named arguments"),
    ],
)  # fmt: skip
def test_what_a_library_may_not_do_is_named(tmp_path, path, source, message):
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(source)
    assert [*broken_libraries(tmp_path)] == [path + message]
