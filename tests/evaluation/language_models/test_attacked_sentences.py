"""The sentences that are attacked, and the word of each."""

import numpy as np
import pytest
import torch
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder

from data_prep.errors import InputError
from fairseq_cline.data.candidate_words import CandidateWords
from fairseq_cline.evaluation.language_models.attacked_sentences import draw_sentences
from fairseq_cline.evaluation.language_models.language_model import load_language_models

LENGTH = 3


def sentences_of(language_model, count=12, seed=1):
    return draw_sentences([language_model], "test", count, LENGTH, seed)


def test_the_word_is_a_complete_one_of_the_last_third(language_model_of):
    model = language_model_of("transformer")
    dictionary = model.task.dictionary
    words = CandidateWords(dictionary)
    chosen = sentences_of(model, count=1000)
    assert 12 < len(chosen) <= 40
    for sentence in chosen:
        assert words.kind(dictionary[sentence.tokens[sentence.place]]) == "word"
        assert 3 * sentence.place >= 2 * len(sentence.tokens)
        assert dictionary.eos() not in sentence.tokens
        assert len(sentence.tokens) + 1 + LENGTH <= 16


def test_sentences_are_drawn_from_the_seed(language_model_of):
    drawn = []
    for seed in (1, 1, 2):
        chosen = sentences_of(language_model_of("transformer"), count=5, seed=seed)
        drawn.append([(sentence.tokens.tolist(), sentence.place) for sentence in chosen])
    assert len(drawn[0]) == 5
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_damaged_split_is_refused(write_lm, tmp_path):
    write_databin, write_checkpoint = write_lm
    data = write_databin(tmp_path / "data-bin")
    path = write_checkpoint(tmp_path / "lm.pt", data, "lstm")
    (model,) = load_language_models({"lm": str(path)}, str(data))
    index = data / "test.idx"
    content = bytearray(index.read_bytes())
    content[-2] ^= 32  # of the last position in test.bin
    index.write_bytes(content)
    with pytest.raises(InputError, match="test.idx"):
        sentences_of(model)


def test_a_paragraph_is_cut_into_its_sentences(write_lm, tmp_path):
    write_databin, write_checkpoint = write_lm
    data = write_databin(tmp_path / "data-bin")
    path = write_checkpoint(tmp_path / "lm.pt", data, "lstm")
    (model,) = load_language_models({"lm": str(path)}, str(data))
    dictionary = model.task.dictionary
    builder = MMapIndexedDatasetBuilder(str(data / "test.bin"), dtype=np.uint16)
    text = "love walks a , house . old river walks sings under house . , . a , a </s>"
    builder.add_item(torch.tensor([dictionary.index(word) for word in text.split()]))
    builder.finalize(str(data / "test.idx"))
    chosen = sentences_of(model)
    spelled = [" ".join(dictionary[i] for i in sentence.tokens) for sentence in chosen]
    assert spelled == ["love walks a , house .", "old river walks sings under house ."]
    assert [sentence.place for sentence in chosen] == [4, 5]
