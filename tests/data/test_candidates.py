"""The draws for each sentence: its candidate, the antonym, the negatives."""

import numpy as np
import pytest
import torch
from fairseq.data import (
    Dictionary,
    LanguagePairDataset,
    MonolingualDataset,
)

import fairseq_cline.compat  # noqa: F401 - buckets on numpy 2
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.data.candidates import CandidateDataset

TEXTS = [
    "the old tree falls .",
    "a 7 .",  # no word
    "big house , big river , old stone , young tree .",
    "7 7 7 river 7 7",
    "music",
    "a cold field waits near a hot lake",
]
DRAWS = 600


@pytest.fixture(scope="module")
def dictionary():
    dictionary = Dictionary()
    for word in " ".join(TEXTS).split():
        dictionary.add_symbol(word)
    return dictionary


def encode(dictionary, text):
    return torch.tensor([dictionary.index(word) for word in text.split()])


@pytest.fixture
def make_dataset(dictionary):
    def make(texts=TEXTS, negatives=3, antonyms=None, seed=1, **settings):
        tokens = [encode(dictionary, text) for text in texts]
        stock = MonolingualDataset(tokens, [len(t) for t in tokens], dictionary, **settings)
        return CandidateDataset(
            stock,
            key="source",
            input_key="src_tokens",
            side="decoder",
            words=CandidateWords(dictionary),
            num_negatives=negatives,
            antonyms=antonyms,
            pad=dictionary.pad(),
            seed=seed,
        )

    return make


@pytest.fixture
def opposites(dictionary, write, read):
    """old - young; hot - cold and 7, as numbers of symbols."""
    index = dictionary.index
    write(
        f"{index('old')}\t{index('young')}",
        f"{index('young')}\t{index('old')}",
        f"{index('hot')}\t{index('cold')} {index('7')}",
    )
    return read()


def batch_of(dataset, indices=None):
    indices = range(len(dataset)) if indices is None else indices
    return dataset.collater([dataset[index] for index in indices])


def candidates(dataset, indices=None):
    return batch_of(dataset, indices)["candidates"]["decoder"]


def epochs(dataset, count=DRAWS):
    for epoch in range(1, count + 1):
        dataset.set_epoch(epoch)
        yield epoch


def assert_uniform(counts, total, places):
    """Each of `places` is drawn as often as the others, but for five standard deviations."""
    expected = total / len(places)
    spread = (expected * (1 - 1 / len(places))) ** 0.5
    assert sorted(counts) == sorted(places)
    assert all(abs(count - expected) < 5 * spread + 1e-9 for count in counts.values()), counts


def count_of(values):
    return dict(zip(*(x.tolist() for x in np.unique(values, return_counts=True)), strict=True))


# ------------------------------------------------------------------ candidates


def paired(dictionary, texts, side, left_pad, **settings):
    """A translation of texts into themselves, with the draws of one side."""
    eos = torch.tensor([dictionary.eos()])
    tokens = [torch.cat([encode(dictionary, text), eos]) for text in texts]
    part = (tokens, [len(t) for t in tokens], dictionary)
    stock = LanguagePairDataset(
        *part, *part, left_pad_source=left_pad, left_pad_target=left_pad, **settings
    )
    key, input_key = KEYS[side]
    return CandidateDataset(
        stock,
        key=key,
        input_key=input_key,
        side=side,
        words=CandidateWords(dictionary),
        num_negatives=3,
        antonyms=None,
        pad=dictionary.pad(),
        seed=1,
        shift=int(side == "decoder"),
        left_pad=left_pad,
    )


KEYS = {"encoder": ("source", "src_tokens"), "decoder": ("target", "prev_output_tokens")}


def perturbed_words(dataset, side, count):
    """Row and symbol of each draw, over so many epochs."""
    for _ in epochs(dataset, count):
        batch = batch_of(dataset)
        drawn, tokens = batch["candidates"][side], batch["net_input"][KEYS[side][1]]
        found = tokens[drawn["rows"], drawn["columns"]]
        yield from zip(batch["id"][drawn["rows"]].tolist(), found.tolist(), strict=True)


@pytest.mark.parametrize("left_pad", [False, True])
@pytest.mark.parametrize("side", KEYS)
@pytest.mark.parametrize("num_buckets", [0, 2])
def test_a_literal_pad_and_the_padding_of_buckets_move_no_candidate(
    dictionary, side, left_pad, num_buckets
):
    """--num-batch-buckets pads each sentence, the batch pads it further; a text may say <pad>."""
    texts = ["<pad> old tree <pad> falls .", "music", "a cold field waits near <pad> a hot lake"]
    dataset = paired(dictionary, texts, side, left_pad, num_buckets=num_buckets)
    words = [[w for w in text.split() if w not in ("<pad>", "a", ".")] for text in texts]
    drawn = [*perturbed_words(dataset, side, 100)]
    for row, expected in enumerate(words):
        found = {symbol for index, symbol in drawn if index == row}
        assert found == {dictionary.index(word) for word in expected}
    # The padding does not change which word is drawn.
    plain = paired(dictionary, texts, side, not left_pad)
    assert sorted(drawn) == sorted(perturbed_words(plain, side, 100))


def test_a_literal_pad_moves_no_candidate_of_a_language_model(make_dataset, dictionary):
    dataset = make_dataset(["<pad> old tree <pad> <pad> falls .", "music"])
    drawn = []
    for _ in epochs(dataset, 100):
        batch = batch_of(dataset)
        places = batch["candidates"]["decoder"]
        drawn += batch["net_input"]["src_tokens"][places["rows"], places["columns"]].tolist()
    assert set(drawn) == {dictionary.index(word) for word in ("old", "tree", "falls", "music")}


@pytest.mark.parametrize(
    ("index", "places"),
    [(0, [0, 1, 2, 3]), (1, []), (2, [0, 1, 3, 4, 6, 7, 9, 10]), (3, [3]), (4, [0])],
)
def test_the_candidate_is_uniform_among_the_complete_words(make_dataset, index, places):
    dataset = make_dataset()
    drawn = [candidates(dataset, [index])["columns"].tolist() for _ in epochs(dataset)]
    assert all(len(columns) == bool(places) for columns in drawn)
    if places:
        assert_uniform(count_of([column for (column,) in drawn]), DRAWS, places)


def test_rows_are_those_of_the_sentences_with_a_candidate(make_dataset):
    dataset = make_dataset()
    for _ in epochs(dataset, 20):
        batch = batch_of(dataset)
        drawn = batch["candidates"]["decoder"]
        assert drawn["rows"].tolist() == [0, 2, 3, 4, 5]
        tokens = batch["net_input"]["src_tokens"][drawn["rows"], drawn["columns"]]
        assert dataset.words.is_word[tokens.numpy()].all()
        assert "antonyms" not in drawn


def test_a_candidate_depends_on_its_sentence_alone_and_not_on_the_batch(make_dataset):
    dataset = make_dataset()
    together = candidates(dataset)["columns"].tolist()
    alone = [candidates(dataset, [index])["columns"].tolist() for index in range(len(dataset))]
    assert [column for columns in alone for column in columns] == together
    backwards = candidates(dataset, [5, 4, 3, 2, 1, 0])["columns"].tolist()
    assert backwards == together[::-1]


def flat(dataset):
    """Everything that is drawn, as one list."""
    return [value for part in candidates(dataset).values() for value in part.flatten().tolist()]


def test_another_epoch_or_seed_draws_anew(make_dataset):
    first, again, other = make_dataset(), make_dataset(), make_dataset(seed=2)
    assert flat(first) == flat(again) != flat(other)
    again.set_epoch(2)
    assert flat(first) != flat(again)
    again.set_epoch(1)
    assert flat(first) == flat(again)


def test_workers_draw_the_same(make_dataset):
    dataset = make_dataset()
    dataset.set_epoch(3)
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=2, collate_fn=dataset.collater, num_workers=2
    )
    for number, batch in enumerate(loader):
        here = candidates(dataset, [2 * number, 2 * number + 1])
        there = batch["candidates"]["decoder"]
        assert here.keys() == there.keys()
        assert all(torch.equal(here[key], there[key]) for key in here)


# ------------------------------------------------------------------ negatives


def test_negatives_are_uniform_among_all_other_tokens(make_dataset):
    """Never padding, never the candidate itself; other tokens of its sentence may be."""
    dataset = make_dataset(texts=TEXTS[:2], negatives=7)  # 5 and 3 tokens
    drawn = {column: [] for column in range(4)}
    for _ in epochs(dataset):
        found = candidates(dataset)
        drawn[found["columns"].item()] += found["negatives"][0].tolist()
    for column, negatives in drawn.items():
        places = [place for place in (0, 1, 2, 3, 4, 5, 6, 7) if place != column]
        assert_uniform(count_of(negatives), len(negatives), places)


def test_negatives_of_a_padded_batch(make_dataset):
    dataset = make_dataset(negatives=20)
    for _ in epochs(dataset, 50):
        batch = batch_of(dataset)
        drawn, tokens = batch["candidates"]["decoder"], batch["net_input"]["src_tokens"]
        assert drawn["negatives"].shape == (5, 20)
        assert tokens.flatten()[drawn["negatives"]].ne(dataset.pad).all()
        anchors = drawn["rows"] * tokens.size(1) + drawn["columns"]
        assert drawn["negatives"].ne(anchors.unsqueeze(1)).all()


def test_in_a_batch_of_one_the_negatives_do_not_follow_from_the_candidate(make_dataset):
    dataset = make_dataset(texts=["tree house river stone lake field music big"], negatives=1)
    following = {column: [] for column in range(8)}
    for _ in epochs(dataset):
        found = candidates(dataset)
        following[found["columns"].item()].append(found["negatives"].item())
    for column, negatives in following.items():
        places = [place for place in range(8) if place != column]
        assert_uniform(count_of(negatives), len(negatives), places)


def test_one_token_alone_has_no_negatives(make_dataset):
    found = candidates(make_dataset(texts=["music"]))
    assert found["columns"].tolist() == [0]
    assert found["negatives"].tolist() == [[-1, -1, -1]]


def test_no_candidate_in_the_whole_batch(make_dataset):
    found = candidates(make_dataset(texts=["a 7 .", "7"]))
    assert found["rows"].tolist() == found["columns"].tolist() == []
    assert found["negatives"].shape == (0, 3)


def test_no_random_negatives(make_dataset):
    assert candidates(make_dataset(negatives=0))["negatives"].shape == (5, 0)


# ------------------------------------------------------------------ other datasets


def test_what_the_dataset_gave_is_left_as_it_was(make_dataset):
    dataset = make_dataset()
    ours = batch_of(dataset)
    stock = dataset.dataset.collater([dataset.dataset[index] for index in range(len(dataset))])
    del ours["candidates"]
    assert ours.keys() == stock.keys()
    assert torch.equal(ours["net_input"]["src_tokens"], stock["net_input"]["src_tokens"])
    assert torch.equal(ours["target"], stock["target"])
    assert dataset.collater([]) == {}


def test_batches_of_a_fixed_shape(make_dataset):
    dataset = make_dataset(negatives=30, fixed_pad_length=16, pad_to_bsz=8)
    batch = batch_of(dataset)
    tokens, drawn = batch["net_input"]["src_tokens"], batch["candidates"]["decoder"]
    assert tokens.shape == (8, 16)
    assert drawn["rows"].tolist() == [0, 2, 3, 4, 5]
    assert dataset.words.is_word[tokens[drawn["rows"], drawn["columns"]].numpy()].all()
    assert tokens.flatten()[drawn["negatives"]].ne(dataset.pad).all()


@pytest.mark.parametrize("left_pad", [False, True])
def test_a_dataset_that_sorts_its_batch(dictionary, left_pad):
    """fairseq's translation puts the longest source first, and by default pads it on the left."""
    tokens = [encode(dictionary, text) for text in TEXTS]
    sizes = [len(t) for t in tokens]
    stock = LanguagePairDataset(
        tokens, sizes, dictionary, tokens, sizes, dictionary, left_pad_source=left_pad
    )
    words = CandidateWords(dictionary)
    dataset = CandidateDataset(
        stock,
        "source",
        "src_tokens",
        "encoder",
        words,
        3,
        None,
        dictionary.pad(),
        1,
        left_pad=left_pad,
    )
    for _ in epochs(dataset, 20):
        batch = batch_of(dataset)
        drawn = batch["candidates"]["encoder"]
        assert batch["id"].tolist() == [2, 5, 3, 0, 1, 4]
        assert drawn["rows"].tolist() == [0, 1, 2, 3, 5]
        found = batch["net_input"]["src_tokens"][drawn["rows"], drawn["columns"]]
        assert words.is_word[found.numpy()].all()
        alone = batch_of(dataset, [2])["candidates"]["encoder"]
        assert alone["columns"][0] == drawn["columns"][0]


def test_the_target_of_a_translation_is_shifted(dictionary):
    """The decoder reads </s> before the target: a candidate is one column further there."""
    eos = torch.tensor([dictionary.eos()])
    tokens = [torch.cat([encode(dictionary, text), eos]) for text in TEXTS]
    sizes = [len(t) for t in tokens]
    stock = LanguagePairDataset(tokens, sizes, dictionary, tokens, sizes, dictionary)
    words = CandidateWords(dictionary)
    settings = {"words": words, "num_negatives": 9, "antonyms": None, "pad": dictionary.pad()}
    dataset = CandidateDataset(
        stock, "target", "prev_output_tokens", "decoder", seed=1, shift=1, **settings
    )
    for _ in epochs(dataset, 20):
        batch = batch_of(dataset)
        drawn, read = batch["candidates"]["decoder"], batch["net_input"]["prev_output_tokens"]
        assert drawn["rows"].tolist() == [0, 1, 2, 3, 5]
        assert words.is_word[read[drawn["rows"], drawn["columns"]].numpy()].all()
        anchors = drawn["rows"] * read.size(1) + drawn["columns"]
        assert drawn["negatives"].ne(anchors.unsqueeze(1)).all()


def test_both_sides_draw_on_their_own(make_dataset, dictionary):
    decoder = make_dataset(texts=TEXTS[2:3])
    encoder = CandidateDataset(
        decoder, "source", "src_tokens", "encoder", decoder.words, 3, None, dictionary.pad(), 1
    )
    pairs = []
    for _ in epochs(encoder, 100):
        found = batch_of(encoder)["candidates"]
        assert found.keys() == {"encoder", "decoder"}
        pairs.append(found["encoder"]["columns"].item() == found["decoder"]["columns"].item())
    assert 0 < sum(pairs) < 50  # of 8 words


# ------------------------------------------------------------------ antonyms


def test_candidates_with_antonyms_are_preferred(make_dataset, dictionary, opposites):
    dataset = make_dataset(antonyms=opposites)
    columns, antonyms = [], []
    for _ in epochs(dataset):
        found = candidates(dataset)
        columns.append(found["columns"].tolist())
        antonyms.append(found["antonyms"].tolist())
    columns, antonyms = np.array(columns).T, np.array(antonyms).T
    index = dictionary.index
    assert count_of(columns[0]) == {1: DRAWS}  # old
    assert count_of(antonyms[0]) == {index("young"): DRAWS}
    assert_uniform(count_of(columns[1]), DRAWS, [6, 9])  # old, young
    assert set(zip(columns[1], antonyms[1], strict=True)) == {
        (6, index("young")),
        (9, index("old")),
    }
    assert count_of(antonyms[2]) == count_of(antonyms[3]) == {-1: DRAWS}  # words without any
    assert count_of(columns[4]) == {6: DRAWS}  # hot
    assert_uniform(count_of(antonyms[4]), DRAWS, [index("cold"), index("7")])


def test_a_symbol_with_antonyms_that_is_no_word_is_no_candidate(
    make_dataset, dictionary, write, read
):
    write(f"{dictionary.index('7')}\t{dictionary.index('old')}")
    dataset = make_dataset(antonyms=read())
    assert candidates(dataset, [1])["rows"].tolist() == []
    assert candidates(dataset, [3])["columns"].tolist() == [3]
