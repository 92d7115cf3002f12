"""Counts over triplets, against one triplet at a time."""

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder
from fairseq_cline.evaluation.encoders.triplet_counts import count_triplets, unmasked_triplets
from tests.evaluation.encoders.test_bert_score import slow_bert_score

CPU = torch.device("cpu")


def slow_counts(model, dataset):
    """Each sequence alone, in float64, so that there is no padding: counts as `count_triplets` has."""
    model = model.double().eval()
    cosine = torch.nn.functional.cosine_similarity
    cls, mean, bert_score, contrastive = torch.zeros(3), torch.zeros(3), torch.zeros(3), 0
    replaced = [0, 0, 0]
    for index in range(len(dataset)):
        item = dataset[index]
        vectors = []
        for name in ("source", "synonym", "antonym"):
            with torch.no_grad():
                features, extra = model.encoder.extract_features(
                    item[name][None], return_all_hiddens=True
                )
            vectors.append([state[:, 0] for state in extra["inner_states"]])  # (T, C) each
            if name == "source":
                continue
            scores = model.rtd_head(features)[0].tolist()
            for score, label in zip(scores, item[f"{name}_labels"].tolist(), strict=True):
                if label >= 0:
                    replaced[0] += score > 0 and label == 1
                    replaced[1] += score > 0 and label == 0
                    replaced[2] += score <= 0 and label == 1
        for layer, (original, synonym, antonym) in enumerate(zip(*vectors, strict=True)):
            near, far = (cosine(original[0], other[0], dim=0) for other in (synonym, antonym))
            cls[layer] += near > far
            near, far = (
                cosine(original.mean(0), other.mean(0), dim=0) for other in (synonym, antonym)
            )
            mean[layer] += near > far
            words = original[1:-1].tolist()  # without <s> and </s>
            near, far = (slow_bert_score(v[1:-1].tolist(), words)[2] for v in (synonym, antonym))
            bert_score[layer] += near > far
        contrastive += original[0] @ synonym[0] > original[0] @ antonym[0]
    return {
        "cls": cls,
        "mean": mean,
        "bert_score": bert_score,
        "contrastive": contrastive,
        "rtd": torch.tensor(replaced),
    }


def test_counts_are_those_of_one_triplet_at_a_time(encoder_checkpoints, open_triplets):
    model = load_encoder(str(encoder_checkpoints["cline"]), open_triplets.dictionary)
    with torch.no_grad():  # untrained, it would call no token replaced, or all of them
        model.rtd_head.projection.weight.normal_()
    dataset = unmasked_triplets(open_triplets, "valid", model.max_positions())
    counts = count_triplets(model, dataset, max_tokens=200, device=CPU)
    expected = slow_counts(model, dataset)
    assert counts.keys() == expected.keys()
    for name, count in counts.items():
        assert count.tolist() == expected[name].tolist(), name
    assert counts["cls"][0] == 0  # the embedding of <s> is the same in all three
    assert 0 < counts["mean"][2] < len(dataset)
    assert 0 < counts["bert_score"][2] < len(dataset)
    assert min(counts["rtd"]) > 0


def test_long_triplets_are_cut_for_a_short_model(open_triplets):
    dataset = unmasked_triplets(open_triplets, "valid", 8)
    assert dataset.truncated > 0
    assert max(len(dataset[index]["synonym"]) for index in range(len(dataset))) <= 8


def test_a_batch_too_small_for_the_longest_triplet(encoder_checkpoints, open_triplets):
    model = load_encoder(str(encoder_checkpoints["stock"]), open_triplets.dictionary)
    dataset = unmasked_triplets(open_triplets, "valid", model.max_positions())
    with pytest.raises(InputError, match=f"--max-tokens .*{3 * max(dataset.sizes)}"):
        count_triplets(model, dataset, max_tokens=10, device=CPU)


def test_contrastive_accuracy_is_of_the_sentence_feature_of_the_training(
    encoder_checkpoints, open_triplets
):
    model = load_encoder(str(encoder_checkpoints["cline"]), open_triplets.dictionary)
    dataset = unmasked_triplets(open_triplets, "valid", model.max_positions())
    model.args.sentence_feature = "mean"
    expected = 0
    for item in (dataset[index] for index in range(len(dataset))):
        with torch.no_grad():
            original, synonym, antonym = (
                model(item[name][None], features_only=True)[0][0].double().mean(0)
                for name in ("source", "synonym", "antonym")
            )
        expected += int(original @ synonym > original @ antonym)
    counts = count_triplets(model, dataset, max_tokens=200, device=CPU)
    assert counts["contrastive"] == expected
    model.args.sentence_feature = "cls"
    assert count_triplets(model, dataset, max_tokens=200, device=CPU)["contrastive"] != expected
