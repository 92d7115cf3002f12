"""Texts of configurations as values: the same as ``eval`` where they are plain, else refused."""

import ast
import sys
from pathlib import Path

import fairseq
import pytest

import fairseq_cline.plugin  # noqa: F401 - puts `evaluate` in place
from data_prep.errors import InputError
from fairseq_cline.compat.literals import evaluate

FAIRSEQ = Path(fairseq.__file__).parent


@pytest.mark.parametrize(
    "text",
    [
        "20000,60000", "(0.9, 0.98)", "[(512, 3)] * 20", "[(512, 10, 5)] + 2 * [(512, 3, 2)]",
        "True", "None", "False", " [True, False] ", "-1e-3", "{'a': [1]}", "'text'", "2 + 3 * 4",
        "[]", "1", "[(1, 64), (2, 128)]",
    ],
)  # fmt: skip
def test_plain_values_are_those_of_eval(text):
    assert evaluate(text) == eval(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch ran')", "open('ran', 'w')", "().__class__", "x", "[x][0]",
        "lambda: 1", "[i for i in (1, 2)]", "2 ** 9999999", "[1] * 10**9", "[0] * 99999 * 99999",
        "'a' * 9999", "f'{1}'", "1 if 1 else 2", "(1", "", "[" * 5000, "{**{}}", "1\n2", "a = 1",
        "[1] * [1]", "[1] + 1", "{[]: 1}", "exec('1')", "1;2", "1" * 20_000,
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_everything_else_is_refused(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="is no plain value"):
        evaluate(text)
    assert [*tmp_path.iterdir()] == []


def test_what_is_no_text_is_refused_as_by_eval():
    with pytest.raises(TypeError):
        evaluate(True)


def calls_eval(path: Path) -> bool:
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


def test_no_module_of_fairseq_has_the_real_eval():
    paths = [path for path in FAIRSEQ.rglob("*.py") if "examples" not in path.parts]
    names = [".".join(path.relative_to(FAIRSEQ.parent).with_suffix("").parts) for path in paths]
    calling = [name for name, path in zip(names, paths, strict=True) if calls_eval(path)]
    assert len(calling) > 10
    assert [name for name in calling if sys.modules[name].eval is not evaluate] == []
