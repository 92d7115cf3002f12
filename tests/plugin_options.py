"""The options that the plug-in adds to fairseq's programs, by the part that brings them.

``PYTHONPATH=. python tests/plugin_options.py`` writes their tables into ``fairseq_cline/README.md``.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fairseq.criterions import CRITERION_REGISTRY
from fairseq.dataclass.utils import gen_parser_from_dataclass
from fairseq.models import ARCH_MODEL_NAME_REGISTRY, ARCH_MODEL_REGISTRY
from fairseq.tasks import TASK_REGISTRY
from omegaconf import MISSING

import fairseq_cline.plugin  # noqa: F401 - registers the parts
from fairseq_cline.compat.full_help import default_words, give_defaults

README = Path(__file__).resolve().parents[1] / "fairseq_cline" / "README.md"
BEGIN, END = "<!-- options: written by tests/plugin_options.py -->\n", "<!-- end of options -->\n"
REGISTRIES = {
    "--task": TASK_REGISTRY,
    "--criterion": CRITERION_REGISTRY,
    "--arch": ARCH_MODEL_REGISTRY,
}


class Part(NamedTuple):
    flag: str  # --task, --criterion or --arch
    name: str
    options: tuple[argparse.Action, ...]  # all, in the order of --help
    own: tuple[argparse.Action, ...]  # those that fairseq does not have


def parts() -> Iterator[Part]:
    """Every task, criterion and architecture of the plug-in."""
    for flag, registry in REGISTRIES.items():
        for name, owner in registry.items():
            if not owner.__module__.startswith("fairseq_cline."):
                continue
            # Options of models have no default that would hide an architecture's.
            default = argparse.SUPPRESS if flag == "--arch" else None
            parser = argparse.ArgumentParser(add_help=False, argument_default=default)
            owner.add_args(parser)
            if flag == "--arch":
                give_defaults(parser, name)
            options = tuple(parser._actions)
            stock = _stock_names(owner)
            own = tuple(action for action in options if action.dest not in stock)
            yield Part(flag, name, options, own)


def _stock_names(owner: type) -> set[str]:
    """Names of the options that the classes and configurations of fairseq behind a part have."""
    parser = argparse.ArgumentParser(add_help=False, conflict_handler="resolve")
    for parent in getattr(getattr(owner, "__dataclass", None), "__mro__", ()):
        if parent.__module__.startswith("fairseq.") and hasattr(parent, "_get_all_attributes"):
            gen_parser_from_dataclass(parser, parent())
    for parent in owner.__mro__:
        if parent.__module__.startswith("fairseq.") and hasattr(parent, "add_args"):
            parent.add_args(parser)
    return {action.dest for action in parser._actions}


def tables() -> str:
    """The tables of all own options, in Markdown: one a kind of part, a line an option."""
    found = [*parts()]
    texts = []
    for flag in REGISTRIES:
        owners: dict[tuple[str, str], list[str]] = {}
        defaults: dict[tuple[str, str], set[str]] = {}
        for part in found:
            for action in part.own if part.flag == flag else ():
                row = _name(action), _cell(action.help or "")
                family = ARCH_MODEL_NAME_REGISTRY.get(part.name, part.name)
                owners.setdefault(row, [])
                if f"`{family}`" not in owners[row]:
                    owners[row].append(f"`{family}`")
                defaults.setdefault(row, set()).add(_default(action))
        texts.append(f"\n`{flag}`:\n\n| option | of | default | meaning |\n|---|---|---|---|\n")
        for row, names in owners.items():
            default = defaults[row].pop() if len(defaults[row]) == 1 else "that of the architecture"
            texts.append(f"| `{row[0]}` | {', '.join(names)} | {default} | {row[1]} |\n")
    return "".join(texts) + "\n"


def _name(action: argparse.Action) -> str:
    name = action.option_strings[-1] if action.option_strings else action.dest
    return f"{name} {{{','.join(map(str, action.choices))}}}" if action.choices else name


def _default(action: argparse.Action) -> str:
    if action.nargs == 0:
        return "on" if action.default is True else "off"
    if action.default == MISSING or action.required:
        return "needed"
    words = default_words(action)
    return f"`{words}`" if words else "none"


def _cell(text: str) -> str:
    """A text of help in a cell of a table."""
    return " ".join(text.replace("%%", "%").split()).replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}{tables()}{END}{after}", encoding="utf-8")
