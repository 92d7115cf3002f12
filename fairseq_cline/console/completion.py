"""Completion of ``fairseq-cline`` in a shell: its commands, their options, the choices of those.

All is written into the script, so that a shell starts no Python while a word is typed.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping

from fairseq_cline.console.stored_commands import StoredCommand

_BASH = """\
_fairseq_cline() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=
  if ((COMP_CWORD == 1)); then
    words={names}
  else
    case ${{COMP_WORDS[1]}}:$before in
{choices}
    esac
    if [[ -z $words && $word == -* ]]; then
      case ${{COMP_WORDS[1]}} in
{options}
      esac
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _fairseq_cline fairseq-cline
"""
_ZSH = """\
#compdef fairseq-cline
_fairseq_cline() {{
  local -a found
  if (( CURRENT == 2 )); then
    found=({names})
    _describe command found
    return
  fi
  case $words[2]:$words[CURRENT-1] in
{choices}
  esac
  if (( $#found )); then
    compadd -a found
  elif [[ $PREFIX == -* ]]; then
    case $words[2] in
{options}
    esac
    _describe -o option found
  else
    _files
  fi
}}
compdef _fairseq_cline fairseq-cline
"""


def bash_completion(commands: Mapping[str, StoredCommand], more: Mapping[str, list[str]]) -> str:
    """A script to source in bash.

    Args:
        commands: by name.
        more: further commands, and the words that each takes.
    """
    return _BASH.format(
        names=shlex.quote(" ".join([*commands, *more])),
        choices="\n".join(_cases(commands, more, " " * 6, "words={}", " ".join)),
        options="\n".join(
            f"        {name}) words={shlex.quote(' '.join(_flags(command)))} ;;"
            for name, command in commands.items()
        ),
    )


def zsh_completion(commands: Mapping[str, StoredCommand], more: Mapping[str, list[str]]) -> str:
    """A script to source in zsh, after ``compinit``; the arguments are those of bash's."""
    summaries = {name: command.summary for name, command in commands.items()}
    summaries |= {name: f"takes {', '.join(words)}" for name, words in more.items()}
    return _ZSH.format(
        names=" ".join(_described(summaries)),
        choices="\n".join(_cases(commands, more, " " * 4, "found=({})", None)),
        options="\n".join(
            f"      {name}) found=({' '.join(_described(_flags(command)))}) ;;"
            for name, command in commands.items()
        ),
    )


def _cases(
    commands: Mapping[str, StoredCommand],
    more: Mapping[str, list[str]],
    indent: str,
    assignment: str,
    joined: Callable[[Iterable[str]], str] | None,
) -> Iterator[str]:
    """A line of ``case`` for each option of a command whose choices are known."""
    known = {f"{name}:{name}": words for name, words in more.items()}
    for name, command in commands.items():
        for option in command.options:
            if option.choices:
                known |= {f"{name}:{flag}": option.choices for flag in option.flags}
    for case, words in known.items():
        text = shlex.quote(joined(words)) if joined else shlex.join(words)
        yield f"{indent}{case}) {assignment.format(text)} ;;"


def _flags(command: StoredCommand) -> dict[str, str]:
    return {flag: option.summary for option in command.options for flag in option.flags}


def _described(summaries: Mapping[str, str]) -> Iterator[str]:
    """Words with what they mean, as ``_describe`` reads them."""
    for word, summary in summaries.items():
        yield shlex.quote(f"{word}:{summary}" if summary else word)
