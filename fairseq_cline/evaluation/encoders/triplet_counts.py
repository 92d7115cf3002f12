"""Hits and replaced tokens of a RoBERTa-like encoder, counted over triplets.

Letters: B triplets, T tokens, L layers, C channels.
"""

import numpy as np
import torch
from fairseq.models import BaseFairseqModel
from torch import Tensor
from torch.utils.data import DataLoader

from data_prep.errors import InputError
from data_prep.files.progress import Bar
from fairseq_cline.data.masking import Masking
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.data.triplet_dataset import IGNORED_LABEL, TripletDataset
from fairseq_cline.evaluation.encoders import similarities
from fairseq_cline.evaluation.encoders.bert_score import bert_score_hits
from fairseq_cline.modules.sentence_feature import sentence_feature


def unmasked_triplets(databin: DataBin, split: str, max_positions: int) -> TripletDataset:
    """The triplets of a split as they are, cut at a word boundary where the model is shorter."""
    dictionary = databin.dictionary
    return TripletDataset(
        databin.split(split),
        dictionary,
        databin.word_begin,
        Masking(
            mask_prob=0.0,
            leave_unmasked_prob=0.0,
            random_token_prob=0.0,
            specials=dictionary.nspecial,
            mask=dictionary.index("<mask>"),
            pad=dictionary.pad(),
            symbols=len(dictionary),
        ),
        tokens_per_sample=max_positions,
        seed=1,  # nothing is drawn
    )


def count_triplets(
    model: BaseFairseqModel, dataset: TripletDataset, max_tokens: int, device: torch.device
) -> dict[str, Tensor]:
    """Runs a model over a dataset of unmasked triplets, in fp32 and without dropout.

    Args:
        model: has `encoder.extract_features(tokens, return_all_hiddens=True)`.
        dataset: its originals must not be masked.
        max_tokens: tokens in a batch, padding and all three sequences included.

    Returns:
        Counts over the dataset: `cls`, `mean` and `bert_score` (L + 1,) hits of each layer,
        `contrastive` (), by the model's own --sentence-feature ([CLS] by default), and, if the
        model has an `rtd_head`, `rtd` (3,) true positives, false positives and false negatives.

    Raises:
        InputError: a batch of `max_tokens` cannot hold the longest triplet.
    """
    longest = int(dataset.sizes.max())
    if 3 * longest > max_tokens:
        raise InputError(
            f"--max-tokens {max_tokens} is too small for the longest triplet (3 sequences of "
            f"{longest}); set it to {3 * longest} or more"
        )
    model = model.to(device).float().eval()
    # Longest first: what does not fit into memory fails at once.
    order = np.argsort(-dataset.sizes, kind="stable")
    batches = DataLoader(
        dataset,
        batch_sampler=dataset.batch_by_size(order, max_tokens=max_tokens),
        collate_fn=dataset.collater,
    )
    totals: dict[str, Tensor] = {}
    bar = Bar(total=len(dataset), desc="reading triplets", unit=" triplets")
    with torch.inference_mode(), bar as progress:
        for batch in batches:
            for name, count in _count(model, batch, dataset, device).items():
                totals[name] = totals[name] + count if name in totals else count
            progress.update(batch["nsentences"])
    return totals


def _count(
    model: BaseFairseqModel, batch: dict, dataset: TripletDataset, device: torch.device
) -> dict[str, Tensor]:
    """The counts of one batch."""
    tokens = torch.cat([batch["net_input"]["src_tokens"], batch["synonym"], batch["antonym"]])
    tokens = tokens.to(device)  # (3B, T)
    features, extra = model.encoder.extract_features(tokens, return_all_hiddens=True)
    # The last of the hidden states lacks the final layer norm of a pre-norm encoder.
    states = [*extra["inner_states"][:-1], features.transpose(0, 1)]  # L + 1 of (T, 3B, C)

    is_token = tokens.ne(dataset.pad)
    is_word = is_token & tokens.ne(dataset.bos) & tokens.ne(dataset.eos)
    first = torch.stack([state[0] for state in states])  # (L + 1, 3B, C)
    mean = torch.stack(
        [sentence_feature(state.transpose(0, 1), is_token, "mean") for state in states]
    )
    # Models of fairseq's own have no other feature than [CLS].
    sentence = model.sentence(features, tokens) if hasattr(model, "sentence") else first[-1]
    matched = [  # layer by layer: (B, T, T) cosines of all layers would not fit into memory
        bert_score_hits(*state.transpose(0, 1).chunk(3), *is_word.chunk(3)) for state in states
    ]
    counts = {
        "cls": similarities.hits_by_layer(*first.chunk(3, dim=1)).sum(1),
        "mean": similarities.hits_by_layer(*mean.chunk(3, dim=1)).sum(1),
        "bert_score": torch.stack(matched).sum(1),
        "contrastive": similarities.contrastive_hits(*sentence.chunk(3)).sum(),
    }
    if hasattr(model, "rtd_head"):
        labels = torch.cat([batch["synonym_labels"], batch["antonym_labels"]]).to(device)
        logits = model.rtd_head(features[len(tokens) // 3 :])  # (2B, T)
        counts["rtd"] = similarities.confusion(logits > 0, labels == 1, labels != IGNORED_LABEL)
    return counts
