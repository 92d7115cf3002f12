"""The task `atcl_lm`: fairseq's language modeling, its batches with candidates."""

import shutil

import pytest
import torch
from fairseq.data import Dictionary
from fairseq.tasks.language_modeling import LanguageModelingConfig, LanguageModelingTask

from data_prep.errors import InputError
from fairseq_cline.tasks.atcl_lm import AtclLmConfig, AtclLmTask

STOCK = {
    "tokens_per_sample": 16,
    "seed": 1,
    "dataset_impl": None,
    "use_plasma_view": False,
    "batch_size": 8,
}


def open_task(data, split="train", **settings):
    task = AtclLmTask.setup_task(AtclLmConfig(data=str(data), **{**STOCK, **settings}))
    task.load_dataset(split)
    return task


def open_stock(data, split="train", **settings):
    config = LanguageModelingConfig(data=str(data), **{**STOCK, **settings})
    task = LanguageModelingTask.setup_task(config)
    task.load_dataset(split)
    return task


def batches(task, split="train", epoch=1):
    iterator = task.get_batch_iterator(
        task.dataset(split), max_tokens=80, max_positions=100, seed=3, epoch=epoch
    )
    return list(iterator.next_epoch_itr(shuffle=True))


def assert_same(ours, stock):
    """Equal, key by key and tensor by tensor."""
    assert ours.keys() == stock.keys()
    for key, value in stock.items():
        if isinstance(value, dict):
            assert_same(ours[key], value)
        elif torch.is_tensor(value):
            assert torch.equal(ours[key], value), key
        else:
            assert ours[key] == value, key


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"sample_break_mode": "complete"},
        {"add_bos_token": True},
        {"output_dictionary_size": 20},
        {"pad_to_fixed_length": True, "pad_to_fixed_bsz": True},
    ],
)
@pytest.mark.parametrize("epoch", [1, 2])
def test_the_batches_are_those_of_fairseq(language_databin, settings, epoch):
    ours = batches(open_task(language_databin, **settings), epoch=epoch)
    stock = batches(open_stock(language_databin, **settings), epoch=epoch)
    assert len(ours) == len(stock) > 5
    for a, b in zip(ours, stock, strict=True):
        drawn = a.pop("candidates")["decoder"]
        assert drawn["negatives"].shape == (len(drawn["rows"]), 10)
        assert_same(a, b)


@pytest.mark.parametrize("settings", [{}, {"add_bos_token": True}])
def test_candidates_are_words_of_the_input(language_databin, settings):
    task = open_task(language_databin, **settings)
    found = set()
    for batch in batches(task):
        drawn = batch["candidates"]["decoder"]
        at = drawn["rows"], drawn["columns"]
        found |= {task.dictionary[token] for token in batch["net_input"]["src_tokens"][at].tolist()}
    assert len(found) > 10
    assert not found & {"a", "7", ".", "</s>", "<s>", "<pad>", "<unk>"}


def test_kinds_of_negatives(language_databin):
    sizes = {}
    for kind in ("random", "semantic", "both"):
        task = open_task(language_databin, negatives=kind, num_negatives=4)
        drawn = batches(task)[0]["candidates"]["decoder"]
        sizes[kind] = drawn["negatives"].size(1), "antonyms" in drawn
        if kind != "random":
            assert drawn["antonyms"].ge(0).any()
    assert sizes == {"random": (4, False), "semantic": (0, True), "both": (4, True)}


def test_an_antonym_is_that_of_the_candidate(language_databin):
    task = open_task(language_databin, negatives="semantic")
    opposite = {}
    for batch in batches(task):
        drawn = batch["candidates"]["decoder"]
        words = batch["net_input"]["src_tokens"][drawn["rows"], drawn["columns"]]
        for word, antonym in zip(words.tolist(), drawn["antonyms"].tolist(), strict=True):
            if antonym >= 0:
                opposite[task.dictionary[word]] = task.dictionary[antonym]
    assert opposite["old"] == "young" and opposite["cold"] == "hot" and len(opposite) == 12


def test_the_seed_of_the_run_decides(language_databin):
    first, again, other = (
        torch.cat(
            [
                b["candidates"]["decoder"]["columns"]
                for b in batches(open_task(language_databin, **s))
            ]
        )
        for s in ({}, {}, {"seed": 2})
    )
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_an_epoch_of_the_iterator_is_one_of_the_draws(language_databin):
    task = open_task(language_databin)
    dataset = task.dataset("train")
    iterator = task.get_batch_iterator(dataset, max_tokens=80, max_positions=100, seed=3)
    drawn = []
    for _ in range(2):
        epoch = {b["id"][0].item(): b for b in iterator.next_epoch_itr(shuffle=True)}
        drawn.append({k: b["candidates"]["decoder"]["columns"] for k, b in epoch.items()})
    same = [torch.equal(drawn[0][k], drawn[1][k]) for k in drawn[0].keys() & drawn[1].keys()]
    assert dataset.epoch == 2 and same and not all(same)


def test_the_batches_of_an_epoch_do_not_depend_on_where_the_run_began(language_databin):
    """Else a run that is resumed in the middle of an epoch repeats sentences and leaves others."""

    def batches_of_epoch_2(first_epoch):
        task = open_task(language_databin)
        for epoch in range(first_epoch, 3):
            iterator = task.get_batch_iterator(
                task.dataset("train"), max_tokens=80, max_positions=100, seed=3, epoch=epoch
            )
            found = {tuple(batch["id"].tolist()) for batch in iterator.next_epoch_itr(shuffle=True)}
        return found

    assert batches_of_epoch_2(1) == batches_of_epoch_2(2)


def test_shards_share_the_first_dictionary(make_language_databin):
    first = make_language_databin("first", {"train": 20})
    second = make_language_databin("second", {"train": 30}, seed=2)
    (second / "dict.txt").unlink()
    (second / "antonyms.txt").unlink()
    task = open_task(f"{first}:{second}", negatives="both")
    lengths = [len(task.dataset("train"))]
    task.load_dataset("train", epoch=2)
    lengths.append(len(task.dataset("train")))
    assert lengths[0] < lengths[1]
    assert batches(task, epoch=2)


def test_a_dictionary_without_words(make_language_databin):
    folder = make_language_databin("numbers", {"train": 4})
    dictionary = Dictionary()
    for number in range(60):
        dictionary.add_symbol(str(number))
    dictionary.save(str(folder / "dict.txt"))
    with pytest.raises(InputError, match="numbers/dict.txt has no complete words to perturb"):
        open_task(folder)


@pytest.mark.parametrize("kind", ["semantic", "both"])
def test_semantic_negatives_need_the_antonyms(make_language_databin, kind):
    folder = make_language_databin("plain", {"train": 4})
    (folder / "antonyms.txt").unlink()
    open_task(folder)  # random ones do not
    with pytest.raises(
        InputError, match=r"plain/antonyms.txt: cannot be read .*data_prep.antonyms"
    ):
        open_task(folder, negatives=kind)


def test_semantic_negatives_need_one_antonym_at_least(make_language_databin):
    folder = make_language_databin("plain", {"train": 4})
    header = (folder / "antonyms.txt").read_text().splitlines()[0]
    (folder / "antonyms.txt").write_text(header + "\n")
    with pytest.raises(InputError, match="antonyms.txt"):
        open_task(folder, negatives="semantic")


def test_no_such_split(language_databin):
    with pytest.raises(InputError, match="trian"):
        open_task(language_databin, split="trian")


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        open_task(tmp_path / "nowhere")


def test_a_truncated_split(make_language_databin):
    folder = make_language_databin("broken", {"train": 20})
    content = (folder / "train.bin").read_bytes()
    (folder / "train.bin").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="broken/train"):
        batches(open_task(folder))


def test_the_dictionary_of_another_corpus(make_language_databin):
    folder = make_language_databin("broken", {"train": 20})
    lines = (folder / "dict.txt").read_text().splitlines()
    (folder / "dict.txt").write_text("\n".join(lines[:20]) + "\n")
    with pytest.raises(InputError, match="broken/dict.txt"):
        batches(open_task(folder))


def test_a_sentence_a_row(make_language_databin):
    folder = make_language_databin("sentences", {"train": 20})
    task = open_task(folder, sample_break_mode="eos")
    assert len(task.dataset("train")) == 20
    assert all(len(batch["candidates"]["decoder"]["rows"]) for batch in batches(task))


def test_random_negatives_need_only_the_split_and_the_dictionary(language_databin, tmp_path):
    for name in ("dict.txt", "test.bin", "test.idx"):
        shutil.copy(language_databin / name, tmp_path / name)
    task = open_task(tmp_path, split="test")
    assert task.dataset("test").words.count == 30
