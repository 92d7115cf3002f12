"""Functions are patched once, and what was there before is at hand."""

import ast
import inspect
from pathlib import Path
from types import SimpleNamespace

import pytest
from fairseq.models import ARCH_CONFIG_REGISTRY

from fairseq_cline import compat
from fairseq_cline.compat.patching import patch, stock_function


def twice(stock, value):
    return 2 * stock(value)


def test_the_wrapper_gets_the_stock_function():
    owner = SimpleNamespace(grow=lambda value: value + 1)
    stock = owner.grow
    assert stock_function(owner, "grow") is stock
    patch(owner, "grow", twice)
    assert owner.grow(1) == 4
    assert stock_function(owner, "grow") is stock


def test_a_second_patch_changes_nothing():
    owner = SimpleNamespace(grow=lambda value: value + 1)
    patch(owner, "grow", twice)
    patched = owner.grow
    patch(owner, "grow", twice)
    assert owner.grow is patched


def test_another_wrapper_goes_around_the_first():
    def next_of(stock, value):
        return stock(value) + 1

    owner = SimpleNamespace(grow=lambda value: value)
    stock = owner.grow
    for wrapper in (twice, next_of, twice):
        patch(owner, "grow", wrapper)
    assert owner.grow(10) == 21
    assert stock_function(owner, "grow") is stock


def test_methods_of_each_kind_stay_what_they_are():
    class Owner:
        @classmethod
        def of_class(cls, value):
            return cls, value

        def method(self, value):
            return self, value

        @staticmethod
        def static(value):
            return value

    def given(stock, *args):
        return [stock(*args)]

    class Heir(Owner):
        @classmethod
        def of_class(cls, value):
            return super().of_class(value)

    stock = Owner.of_class
    for name in ("method", "static", "of_class", "of_class"):
        patch(Owner, name, given)
    owner = Owner()
    assert owner.method(1) == [(owner, 1)]
    assert owner.static(1) == Owner.static(1) == [1]
    assert owner.of_class(1) == Owner.of_class(1) == [(Owner, 1)]
    assert Heir.of_class(1) == [(Heir, 1)]
    assert stock_function(Owner, "of_class") == stock


def test_what_wraps_another_function_by_itself_is_not_taken_for_patched():
    owner = SimpleNamespace(grow=lambda value: value)
    owner.grow.__wrapped__ = None
    assert stock_function(owner, "grow") is owner.grow


PARTS = [
    part for part in vars(compat).values() if hasattr(part, "prepare") and hasattr(part, "patch")
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__.rpartition(".")[2])
def test_preparing_again_patches_nothing_twice(part, monkeypatch):
    unchanged = []

    def noted(owner, name, wrapper):
        before = inspect.getattr_static(owner, name)
        patch(owner, name, wrapper)
        unchanged.append(inspect.getattr_static(owner, name) is before)

    monkeypatch.setattr(part, "patch", noted)
    architectures = dict(ARCH_CONFIG_REGISTRY)
    part.prepare()
    assert unchanged and all(unchanged)
    assert architectures == ARCH_CONFIG_REGISTRY


def replaced_attributes(source):
    """Attributes of imported modules and classes that a file assigns to."""
    tree = ast.parse(source)
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            owner = ast.unparse(node.value)
            if owner.split(".")[0] in imported:
                yield f"{owner}.{node.attr}"


def test_all_patches_go_through_one_function():
    assert [*replaced_attributes("from a import B\nimport c\nB.d = c.e.f = 1")] == ["B.d", "c.e.f"]
    found = {
        (path.name, attribute)
        for path in Path(compat.__file__).parents[1].rglob("*.py")
        for attribute in replaced_attributes(path.read_text())
    }
    assert found == set()
