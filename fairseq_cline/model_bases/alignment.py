"""The parts that DCL adds to an encoder for its pre-training (Chen et al., 2021, section 4.1).

Letters: N sentences, T tokens, C channels, D channels of a projection.
"""

import torch
from torch import Tensor, nn

from fairseq_cline.modules.momentum_encoder import MomentumEncoder, momentum_at
from fairseq_cline.modules.projection import projection_mlp
from fairseq_cline.modules.sentence_feature import sentence_feature


class ProjectedSentence(nn.Module):
    """Encoder and projection: the part of the online network that the momentum network copies.

    Shape: token indices (N, T) -> projections (N, D).

    Args:
        feature: what is projected: "cls" (the paper's [CLS]) or "mean".
    """

    def __init__(self, encoder: nn.Module, projection: nn.Module, feature: str):
        super().__init__()
        self.encoder = encoder
        self.projection = projection
        self.feature = feature

    def forward(self, tokens: Tensor) -> Tensor:
        features = self.encoder(tokens)["encoder_out"][0].transpose(0, 1)  # (N, T, C)
        is_token = tokens.ne(self.encoder.padding_idx)
        return self.projection(sentence_feature(features, is_token, self.feature))


class Alignment(nn.Module):
    """The parts that DCL adds to an encoder, for its pre-training alone (section 4.1).

    Args:
        encoder: RoBERTa's `sentence_encoder`; not a part of this module.
        channels: C.
        projection_dim: D.
        hidden_dim: hidden channels of projection and predictor.
        norm: their normalization: power, batch or none.
        norm_warmup: training forwards in which power normalization uses the batch's statistics.
        momentum: tau of Eq. 7.
        cosine_updates: number of updates in which tau grows to 1; None: it stays.
        feature: what stands for a sentence, "cls" or "mean".
    """

    def __init__(
        self,
        encoder: nn.Module,
        channels: int,
        projection_dim: int,
        hidden_dim: int,
        norm: str,
        norm_warmup: int,
        momentum: float,
        cosine_updates: int | None,
        feature: str,
    ):
        super().__init__()
        self.projection = projection_mlp(channels, hidden_dim, projection_dim, norm, norm_warmup)
        self.predictor = projection_mlp(
            projection_dim, hidden_dim, projection_dim, norm, norm_warmup
        )
        self.momentum_encoder = MomentumEncoder(
            ProjectedSentence(encoder, self.projection, feature)
        )
        self.momentum = momentum
        self.cosine_updates = cosine_updates
        # The last update that the momentum network has followed. In the checkpoint: fairseq may
        # write one before or (when fp16 skips an update) after that.
        self.register_buffer("followed", torch.zeros((), dtype=torch.long))

    def follow_update(self, encoder: nn.Module, update: int) -> float:
        """See the model's method of this name."""
        momentum = (
            self.momentum
            if self.cosine_updates is None
            else momentum_at(update, self.cosine_updates, self.momentum)
        )
        if update > self.followed:
            online = ProjectedSentence(
                encoder, self.projection, self.momentum_encoder.network.feature
            )
            self.momentum_encoder.update(online, momentum)
        self.followed.fill_(update)  # a training that begins anew begins at 0
        return momentum
