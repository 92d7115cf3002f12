"""Losses and modules are of use without fairseq: each public one shows how, and the example runs."""

import ast
import doctest
import importlib
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path
    for folder in ("losses", "modules")
    for path in (ROOT / "fairseq_cline" / folder).glob("*.py")
    if path.name != "__init__.py"
)


def public_names(source):
    """Classes and functions of a file, with their docstrings."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, ast.get_docstring(node) or ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_examples_run(path):
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    torch.manual_seed(1)
    failed, tried = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert failed == 0 and tried > 0  # what differs is in the captured output


def test_every_public_name_has_an_example():
    without = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in FILES
        for name, docstring in public_names(path.read_text())
        if ">>> " not in docstring
    ]
    assert without == []
    assert len(FILES) > 10
