"""The task `atcl_translation`: fairseq's translation, its batches with candidates on each side."""

import random
import re

import pytest
import torch
from fairseq.tasks.translation import TranslationConfig, TranslationTask
from toy_translation import write_databin

from data_prep.errors import InputError
from fairseq_cline.tasks.atcl_translation import AtclTranslationConfig, AtclTranslationTask

STOCK = {"dataset_impl": None, "required_seq_len_multiple": 1, "train_subset": "train"}
# Symbols of a text, and which of them are complete words there.
SENTENCEPIECE = {
    "xx": [
        ("▁the ▁train ▁waits , ▁A", {"▁the", "▁train", "▁waits"}),
        ("▁train ing ▁in ▁a ▁lake", {"▁in", "▁lake"}),
        ("▁7 ▁7 0 ▁wood s", set()),
    ],
    "yy": [
        ("▁der ▁Zug ▁f ällt", {"▁der", "▁Zug"}),
        ("▁Zug luft ▁am ▁See ,", {"▁am", "▁See"}),
        ("▁See n ▁9", set()),
    ],
}
SUBWORD_NMT = {
    "xx": [
        ("a train waits .", {"train", "waits"}),
        ("train@@ ing in a wood@@ en boat", {"in", "boat"}),
        ("7 7@@ 0 wood@@ s", set()),
    ],
    "yy": [
        ("9 Zug f@@ ällt", {"Zug"}),
        ("Zug@@ luft am See ,", {"am", "See"}),
        ("See@@ n 9", set()),
    ],
}
INPUTS = {"encoder": "src_tokens", "decoder": "prev_output_tokens"}


def pairs_of(texts, copies=1):
    return copies * list(zip(*([text for text, _ in texts[side]] for side in texts), strict=True))


def open_task(data, split="train", epoch=1, task=AtclTranslationTask, **settings):
    configs = {AtclTranslationTask: AtclTranslationConfig, TranslationTask: TranslationConfig}
    settings = {"source_lang": "xx", "target_lang": "yy", **settings}
    config = configs[task](data=str(data))
    if task is AtclTranslationTask:
        config.seed = 1
    for name, value in {**STOCK, **settings}.items():
        setattr(config, name, value)
    opened = task.setup_task(config)
    opened.load_dataset(split, epoch=epoch)
    return opened


def batches(task, split="train", epoch=1):
    iterator = task.get_batch_iterator(
        task.dataset(split), max_tokens=60, max_positions=(100, 100), seed=3, epoch=epoch
    )
    return list(iterator.next_epoch_itr(shuffle=True))


def candidates_of(task, batch, side):
    """Id of the sentence -> the symbol that is perturbed there."""
    drawn = batch["candidates"][side]
    dictionary = task.source_dictionary if side == "encoder" else task.target_dictionary
    symbols = batch["net_input"][INPUTS[side]][drawn["rows"], drawn["columns"]]
    ids = batch["id"][drawn["rows"]]
    return {k.item(): dictionary[symbol] for k, symbol in zip(ids, symbols, strict=True)}


@pytest.fixture
def databin(make_translation_databin):
    """60 pairs of 1 to 9 words, all of them complete."""
    rng = random.Random(1)
    words = ["tree", "lake", "city", "stone", "river", "house"]
    pairs = [
        tuple(" ".join(rng.choices(words, k=rng.randint(1, 9))) for _ in range(2))
        for _ in range(60)
    ]
    return make_translation_databin("random", {"train": pairs, "valid": pairs[:7]})


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


@pytest.mark.parametrize("perturb", ["source", "target", "both"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"left_pad_source": False, "left_pad_target": True},
        {"truncate_source": True, "max_source_positions": 5},
        {"required_seq_len_multiple": 8},
        {"source_lang": "yy", "target_lang": "xx"},
    ],
    ids=lambda settings: ",".join(settings) or "default",
)
def test_the_batches_are_those_of_fairseq_and_candidates_their_words(databin, perturb, settings):
    task = open_task(databin, perturb=perturb, **settings)
    ours, stock = batches(task), batches(open_task(databin, task=TranslationTask, **settings))
    assert len(ours) == len(stock) > 3
    pad = task.source_dictionary.pad()
    for a, b in zip(ours, stock, strict=True):
        drawn = a.pop("candidates")
        assert_same(a, b)
        sides = {"source": {"encoder"}, "target": {"decoder"}, "both": {"encoder", "decoder"}}
        assert drawn.keys() == sides[perturb]
        for side, places in drawn.items():
            tokens = a["net_input"][INPUTS[side]]
            assert places["rows"].tolist() == list(range(len(tokens)))
            assert places["negatives"].shape == (len(tokens), 10)
            assert tokens[places["rows"], places["columns"]].ge(4).all()  # no pad, no </s>
            assert tokens.flatten()[places["negatives"]].ne(pad).all()


@pytest.mark.parametrize("texts", [SENTENCEPIECE, SUBWORD_NMT], ids=["sentencepiece", "@@"])
@pytest.mark.parametrize("direction", [("xx", "yy"), ("yy", "xx")])
def test_candidates_are_complete_words_of_their_side(make_translation_databin, texts, direction):
    """Judged from the next piece; in both directions, from one data-bin."""
    databin = make_translation_databin("pieces", {"train": pairs_of(texts)})
    source, target = direction
    task = open_task(databin, perturb="both", source_lang=source, target_lang=target)
    found = {("encoder", source): {}, ("decoder", target): {}}
    for epoch in range(1, 40):
        task.dataset("train").set_epoch(epoch)
        for batch in batches(task, epoch=epoch):
            for (side, _), words in found.items():
                for sentence, word in candidates_of(task, batch, side).items():
                    words.setdefault(sentence, set()).add(word)
    for (_, language), words in found.items():
        expected = {k: complete for k, (_, complete) in enumerate(texts[language]) if complete}
        assert words == expected, language


def test_the_first_word_of_a_sentence_is_a_candidate(make_translation_databin):
    """A sentence begins with a word, whatever a neighbor that is not seen could be."""
    databin = make_translation_databin("first", {"train": [("house s@@ t", "See@@ n")]})
    [batch] = batches(task := open_task(databin))
    assert candidates_of(task, batch, "encoder") == {0: "house"}


def test_the_source_is_perturbed_by_default(databin):
    assert batches(open_task(databin))[0]["candidates"].keys() == {"encoder"}


def test_shards_share_the_first_dictionaries_and_its_validation_set(make_translation_databin):
    pairs = pairs_of(SUBWORD_NMT)
    first = make_translation_databin("first", {"train": pairs, "valid": pairs})
    second = make_translation_databin("second", {"train": pairs_of(SUBWORD_NMT, copies=2)})
    for language in ("xx", "yy"):
        (second / f"dict.{language}.txt").unlink()
    task = open_task(f"{first}:{second}")
    lengths = [len(task.dataset("train"))]
    task.load_dataset("train", epoch=2)
    lengths.append(len(task.dataset("train")))
    assert lengths == [3, 6]
    task.load_dataset("valid", epoch=2)
    assert len(task.dataset("valid")) == 3


@pytest.mark.parametrize("perturb", ["source", "target", "both"])
def test_semantic_negatives_need_the_antonyms_of_their_side(databin, perturb):
    language = "yy" if perturb == "target" else "xx"
    message = rf"antonyms.{language}.txt: cannot be read .*data_prep.antonyms .*dict.{language}.txt"
    with pytest.raises(InputError, match=message):
        open_task(databin, perturb=perturb, negatives="semantic")


def test_a_side_without_words_matters_only_when_it_is_perturbed(make_translation_databin):
    pairs = [("the train waits", "0 1 2 3"), ("the train", "4 5 6 7")]
    databin = make_translation_databin("numbers", {"train": pairs})
    open_task(databin, perturb="source")
    for perturb in ("target", "both"):
        with pytest.raises(InputError, match=r"numbers/dict.yy.txt has no complete words"):
            open_task(databin, perturb=perturb)


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match=r"nowhere/dict.xx.txt: no such file"):
        open_task(tmp_path / "nowhere")


@pytest.mark.parametrize("make", [True, False], ids=["empty", "missing"])
def test_languages_that_cannot_be_guessed(tmp_path, make):
    if make:
        (tmp_path / "nowhere").mkdir()
    with pytest.raises(InputError, match=r"nowhere.*--source-lang"):
        open_task(tmp_path / "nowhere", source_lang=None, target_lang=None)


def test_languages_are_guessed_from_the_files(databin):
    task = open_task(databin, source_lang=None, target_lang=None)
    assert (task.cfg.source_lang, task.cfg.target_lang) == ("xx", "yy")


@pytest.mark.parametrize("language", ["xx", "yy"])
def test_dictionaries_of_guessed_languages_are_verified(tmp_path, language):
    folder = write_databin(tmp_path)
    path = folder / f"dict.{language}.txt"
    changed = bytearray(path.read_bytes())
    changed[0] ^= 1
    path.write_bytes(changed)
    with pytest.raises(InputError, match=rf"{path}: "):
        open_task(folder, source_lang=None, target_lang=None)


def test_no_such_split(databin):
    with pytest.raises(InputError, match=r"random has no trian.xx-yy.xx.idx"):
        open_task(databin, split="trian")


@pytest.mark.parametrize("language", ["xx", "yy"])
def test_a_missing_dictionary(databin, language):
    (databin / f"dict.{language}.txt").unlink()
    with pytest.raises(InputError, match=f"random/dict.{language}.txt: no such file"):
        open_task(databin)


@pytest.mark.parametrize("language", ["xx", "yy"])
@pytest.mark.parametrize("ending", ["bin", "idx"])
def test_a_truncated_split(databin, language, ending):
    path = databin / f"train.xx-yy.{language}.{ending}"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=re.escape(str(path.with_suffix("")))):
        open_task(databin)


@pytest.mark.parametrize("language", ["xx", "yy"])
def test_the_dictionary_of_another_corpus(databin, language):
    path = databin / f"dict.{language}.txt"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))
    with pytest.raises(InputError, match=f"random/dict.{language}.txt only 7"):
        open_task(databin)


def test_sides_of_different_lengths(databin, make_translation_databin):
    other = make_translation_databin("other", {"train": pairs_of(SUBWORD_NMT)})
    for ending in ("bin", "idx"):
        (other / f"train.xx-yy.xx.{ending}").rename(databin / f"train.xx-yy.xx.{ending}")
    (other / "dict.xx.txt").rename(databin / "dict.xx.txt")
    with pytest.raises(InputError, match=r"train.xx-yy.xx has 3 sentences, .*yy 60"):
        open_task(databin)
