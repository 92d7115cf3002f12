import itertools

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.tasks.cline_pretrain import ClinePretrainConfig, ClinePretrainTask


def open_task(data, **settings):
    return ClinePretrainTask(
        ClinePretrainConfig(data=str(data), **{"tokens_per_sample": 32, "seed": 1, **settings})
    )


def batches(task, epoch=1, **settings):
    iterator = task.get_batch_iterator(
        task.dataset("train"), **{"max_tokens": 600, "max_positions": 32, **settings}, epoch=epoch
    )
    return list(iterator.next_epoch_itr(shuffle=True))


def test_mask_is_the_last_symbol(pretraining_task):
    assert pretraining_task.dictionary[len(pretraining_task.dictionary) - 1] == "<mask>"


@pytest.mark.parametrize("place", [0, 20, -1])
def test_mask_may_be_any_symbol_of_the_dictionary(make_databin, resign, place):
    folder = make_databin("own", {"train": 40})
    path = folder / "dict.txt"
    lines = path.read_text().splitlines()
    lines[place] = "<mask> 1"  # in the place of a word, which the text has too
    path.write_text("\n".join(lines) + "\n")
    resign(folder)
    task = open_task(folder, random_token_prob=0.9, leave_unmasked_prob=0.0, mask_prob=0.9)
    task.load_dataset("train")
    assert len(task.dictionary) == 4 + len(lines)
    found = batches(task)
    targets = torch.cat([batch["target"].flatten() for batch in found])
    hidden = torch.cat([b["net_input"]["src_tokens"][b["target"].ne(1)] for b in found])
    words = {4 + k for k in range(len(lines))} - {task.mask_index}
    assert task.mask_index not in targets
    assert {*hidden.tolist()} == words | {task.mask_index}


def test_batches_hold_every_triplet_once_and_keep_to_max_tokens(pretraining_task):
    found = batches(pretraining_task)
    ids = sorted(itertools.chain.from_iterable(batch["id"].tolist() for batch in found))
    assert ids == list(range(96))
    assert all(3 * batch["target"].numel() <= 600 for batch in found)
    assert len(found) < 40  # by length: batches are full


@pytest.mark.parametrize("epoch", [1, 2])
def test_workers_and_main_process_make_the_same_batches(pretraining_task, epoch):
    alone = batches(pretraining_task, epoch)
    helped = batches(pretraining_task, epoch, num_workers=2)
    for a, b in zip(alone, helped, strict=True):
        assert torch.equal(a["net_input"]["src_tokens"], b["net_input"]["src_tokens"])
        assert torch.equal(a["antonym"], b["antonym"])


def test_epochs_have_other_batches_and_masks(pretraining_task):
    first, second = batches(pretraining_task, 1), batches(pretraining_task, 2)
    assert {tuple(b["id"].tolist()) for b in first} != {tuple(b["id"].tolist()) for b in second}

    def sources(found):
        return {i: row for b in found for i, row in zip(b["id"].tolist(), b["target"], strict=True)}

    a, b = sources(first), sources(second)
    assert any(a[i].ne(1).nonzero().tolist() != b[i].ne(1).nonzero().tolist() for i in a)


def test_epochs_go_round_the_shards(make_databin):
    shards = [make_databin("a", {"train": 5, "valid": 3}), make_databin("b", {"train": 7}, seed=2)]
    task = open_task(":".join(map(str, shards)))
    sizes = []
    for epoch in (1, 2, 3):
        task.load_dataset("train", epoch=epoch)
        sizes.append(len(task.dataset("train")))
    assert sizes == [5, 7, 5]
    task.load_dataset("valid", epoch=1)
    assert len(task.dataset("valid")) == 3


def test_shards_must_share_the_dictionary(make_databin, resign):
    first, other = make_databin("a", {"train": 5}), make_databin("b", {"train": 5})
    text = (other / "dict.txt").read_text()
    (other / "dict.txt").write_text(text.replace("▁c0", "▁q0"))
    resign(other)
    with pytest.raises(InputError, match="b/dict.txt differs from .*a/dict.txt"):
        open_task(f"{first}:{other}")


def test_max_tokens_below_one_triplet(pretraining_task):
    longest = int(pretraining_task.dataset("train").sizes.max())
    with pytest.raises(InputError, match=f"set --max-tokens {3 * longest} or more"):
        batches(pretraining_task, max_tokens=3 * longest - 1)


def test_triplets_longer_than_the_model_are_not_dropped_silently(pretraining_task):
    with pytest.raises(InputError, match="set --tokens-per-sample 10"):
        batches(pretraining_task, max_positions=10)


def test_shares_that_are_more_than_all(databin):
    message = "--leave-unmasked-prob plus --random-token-prob is 1.2, but must be a number from 0"
    with pytest.raises(InputError, match=message):
        open_task(databin, leave_unmasked_prob=0.6, random_token_prob=0.6)
