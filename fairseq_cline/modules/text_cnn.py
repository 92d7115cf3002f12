"""A convolutional encoder of sentences (Kim, 2014): TextCNN.

Letters: B sentences, T tokens, E channels of an embedding, F filters of a width, C channels of a
sentence (F for each width).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TextCNN(nn.Module):
    """Filters over every few words, a ReLU and the maximum over time: Eq. 2 to 4 of Kim (2014).

    A filter sees all windows that hold at least one word; beyond the ends of the text it sees
    zeros. So texts of any length will do, down to a single word. (So the author's code; Eq. 3
    prints the windows within the text only, "padded where necessary".) Windows without a word
    are left out: padding changes nothing.

    Args:
        embed_tokens: word embeddings of E channels, with a `padding_idx`; that of padding is 0.
        widths: words that the filters see, one width after another (paper: 3, 4, 5).
        filters: F (paper: 100).

    Raises:
        ValueError: the embeddings have no `padding_idx`.

    Shape: token indices (B, T), T > 0 -> (B, C).

    >>> words = nn.Embedding(10, 4, padding_idx=1)
    >>> encoder = TextCNN(words, widths=[3, 4, 5], filters=2)
    >>> short, padded = torch.tensor([[5, 6]]), torch.tensor([[5, 6, 1, 1]])
    >>> encoder(short).shape
    torch.Size([1, 6])
    >>> bool(torch.allclose(encoder(short), encoder(padded)))
    True
    """

    def __init__(self, embed_tokens: nn.Embedding, widths: Sequence[int], filters: int):
        super().__init__()
        if embed_tokens.padding_idx is None:
            raise ValueError("the embeddings have no padding_idx; give them that of <pad>")
        self.embed_tokens = embed_tokens
        self.padding = embed_tokens.padding_idx
        self.widths = tuple(widths)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(embed_tokens.embedding_dim, filters, width, padding=width - 1)
            for width in self.widths
        )
        self.channels = filters * len(self.widths)

    def forward(self, tokens: Tensor) -> Tensor:
        embeddings = self.embed_tokens(tokens).transpose(1, 2)  # (B, E, T)
        words = tokens.ne(self.padding)
        pooled = []
        for width, convolution in zip(self.widths, self.convolutions, strict=True):
            windows = F.pad(words, (width - 1, width - 1)).unfold(1, width, 1)
            outside = ~windows.any(-1)[:, None]  # (B, 1, T + width - 1)
            response = convolution(embeddings).masked_fill(outside, -torch.inf)
            # The ReLU comes after the maximum, with which it commutes: it has less to do there.
            pooled.append(response.amax(-1).relu())
        return torch.cat(pooled, -1)
