"""The commands of a README, and its Python: found, and run at toy size in a folder that they share."""

import glob
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from binaries import ENVIRONMENT, REPOSITORY, Binaries

# Options that come last and make a command small. fairseq and argparse take the last one.
_TRAINING = (
    "--cpu --num-workers 0 --batch-size 4 --max-tokens 400 --max-update 2 --warmup-updates 1"
)
_TRANSFORMER = "--encoder-layers 1 --encoder-embed-dim 16 --encoder-ffn-embed-dim 16"
_TRANSFORMER += " --encoder-attention-heads 2 --decoder-layers 1 --decoder-embed-dim 16"
_TRANSFORMER += " --decoder-ffn-embed-dim 16 --decoder-attention-heads 2"
SMALLER = {
    "fairseq-train": _TRAINING,
    "--arch transformer_lm": "--decoder-input-dim 16 --decoder-output-dim 16 --decoder-embed-dim 16",
    "--arch transformer_iwslt_de_en": f"{_TRANSFORMER} --lr-scheduler fixed",
    "--arch text_cnn": "--embedding-dim 8",
    "data_prep.train_sentencepiece": "--vocab-size 500",
    "data_prep.wordnet_topics": "--train-examples 2000 --test-examples 60",
    "data_prep.wordnet_similarity": "--limit 20",
    "data_prep.parallel_text": "--vocab-size 120",
    "evaluation.adversarial": "--limit 3",
    "evaluation.attack_completion": "--limit 4",
    "evaluation.translation_robustness": "--beam 2",
    "evaluation.representation": "--limit 20",
}
# Downloads, and what installs something: their arguments are parsed, and nothing is run.
PARSED = ("data_prep.ptb", "data_prep.wikitext103", "data_prep.iwslt17", "data_prep.glue")
PARSED += ("text_classification --dataset", "resources --encoder")
_PARSE = """
import argparse, importlib, sys
parse = argparse.ArgumentParser.parse_args
def parse_only(parser, *arguments):
    parse(parser, *arguments)
    sys.exit()
argparse.ArgumentParser.parse_args = parse_only
sys.exit("not parsed" if importlib.import_module(sys.argv[1]).main(sys.argv[2:]) else 1)
"""


def read_commands(readme: Path) -> list[str]:
    """The commands of all blocks of bash, one a line, without comments."""
    blocks = re.findall(
        r"^```bash\n(.*?)^```$", readme.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    words = (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines)
    return [re.sub(r" {2,}", " ", line) for line in words if line]


def read_python(readme: Path) -> str:
    """The blocks of Python, in their order."""
    blocks = re.findall(
        r"^```python\n(.*?)^```$", readme.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return "\n".join(blocks)


@dataclass
class Shell:
    """The part of bash that a README uses: substitution, variables, pipes, redirection."""

    binaries: Binaries
    folder: Path
    substitutes: dict[str, str]  # commands -> what they print

    def run(self, line: str) -> str:
        """Runs a command; returns what it prints.

        Raises:
            AssertionError: it fails, with its output.
        """
        if line in self.substitutes:
            return self.substitutes[line]
        line = re.sub(r"\$\(([^()]*)\)", lambda inner: self.run(inner[1]).strip(), line)
        line += "".join(f" {more}" for part, more in SMALLER.items() if part in line)
        words, text = shlex.split(line), ""
        if "|" in words:
            end = words.index("|")
            assert words[0] == "echo", line
            text, words = " ".join(words[1:end]) + "\n", words[end + 1 :]
        if "<" in words:
            place = words.index("<")
            text = (self.folder / words[place + 1]).read_text("utf-8")
            del words[place : place + 2]
        variables = {}
        while "=" in words[0]:
            name, _, variables[name] = words.pop(0).partition("=")
        words = [found for word in words for found in self._glob(word)]
        done = self._start(words, variables, text, parsed=any(part in line for part in PARSED))
        assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def run_python(self, code: str) -> None:
        """Runs Python in the folder.

        Raises:
            AssertionError: it fails, with its output.
        """
        done = self.binaries.run("-c", code, cwd=self.folder)
        assert done.returncode == 0, done.stderr[-3000:]

    def _glob(self, word: str) -> list[str]:
        found = sorted(glob.glob(word, root_dir=self.folder)) if "*" in word else []
        return found or [word]

    def _start(
        self, words: list[str], variables: dict[str, str], text: str, parsed: bool
    ) -> subprocess.CompletedProcess[str]:
        program, *arguments = words
        start: Callable = self.binaries.run
        if program == "bash":
            environment = {**os.environ, **ENVIRONMENT, **variables, "PYTHONPATH": str(REPOSITORY)}
            environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
            environment["FAIRSEQ_CLINE_PYTHON"] = sys.executable
            return subprocess.run(
                ["bash", *arguments],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
        assert not variables, variables
        if program.startswith("fairseq-"):
            module = f"fairseq_cli.{program.removeprefix('fairseq-').replace('-', '_')}"
            arguments = ["-m", module, *arguments]
        else:
            assert (program, arguments[0]) == ("python", "-m"), words
        if parsed:
            arguments = ["-c", _PARSE, *arguments[1:]]
        return start(*arguments, cwd=self.folder, input=text)
