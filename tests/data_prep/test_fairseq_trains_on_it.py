"""The two halves together: what make_triplets writes is what training and evaluation read."""

import pytest

from fairseq_cline.data.triplet_databin import DataBin
from tests.data_prep.conftest import REPOSITORY


@pytest.fixture
def shards(run, text, tokenizer, tmp_path) -> list[str]:
    """Two shards of real text, with validation and test text in the first."""
    little = tmp_path / "little.txt"
    little.write_text("".join(text.read_text().splitlines(keepends=True)[:400]), encoding="utf-8")
    folders = []
    for number in range(2):
        folders.append(str(tmp_path / f"shard{number}"))
        done = run(
            "make_triplets", "--train", text, "--valid", little, "--test", little,
            "--destdir", folders[-1], "--shard", f"{number}/2", "--tokens-per-sample", 64,
            "--tagger", "lexicon", "--survey-words", 5000, *tokenizer.options,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return folders


def test_train_on_shards_and_evaluate(shards, binaries, tmp_path):
    databin = DataBin(shards[0])
    assert len(databin.split("test").original) == databin.manifest["splits"]["test"]["blocks"]
    # The words of the three sequences agree, as cutting them at one word boundary needs.
    split = databin.split("train")
    for index in range(0, len(split.original), 37):
        sequences = (part[index] for part in (split.original, split.synonym, split.antonym))
        counts = {int(databin.word_begin[tokens.numpy()[1:]].sum()) for tokens in sequences}
        assert len(counts) == 1

    def call(module, *arguments):
        done = binaries.run("-m", module, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    log = call(
        "fairseq_cli.train", ":".join(shards), "--user-dir", REPOSITORY / "fairseq_cline",
        "--task", "cline_pretrain", "--criterion", "cline", "--arch", "cline_roberta_tiny",
        "--tokens-per-sample", 40, "--batch-size", 64, "--max-epoch", 2, "--cpu", "--num-workers", 0,
        "--encoder-layers", 1, "--encoder-embed-dim", 32, "--encoder-ffn-embed-dim", 64,
        "--optimizer", "adam", "--lr", 1e-3, "--log-format", "simple", "--save-dir", "checkpoints",
        "--no-epoch-checkpoints", "--seed", 1,
    )  # fmt: skip
    for shard in shards:
        blocks = DataBin(shard).manifest["splits"]["train"]["blocks"]
        assert f"{blocks:,} triplets: {shard}/train" in log
    assert "lose the words after that" in log  # tokens-per-sample 40 of 64
    table = call(
        "fairseq_cline.evaluation.hits", "checkpoints/checkpoint_last.pt", "--data", shards[0],
        "--cpu", "--json", "hits.json",
    )  # fmt: skip
    assert "contrastive accuracy" in table
