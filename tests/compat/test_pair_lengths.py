"""Pairs that are too long: the longer text is cut, in every split of the stock task and ours."""

import logging

import pytest
import torch
from fairseq.tasks import sentence_prediction
from fairseq.tasks.sentence_prediction import SentencePredictionConfig, SentencePredictionTask

from data_prep.classification.examples import read_labeled_text
from data_prep.classification.labeled_databin import Options, build_databin
from data_prep.tokenizers.text_encoders import Words
from fairseq_cline.compat import pair_lengths
from fairseq_cline.compat.pair_lengths import fit_pair
from fairseq_cline.compat.patching import stock_function

BOS, SEP, EOS = 0, 2, 2
LIMIT = 12
# Words of the texts of each pair; 4 special tokens are added.
SIZES = [(3, 2), (4, 4), (20, 3), (3, 20), (20, 20), (9, 8), (8, 9), (1, 7), (30, 1)]


def truncate_seq_pair(first: list, second: list, most: int) -> None:
    """The loop of BERT's authors (create_pretraining_data.py and run_classifier.py)."""
    while len(first) + len(second) > most:
        (first if len(first) > len(second) else second).pop()


@pytest.mark.parametrize("first", range(7))
@pytest.mark.parametrize("second", range(7))
@pytest.mark.parametrize("leads", [(1, 1), (1, 0), (0, 0)])
def test_the_longer_text_is_cut_as_by_bert(first, second, leads):
    for limit in range(4, 20):
        words = [[*range(10, 10 + first)], [*range(20, 20 + second)]]
        texts = [
            torch.tensor([BOS] * lead + text + [EOS])
            for lead, text in zip(leads, words, strict=True)
        ]
        truncate_seq_pair(*words, limit - sum(leads) - 2)
        expected = [
            token
            for lead, text in zip(leads, words, strict=True)
            for token in [BOS] * lead + text + [EOS]
        ]
        found = fit_pair(texts, leads, limit)
        assert found.tolist() == expected and len(found) <= limit


def test_fewer_places_than_special_tokens():
    texts = [torch.tensor([BOS, 7, 7, EOS]), torch.tensor([SEP, 8, EOS])]
    assert fit_pair(texts, (1, 1), 3).tolist() == [BOS, EOS, SEP]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A data-bin of pairs of these sizes."""
    folder = tmp_path_factory.mktemp("long_pairs")
    lines = (
        f"{k % 2}\t{'film ' * first}\t{'dull ' * second}\n"
        for k, (first, second) in enumerate(SIZES)
    )
    (folder / "train.tsv").write_text("".join(lines))
    texts = {split: folder / "train.tsv" for split in ("train", "valid")}
    texts = {split: read_labeled_text(path) for split, path in texts.items()}
    build_databin(texts, folder / "bin", Options(Words()))
    return folder / "bin"


@pytest.fixture
def load(pairs, caplog):
    """The items of a split in stock `sentence_prediction`, and what the log says."""

    def load(split="train", **settings):
        config = SentencePredictionConfig(
            data=str(pairs), num_classes=2, init_token=BOS, separator_token=SEP, no_shuffle=True,
            seed=1, regression_target=False,
            **{"shorten_method": "truncate", "max_positions": LIMIT, **settings},
        )  # fmt: skip
        task = SentencePredictionTask.setup_task(config)
        with caplog.at_level(logging.INFO):
            task.load_dataset(split)
        dataset = task.dataset(split)
        items = [dataset[k]["net_input.src_tokens"].tolist() for k in range(len(dataset))]
        assert [*dataset.sizes[0]] == [*map(len, items)]
        assert [dataset.size(k) for k in range(len(items))] == [*map(len, items)]
        return task.dictionary, items, caplog.messages

    return load


@pytest.mark.parametrize("split", ["train", "valid"])
def test_no_pair_loses_its_second_text(load, split):
    dictionary, items, messages = load(split)
    film, dull = map(dictionary.index, ("film", "dull"))
    for (first, second), item in zip(SIZES, items, strict=True):
        words = [[film] * first, [dull] * second]
        truncate_seq_pair(*words, LIMIT - 4)
        assert item == [BOS, *words[0], EOS, SEP, *words[1], EOS]
    assert f"{split}: 6 of 9 examples are cut to 12 tokens" in messages


def test_other_splits_and_shorter_pairs_are_left_alone(load):
    _, items, messages = load(shorten_data_split_list="valid")
    assert [len(item) for item in items] == [first + second + 4 for first, second in SIZES]
    _, items, messages = load(max_positions=100)
    assert [len(item) for item in items] == [first + second + 4 for first, second in SIZES]
    assert not any("are cut to" in message for message in messages)


def test_a_random_crop_is_fairseqs_own(load):
    _, items, messages = load(shorten_method="random_crop")
    assert max(map(len, items)) == LIMIT
    assert "train: 6 of 9 examples are cut to 12 tokens" in messages


def test_stock_cuts_the_second_text_away(load, monkeypatch):
    """The fault that is mended; the switch of the mends leaves it in place, in evaluations too."""
    name = pair_lengths.NAME
    assert pair_lengths.is_mended()
    monkeypatch.setattr(sentence_prediction, name, stock_function(sentence_prediction, name))
    dictionary, items, _ = load()
    lost = [item for item in items if dictionary.index("dull") not in item]
    assert len(lost) == 4 and not pair_lengths.is_mended()
