"""Run a RoBERTa-like encoder over triplets and count what every evaluation of them needs."""

import numpy as np
import torch
from fairseq import checkpoint_utils
from fairseq.data import Dictionary
from fairseq.models import BaseFairseqModel
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask
from torch import Tensor
from torch.utils.data import DataLoader
from tqdm import tqdm

import fairseq_cline.plugin  # noqa: F401 - registers what a checkpoint may name
from data_prep.errors import InputError
from fairseq_cline.data.masking import Masking
from fairseq_cline.data.triplet_databin import DataBin
from fairseq_cline.data.triplet_dataset import IGNORED_LABEL, TripletDataset
from fairseq_cline.evaluation.encoders import metrics
from fairseq_cline.evaluation.encoders.bert_score import bert_score_hits


def open_databin(folder: str) -> DataBin:
    """A data-bin with the dictionary that pre-trained models have: <mask> as last symbol."""
    databin = DataBin(folder)
    databin.dictionary.add_symbol("<mask>")
    return databin


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
        ),
        tokens_per_sample=max_positions,
        seed=1,  # nothing is drawn
    )


def load_model(
    path: str, dictionary: Dictionary, projection_data: str | None = None
) -> BaseFairseqModel:
    """Load a RoBERTa-like model of any task: pre-trained (stock or ours) or fine-tuned.

    Args:
        dictionary: that of the data.
        projection_data: folder of a data-bin with this dictionary, which the task of DCL asks for
            to keep a model's projection. Without it, the model is a plain encoder.

    Raises:
        InputError: the file is no checkpoint, or its model has another vocabulary or no encoder
            of this kind.
    """
    overrides = {"data": projection_data} if projection_data else None
    state = checkpoint_utils.load_checkpoint_to_cpu(path, overrides)
    projected = any(key.startswith("alignment.projection.") for key in state["model"])
    # Its own task builds a projection. The rest needs a dictionary only, and that of the data must
    # be its own.
    own = projected and projection_data
    task = None if own else MaskedLMTask(MaskedLMConfig(), dictionary)
    for key, weight in state["model"].items():
        if key.endswith("sentence_encoder.embed_tokens.weight") and len(weight) != len(dictionary):
            raise InputError(
                f"{path}: its vocabulary has {len(weight)} symbols, the data's dict.txt has "
                f"{len(dictionary)} (specials included); make the triplets with the tokenizer "
                "and the dictionary of the checkpoint"
            )
    (model,), _, _ = checkpoint_utils.load_model_ensemble_and_task([path], task=task, state=state)
    if not hasattr(getattr(model, "encoder", None), "extract_features"):
        raise InputError(f"{path}: {type(model).__name__} is not a RoBERTa-like encoder")
    return model


def evaluate(
    model: BaseFairseqModel, dataset: TripletDataset, max_tokens: int, device: torch.device
) -> dict[str, Tensor]:
    """Run a model over a dataset of unmasked triplets, in fp32 and without dropout.

    Args:
        model: has `encoder.extract_features(tokens, return_all_hiddens=True)`.
        dataset: its originals must not be masked.
        max_tokens: tokens in a batch, padding and all three sequences included.

    Returns:
        Counts over the dataset: `cls`, `mean` and `bert_score` (L + 1,) hits of each layer,
        `contrastive` (), and, if the model has an `rtd_head`, `rtd` (3,) true positives, false
        positives and false negatives.

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
    with torch.inference_mode(), tqdm(total=len(dataset), unit=" triplets") as progress:
        for batch in batches:
            for name, count in _count(model, batch, dataset, device).items():
                totals[name] = totals[name] + count if name in totals else count
            progress.update(batch["nsentences"])
    return totals


def _count(
    model: BaseFairseqModel, batch: dict, dataset: TripletDataset, device: torch.device
) -> dict[str, Tensor]:
    """The counts of `evaluate` for one batch of B triplets (T tokens, L layers, C channels)."""
    tokens = torch.cat([batch["net_input"]["src_tokens"], batch["synonym"], batch["antonym"]])
    tokens = tokens.to(device)  # (3B, T)
    features, extra = model.encoder.extract_features(tokens, return_all_hiddens=True)
    # The last of the hidden states lacks the final layer norm of a pre-norm encoder.
    states = [*extra["inner_states"][:-1], features.transpose(0, 1)]  # L + 1 of (T, 3B, C)

    is_token = tokens.ne(dataset.pad)
    is_word = is_token & tokens.ne(dataset.bos) & tokens.ne(dataset.eos)
    first = torch.stack([state[0] for state in states])  # (L + 1, 3B, C)
    mean = torch.stack([metrics.mean_of_tokens(state, is_token) for state in states])
    matched = [  # layer by layer: (B, T, T) cosines of all layers would not fit into memory
        bert_score_hits(*state.transpose(0, 1).chunk(3), *is_word.chunk(3)) for state in states
    ]
    counts = {
        "cls": metrics.hits_by_layer(*first.chunk(3, dim=1)).sum(1),
        "mean": metrics.hits_by_layer(*mean.chunk(3, dim=1)).sum(1),
        "bert_score": torch.stack(matched).sum(1),
        "contrastive": metrics.contrastive_hits(*first[-1].chunk(3)).sum(),
    }
    if hasattr(model, "rtd_head"):
        labels = torch.cat([batch["synonym_labels"], batch["antonym_labels"]]).to(device)
        logits = model.rtd_head(features[len(tokens) // 3 :])  # (2B, T)
        counts["rtd"] = metrics.confusion(logits > 0, labels == 1, labels != IGNORED_LABEL)
    return counts
