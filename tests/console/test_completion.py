"""Completion in bash and zsh: commands, options, choices; else files."""

import shlex
import shutil
import subprocess

import pytest

from fairseq_cline.console.completion import bash_completion, zsh_completion
from fairseq_cline.console.program import MORE
from fairseq_cline.console.stored_commands import stored_commands

pytestmark = pytest.mark.binaries

COMMANDS = stored_commands()
# Words before the cursor -> words that are offered; None: names of files.
CASES = [
    ([""], [*COMMANDS, "completion"]),
    (["make"], ["make_triplets"]),
    (["completion", "z"], ["zsh"]),
    (["encode", "--feature", ""], ["cls", "mean"]),
    (["encode", "--feature", "m"], ["mean"]),
    (["hits", "--spl"], ["--split"]),
    (["hits", "model.pt", "--da"], ["--data"]),
    (["hits", "--data", ""], None),
    (["hits", "mod"], None),
    (["no_command", "--x"], []),
]


def run(*words, script):
    done = subprocess.run(
        [*words], input=script, check=True, capture_output=True, text=True, cwd="/"
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(("words", "offered"), CASES)
def test_bash(words, offered):
    script = bash_completion(COMMANDS, MORE)
    script += f"COMP_WORDS=({shlex.join(['fairseq-cline', *words])}); COMP_CWORD={len(words)}\n"
    script += "_fairseq_cline; ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' \"${COMPREPLY[@]}\"\n"
    script += "complete -p fairseq-cline"
    *found, registered = run("bash", "--norc", script=script)
    assert found == (offered or [])
    # bash completes names of files if no word is offered.
    assert registered == "complete -o default -F _fairseq_cline fairseq-cline"


# Prints the words that zsh's own functions would show.
ZSH = """
compdef() { [[ $1 == _fairseq_cline && $2 == fairseq-cline ]] || exit 1; }
show() { for one in $@; do [[ $one == $PREFIX* ]] && print -r -- $one; done; true; }
_describe() { [[ $1 == -o ]] && shift; show ${${(P)2}%%:*}; }
compadd() { show ${(P)2}; }
_files() { print files; }
"""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh")
@pytest.mark.parametrize(("words", "offered"), CASES)
def test_zsh(words, offered):
    script = ZSH + zsh_completion(COMMANDS, MORE)
    script += f"words=({shlex.join(['fairseq-cline', *words])}); CURRENT={len(words) + 1}\n"
    script += "PREFIX=$words[-1]; _fairseq_cline\n"
    assert run("zsh", "-f", script=script) == (["files"] if offered is None else offered)


def test_every_option_is_offered_and_every_word_quoted():
    scripts = [bash_completion(COMMANDS, MORE), zsh_completion(COMMANDS, MORE)]
    for command in COMMANDS.values():
        for option in command.options:
            assert all(option.flags[-1] in script for script in scripts)
    run("bash", "-n", script=scripts[0])
