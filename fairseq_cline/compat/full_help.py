"""Help of fairseq's programs that tells the options of the parts on the line, with their defaults.

fairseq prints help before it knows them: of the plug-in's options it shows none.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from fairseq import options
from fairseq.models import ARCH_CONFIG_REGISTRY, ARCH_MODEL_NAME_REGISTRY, MODEL_DATACLASS_REGISTRY

from fairseq_cline.compat.patching import Wrapper, patch

_HELP = {"-h", "--help"}
# Named by the line; without one there is nothing to tell.
_PARTS = ("arch", "task")
_TITLE = "Options of the --task, --criterion, --optimizer and --lr-scheduler on this line"
_EPILOG = "Name parts to see their options: --task T --criterion C --arch A --help."


class _Formatter(argparse.HelpFormatter):
    """Adds the default of an option to its help, where that does not tell it."""

    def _get_help_string(self, action: argparse.Action) -> str:
        told, default = action.help or "", default_words(action)
        if "default" in told or not default or not action.option_strings:
            return told
        return f"{told} (default: {default.replace('%', '%%')})".lstrip()


def default_words(action: argparse.Action) -> str:
    """The default of an option as it is typed; "" if it has none, or is a switch."""
    default = action.default
    if action.nargs == 0 or default is None or default == argparse.SUPPRESS:
        return ""
    if isinstance(default, list):
        return ",".join(map(str, default))
    return str(default)


def parse(
    stock: Wrapper,
    parser: argparse.ArgumentParser,
    input_args: Sequence[str] | None = None,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Parses a command line; ``--help`` waits until the options of all parts on it are there."""
    words = sys.argv[1:] if input_args is None else [*input_args]
    if not _HELP & set(words):
        return stock(parser, input_args, *args, **kwargs)
    without = [word for word in words if word not in _HELP]
    find_parts = parser.parse_known_args
    of_program = [*parser._actions]
    parts = argparse.Namespace()

    def print_help(*_: Any) -> NoReturn:
        parser.formatter_class, parser.epilog = _Formatter, _EPILOG
        parser.usage = "%(prog)s DATA [options]"
        _group(parser, of_program)
        give_defaults(parser, getattr(parts, "arch", None))
        parser.print_help()
        parser.exit()

    def name_parts(*_: Any) -> tuple[argparse.Namespace, list[str]]:
        nonlocal parts
        parts, rest = find_parts(without)
        for name in _PARTS:
            if getattr(parts, name, "") is None:
                delattr(parts, name)
        parser.parse_known_args = print_help  # type: ignore[method-assign]
        return parts, rest

    parser.parse_known_args = name_parts  # type: ignore[method-assign]
    return stock(parser, without, *args, **kwargs)


def _group(parser: argparse.ArgumentParser, of_program: Sequence[argparse.Action]) -> None:
    """Moves the options that parts have added to those of the program into a group of their own."""
    group = parser.add_argument_group(_TITLE)
    for own in (parser._positionals, parser._optionals):
        group._group_actions += [a for a in own._group_actions if a not in of_program]
        own._group_actions[:] = [a for a in own._group_actions if a in of_program]


def give_defaults(parser: argparse.ArgumentParser, arch: str | None) -> None:
    """Gives the options of a model, which have no default for the parser, that of the architecture."""
    if arch is None:
        return
    config = MODEL_DATACLASS_REGISTRY.get(ARCH_MODEL_NAME_REGISTRY[arch])
    of_arch = argparse.Namespace()
    with suppress(AttributeError):  # of what the command line would have set, as in lightconv_lm
        ARCH_CONFIG_REGISTRY[arch](of_arch)
    for action in parser._actions:
        if action.default == argparse.SUPPRESS:
            default = getattr(of_arch, action.dest, None)
            if default is None and config is not None:
                default = getattr(config(), action.dest, None)
            action.default = argparse.SUPPRESS if default is None else default


def prepare() -> None:
    """Makes fairseq's programs parse their lines in this way."""
    patch(options, "parse_args_and_arch", parse)
