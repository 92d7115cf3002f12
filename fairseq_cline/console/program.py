"""The program ``fairseq-cline``: menu, help and completion without torch, then the command itself."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NoReturn

from fairseq_cline.console.stored_commands import PACKAGES, StoredCommand, stored_commands

SHELLS = ["bash", "zsh"]
MORE = {"completion": SHELLS}
_HELP = {"-h", "--help"}


def main(argv: Sequence[str] | None = None) -> None:
    """Runs ``fairseq-cline COMMAND ...``: the same as ``python -m`` with the command's module."""
    given = sys.argv[1:] if argv is None else argv
    name, *words = given or [""]
    commands = stored_commands()
    if name in ("", *_HELP):
        print(_menu(commands))
    elif name in MORE:
        _print_completion(words, commands)
    elif name not in commands:
        import difflib  # not for every help

        near = difflib.get_close_matches(name, [*commands, *MORE], n=1)
        meant = f"did you mean {near[0]}?" if near else "fairseq-cline lists all"
        _fail(f"no command {name!r}; {meant}")
    elif _HELP & {*words}:
        print(commands[name].help, end="")
    else:
        import_module(commands[name].module).main(words)


def _menu(commands: Mapping[str, StoredCommand]) -> str:
    width = max(map(len, commands))
    lines = ["fairseq-cline COMMAND --help tells more. The commands:"]
    for package, heading in PACKAGES.items():
        lines += ["", f"{heading} (python -m {package}.COMMAND is the same)", ""]
        lines += [
            f"{command.name:<{width}}  {command.summary}"
            for command in commands.values()
            if command.package == package
        ]
    lines += ["", "Completion of these in a shell: source <(fairseq-cline completion bash), or zsh"]
    return "\n".join(lines)


def _print_completion(words: list[str], commands: Mapping[str, StoredCommand]) -> None:
    if len(words) != 1 or words[0] not in SHELLS:
        _fail(f"completion takes one shell: {', '.join(SHELLS)}")
    from fairseq_cline.console.completion import bash_completion, zsh_completion

    script = bash_completion if words == ["bash"] else zsh_completion
    print(script(commands, MORE), end="")


def _fail(message: str) -> NoReturn:
    print(f"fairseq-cline: error: {message}", file=sys.stderr)
    sys.exit(1)
