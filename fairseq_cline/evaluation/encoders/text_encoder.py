"""Vectors of plain text: any encoder here, with the tokenizer that lies beside its checkpoint.

    from fairseq_cline.encode import Encoder

    encoder = Encoder("checkpoints/cline/checkpoint_best.pt")
    encoder.encode(["A man plays a flute.", "Nobody plays."], normalize=True)  # (2, C) float32

Letters: N texts, C channels.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from data_prep.errors import InputError
from data_prep.fairseq_format.dictionaries import with_mask
from data_prep.files.progress import Bar
from data_prep.tokenizers.text_encoders import load_text_encoder
from fairseq_cline.evaluation.encoders.pretrained_encoders import load_encoder
from fairseq_cline.evaluation.encoders.sentence_vectors import FEATURES, batch_vectors
from fairseq_cline.pretrained.model_paths import find_model

logger = logging.getLogger(__name__)

# Tokens of a batch: a processor's cache holds the features of few, and a GPU wants many.
MAX_TOKENS_CPU, MAX_TOKENS_GPU = 512, 16384
AT_ONCE = 16384  # texts that are sorted by length together, and whose vectors are in memory


class Encoder:
    """Turns texts into vectors with the encoder of a checkpoint, in fp32 and without dropout.

    Args:
        path: a checkpoint of any RoBERTa-like model, pre-trained or fine-tuned, or a folder with a
            ``model.pt``.
        tokenizer: a tokenizer folder, such as a data-bin; None takes that of the checkpoint.
        feature: what stands for a text: ``cls``, the vector of <s>, or ``mean``, that of all tokens;
            None takes what the checkpoint was trained with (`--sentence-feature`), else ``cls``.

    Raises:
        InputError: there is no such model, or its tokenizer is missing or another one.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        tokenizer: str | os.PathLike[str] | None = None,
        feature: str | None = None,
        device: torch.device | str = "cpu",
    ) -> None:
        self.checkpoint, folder = find_model(path, tokenizer)
        self._tokenizer = load_text_encoder(folder)
        dictionary = with_mask(self._tokenizer.dictionary)
        self.model = load_encoder(
            self.checkpoint,
            dictionary,
            source=f"the tokenizer in {folder}",
            remedy="give --tokenizer the data-bin of its training",
        ).to(device)
        self.device = torch.device(device)
        self.feature = feature or getattr(self.model.args, "sentence_feature", None) or "cls"
        if self.feature not in FEATURES:
            raise InputError(
                f"{self.checkpoint}: the feature {self.feature!r:.40}; give one of "
                f"{', '.join(FEATURES)}"
            )
        self._begin, self._end = dictionary.bos(), dictionary.eos()
        self.pad = dictionary.pad()
        self.cut = 0  # texts so far of which the model has not read the end
        self.max_tokens = MAX_TOKENS_CPU if self.device.type == "cpu" else MAX_TOKENS_GPU

    @property
    def channels(self) -> int:
        """Length of a vector."""
        return self.model.args.encoder_embed_dim

    def encode(
        self,
        texts: Sequence[str],
        normalize: bool = False,
        max_tokens: int | None = None,
        progress: bool = True,
    ) -> np.ndarray:
        """The vectors (N, C) of texts, float32.

        Args:
            normalize: bring each to length 1, so that a product of two is their cosine.
            max_tokens: size of a batch, padding included; None takes what suits the device.
            progress: show a bar on standard error.

        Raises:
            InputError: as `rows`.
        """
        vectors = np.empty((len(texts), self.channels), dtype=np.float32)
        begin = 0
        for rows in self.rows(texts, normalize, max_tokens, progress):
            vectors[begin : begin + len(rows)] = rows
            begin += len(rows)
        return vectors

    def rows(
        self,
        texts: Sequence[str],
        normalize: bool = False,
        max_tokens: int | None = None,
        progress: bool = True,
    ) -> Iterator[np.ndarray]:
        """Yields the vectors of texts in their order, some thousand (n, C) at a time.

        Raises:
            InputError: a text is empty, or a vector is not finite.
        """
        for found in self.features(texts, [self.feature], max_tokens, progress):
            vectors = found[self.feature]
            yield (F.normalize(vectors, dim=-1) if normalize else vectors).numpy()

    def features(
        self,
        texts: Sequence[str],
        names: Iterable[str] = FEATURES,
        max_tokens: int | None = None,
        progress: bool = True,
    ) -> Iterator[dict[str, Tensor]]:
        """Yields several features of texts in their order: name -> some thousand (n, C) at a time.

        A text that is longer than the model reads is cut; the log says how many were.

        Args:
            names: of `FEATURES`.

        Raises:
            InputError: a text is empty, or a vector is not finite.
        """
        _check(texts)
        kinds = {name: FEATURES[name] for name in names}
        limit, before = self.model.max_positions(), self.cut
        with Bar(total=len(texts), desc="encoding", unit=" texts", disable=not progress) as bar:
            for begin in range(0, len(texts), AT_ONCE):
                tokens = self.tokens(texts[begin : begin + AT_ONCE])
                self.cut += sum(len(one) > limit for one in tokens)
                found = {name: torch.empty(len(tokens), self.channels) for name in kinds}
                size = max_tokens or self.max_tokens
                batches = batch_vectors(
                    self.model, tokens, self.pad, self.device, kinds.values(), size
                )
                for batch, vectors in batches:
                    for name, kind in kinds.items():
                        found[name][torch.from_numpy(batch)] = vectors[kind]
                    bar.update(len(batch))
                if not all(vectors.isfinite().all() for vectors in found.values()):
                    raise InputError(
                        f"{self.checkpoint}: its features are not finite; give one from before it "
                        "diverged"
                    )
                yield found
        if cut := self.cut - before:
            logger.warning(f"{cut:,} of {len(texts):,} texts are cut to {limit} tokens")

    def tokens(self, texts: Sequence[str]) -> list[Tensor]:
        """The tokens (T,) of each text, uncut, with <s> and </s>; runs of white space are one space."""
        encoded = self._tokenizer.encode_texts([" ".join(text.split()) for text in texts])
        return [torch.tensor([self._begin, *ids, self._end]) for ids in encoded]


def _check(texts: Sequence[str]) -> None:
    if isinstance(texts, str):
        raise InputError("one text where several are wanted; give a list of texts")
    for number, text in enumerate(texts, 1):
        if not text.strip():
            raise InputError(f"text {number:,} is empty, and has no vector; leave it out")
