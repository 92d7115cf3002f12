"""BERTScore against a slow version written from its equations, and where the answer is known."""

import math

import pytest
import torch

from fairseq_cline.evaluation.encoders.bert_score import bert_score, bert_score_hits

PAIRS, TOKENS, OTHERS, CHANNELS = 6, 7, 5, 4


@pytest.fixture
def texts():
    """States and masks of texts of different lengths, with <s> and </s>: (B, T, C), (B, S, C)."""
    torch.manual_seed(0)
    states = torch.randn(PAIRS, TOKENS, CHANNELS), torch.randn(PAIRS, OTHERS, CHANNELS)
    masks = []
    for state in states:
        mask = torch.zeros(state.shape[:2], dtype=torch.bool)
        for pair in range(PAIRS):
            mask[pair, 1 : 2 + (pair + state.size(1)) % (state.size(1) - 2)] = True
        masks.append(mask)
    return *states, *masks


def slow_cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def slow_bert_score(candidate, reference):
    """One pair: lists of the vectors that count. Zhang et al., the equations of section 3."""
    precision = sum(max(slow_cosine(x, y) for y in reference) for x in candidate) / len(candidate)
    recall = sum(max(slow_cosine(x, y) for x in candidate) for y in reference) / len(reference)
    return precision, recall, 2 * precision * recall / (precision + recall)


def test_slow_version(texts):
    candidate, reference, candidate_mask, reference_mask = texts
    found = bert_score(*texts)
    assert all(score.shape == (PAIRS,) and score.dtype == torch.float64 for score in found)
    for pair in range(PAIRS):
        expected = slow_bert_score(
            candidate[pair][candidate_mask[pair]].double().tolist(),
            reference[pair][reference_mask[pair]].double().tolist(),
        )
        assert [score[pair].item() for score in found] == pytest.approx(expected, rel=1e-12)


def test_masked_tokens_change_nothing(texts):
    """Neither as a token to be matched nor as a match, though it is the most similar one."""
    candidate, reference, candidate_mask, reference_mask = texts
    changed = candidate.clone()
    changed[~candidate_mask] = 1000.0
    changed[:, 0] = reference[:, 1]
    found = bert_score(changed, reference, candidate_mask, reference_mask)
    for score, expected in zip(found, bert_score(*texts), strict=True):
        assert torch.equal(score, expected)


def test_exchanging_the_texts_exchanges_precision_and_recall(texts):
    candidate, reference, candidate_mask, reference_mask = texts
    precision, recall, f1 = bert_score(*texts)
    swapped = bert_score(reference, candidate, reference_mask, candidate_mask)
    for score, expected in zip(swapped, (recall, precision, f1), strict=True):
        torch.testing.assert_close(score, expected)


def test_the_same_tokens_in_any_order_and_of_any_length_score_one(texts):
    candidate, _, _, _ = texts
    everything = torch.ones(PAIRS, TOKENS, dtype=torch.bool)
    shuffled = candidate[:, torch.randperm(TOKENS)] * 3.0
    for score in bert_score(candidate, shuffled, everything, everything):
        torch.testing.assert_close(score, torch.ones(PAIRS, dtype=torch.float64))


def test_precision_and_recall_by_hand():
    """Two tokens of the candidate match one of the reference; another one nothing matches."""
    candidate = torch.tensor([[[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]]])
    reference = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    both = torch.ones(1, 2, dtype=torch.bool)
    precision, recall, f1 = bert_score(candidate, reference, both, both)
    assert (precision.item(), recall.item()) == (1.0, 0.5)
    assert f1.item() == pytest.approx(2 / 3)


def test_texts_with_nothing_in_common_score_zero():
    candidate, reference = torch.tensor([[[1.0, 0.0]]]), torch.tensor([[[0.0, 1.0]]])
    one = torch.ones(1, 1, dtype=torch.bool)
    assert [score.item() for score in bert_score(candidate, reference, one, one)] == [0.0] * 3


def test_hits(texts):
    original, synonym, original_mask, synonym_mask = texts
    torch.manual_seed(1)
    antonym, antonym_mask = torch.randn(PAIRS, TOKENS, CHANNELS), original_mask.roll(1, 0)
    masks = (original_mask, synonym_mask, antonym_mask)
    hits = bert_score_hits(original, synonym, antonym, *masks)
    assert 0 < hits.sum() < PAIRS
    near = bert_score(original, synonym, original_mask, synonym_mask)[2]
    far = bert_score(original, antonym, original_mask, antonym_mask)[2]
    assert torch.equal(hits, near > far)


def test_a_tie_is_a_miss(texts):
    original, other, original_mask, other_mask = texts
    masks = (original_mask, other_mask, other_mask)
    assert not bert_score_hits(original, other, other, *masks).any()
