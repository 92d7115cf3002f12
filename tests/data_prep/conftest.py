"""Real English (WordNet's glosses) and tokenizers trained on it, for the preparation's tests."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import toy_tokenizers
from tokenizers import pre_tokenizers

from data_prep.english.glosses import read_synsets, split_gloss
from data_prep.english.installed import wordnet_path
from data_prep.tokenizers.sentencepiece_training import train
from data_prep.tokenizers.subwords import SubwordEncoder, load_encoder
from data_prep.triplets.databin_maker import make_databin
from data_prep.triplets.triplet_maker import TripletOptions

REPOSITORY = Path(__file__).resolve().parents[2]


class Tokenizer(NamedTuple):
    """make_triplets' options for a tokenizer, and the encoder that they stand for."""

    options: list[str]
    encoder: SubwordEncoder
    folder: Path


def tokenizer_in(folder: Path) -> Tokenizer:
    return Tokenizer(["--tokenizer", str(folder)], load_encoder(folder), folder)


@pytest.fixture(scope="session")
def glosses() -> list[list[str]]:
    """Documents: a definition and its examples each, every 20th synset."""
    synsets = list(read_synsets(Path(wordnet_path())))
    return [split_gloss(synset.gloss) for synset in synsets[::20]]


@pytest.fixture(scope="session")
def text(glosses, tmp_path_factory) -> Path:
    """The glosses as a file, blank lines between documents (about 75,000 words)."""
    path = tmp_path_factory.mktemp("text") / "glosses.txt"
    path.write_text("\n\n".join("\n".join(lines) for lines in glosses) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def sentencepiece_folder(text, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("spm")
    train([str(text)], folder, vocabulary=4000, sample=100_000, seed=1)
    return folder


@pytest.fixture(scope="session")
def sentencepiece_tokenizer(sentencepiece_folder) -> Tokenizer:
    return tokenizer_in(sentencepiece_folder)


@pytest.fixture(scope="session")
def gpt2_tokenizer(tmp_path_factory) -> Tokenizer:
    """GPT-2's two files in small: all bytes, and a few merges."""
    folder = tmp_path_factory.mktemp("gpt2")
    merges = [
        "Ġ t",
        "h e",
        "Ġt he",
        "i n",
        "Ġ a",
        "o n",
        "r e",
        "e r",
        "in g",
        "Ġ s",
        "Ġ c",
        "a t",
        "o r",
        "e n",
        "Ġa n",
        "Ġan d",
        "l y",
    ]
    symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
    symbols += [merge.replace(" ", "") for merge in merges]
    encoder, bpe, dictionary = (folder / n for n in ("encoder.json", "vocab.bpe", "dict.txt"))
    encoder.write_text(json.dumps({symbol: i for i, symbol in enumerate(symbols)}))
    bpe.write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
    # Like RoBERTa's, the dictionary is sorted otherwise than the BPE.
    dictionary.write_text("".join(f"{i} 1\n" for i in reversed(range(len(symbols)))))
    return tokenizer_in(folder)


def _json_tokenizer(kind: str):
    """The fixture of a tokenizer.json of a kind."""

    @pytest.fixture(scope="session", name=f"{kind}_tokenizer")
    def give(glosses, tmp_path_factory) -> Tokenizer:
        text = (" ".join(lines) for lines in glosses[::4])
        content = json.loads(toy_tokenizers.KINDS[kind](text, 2000).to_str())
        folder = tmp_path_factory.mktemp(kind)
        return tokenizer_in(toy_tokenizers.write_folder(folder, content))

    return give


word_piece_tokenizer, byte_level_tokenizer, unigram_tokenizer = map(
    _json_tokenizer, toy_tokenizers.KINDS
)


@pytest.fixture(scope="session", params=["sentencepiece", "gpt2", *toy_tokenizers.KINDS])
def any_tokenizer(request) -> Iterator[Tokenizer]:
    yield request.getfixturevalue(f"{request.param}_tokenizer")


@pytest.fixture(scope="session", params=["sentencepiece", "gpt2"])
def tokenizer(request) -> Iterator[Tokenizer]:
    yield request.getfixturevalue(f"{request.param}_tokenizer")


@pytest.fixture(scope="session")
def run(binaries):
    """Runs a preparation command to its end, as a user would.

    A hash seed of its own is for Python to read when it starts: such a command is not forked.
    """

    def call(
        name: str, *arguments: object, input: str = "", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess:
        words = ["-m", f"data_prep.{name}", *map(str, arguments)]
        if env is None:
            return binaries.run(*words, input=input)
        return subprocess.run(
            [sys.executable, *words],
            cwd=REPOSITORY,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return call


@pytest.fixture(scope="session")
def databin(text, sentencepiece_folder, tmp_path_factory) -> Path:
    """A finished data-bin of the glosses, made with the lexicon tagger."""
    folder = tmp_path_factory.mktemp("databin") / "glosses"
    make_databin(
        {"train": [str(text)]},
        folder,
        tokenizer=sentencepiece_folder,
        options=TripletOptions(seed=1, tokens_per_sample=64, sample_break_mode="complete_doc"),
        tagger="lexicon",
        survey_words=20_000,
    )
    return folder
