"""The base of classifiers of sentences that are trained and asked like fairseq's RoBERTa.

Letters: B sentences, T tokens, C channels, K classes.
"""

import logging

from fairseq.models import BaseFairseqModel
from torch import Tensor, nn

logger = logging.getLogger(__name__)


class SentenceHead(nn.Module):
    """One linear layer on the first position: features (B, T, C) -> logits (B, K)."""

    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.out_proj = nn.Linear(channels, classes)

    def forward(self, features: Tensor) -> Tensor:
        return self.out_proj(features[:, 0])


class SentenceClassifier(BaseFairseqModel):
    """Base of an encoder with classification heads; a subclass is an encoder.

    It has `features`, and its word embeddings in a layer named `embed_tokens`.

    Args:
        channels: C.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.channels = channels
        self.classification_heads = nn.ModuleDict()

    def features(self, src_tokens: Tensor) -> Tensor:
        """(B, T) token indices -> (B, T', C), the first of which stands for the sentence.

        In training it has all the dropout of the model: two passes are two views of a sentence.
        """
        raise NotImplementedError

    def register_classification_head(self, name: str, num_classes: int) -> None:
        self.classification_heads[name] = SentenceHead(self.channels, num_classes)

    def forward(
        self,
        src_tokens: Tensor,
        src_lengths: Tensor | None = None,
        features_only: bool = False,
        classification_head_name: str | None = None,
    ) -> tuple[Tensor, dict]:
        """Classifies, with the arguments of fairseq's RoBERTa.

        Args:
            src_tokens: (B, T) token indices.
            src_lengths: part of fairseq's batches; the padding says as much.
            features_only: part of the call for classification; there is no other output here.
            classification_head_name: a registered head.

        Returns:
            Logits (B, K) of the head, or without one the features (B, T', C); nothing more.
        """
        features = self.features(src_tokens)
        if classification_head_name is None:
            return features, {}
        return self.classification_heads[classification_head_name](features), {}

    def upgrade_state_dict_named(self, state_dict: dict, name: str) -> None:
        """Keeps the heads that fit; others are left out, and what is missing stays fresh."""
        super().upgrade_state_dict_named(state_dict, name)
        prefix = f"{name}.classification_heads." if name else "classification_heads."
        own = {prefix + key: value for key, value in self.classification_heads.state_dict().items()}
        for key in [key for key in state_dict if key.startswith(prefix)]:
            if key not in own or state_dict[key].shape != own[key].shape:
                logger.warning(f"{key} of the checkpoint is no head of this run: left out")
                del state_dict[key]
        for key in own.keys() - state_dict.keys():
            logger.info(f"{key} is not in the checkpoint: initialized")
            state_dict[key] = own[key]
