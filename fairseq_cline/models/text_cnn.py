"""TextCNN (Kim, 2014) as a classifier: random or given word embeddings, tuned or not."""

from dataclasses import dataclass, field
from typing import List, Optional  # noqa: UP035

from fairseq.dataclass import FairseqDataclass
from fairseq.models import register_model
from omegaconf import II
from torch import Tensor, nn

from data_prep.errors import InputError
from fairseq_cline.data.word_vectors import load_word_vectors
from fairseq_cline.model_bases.sentence_classifier import SentenceClassifier
from fairseq_cline.modules.text_cnn import TextCNN
from fairseq_cline.option_ranges import SHARE_BELOW_1, at_least, check_options

# Kim (2014), section 3.2: random vectors then have about the variance of the word2vec ones.
RANDOM_RANGE = 0.25


@dataclass
class TextCNNConfig(FairseqDataclass):
    embedding_dim: int = field(
        default=300, metadata={"help": "channels of a word embedding, > 0 (k of Kim 2014: 300)"}
    )
    # List: fairseq's parser does not know `list[int]`.
    filter_widths: List[int] = field(  # noqa: UP006
        default_factory=lambda: [3, 4, 5],
        metadata={"help": "words that a filter sees, > 0 each (h of Kim 2014: 3,4,5)"},
    )
    filters: int = field(
        default=100, metadata={"help": "number of filters of each width, > 0 (Kim 2014: 100)"}
    )
    dropout: float = field(
        default=0.5,
        metadata={"help": "probability to drop a feature of the sentence, [0, 1) (Kim 2014: 0.5)"},
    )
    # Optional: fairseq's parser does not know `str | None`.
    embeddings: Optional[str] = field(  # noqa: UP045
        default=None,
        metadata={
            "help": "file with word embeddings in the text form of word2vec or GloVe; words that "
            "it lacks get random ones (default: all random). Not needed once there is a checkpoint"
        },
    )
    freeze_embeddings: bool = field(
        default=False,
        metadata={"help": "do not train the word embeddings (Kim 2014: CNN-static)"},
    )
    max_positions: int = II("task.max_positions")


@register_model("text_cnn", dataclass=TextCNNConfig)
class TextCNNModel(SentenceClassifier):
    """Kim's CNN-rand; with --embeddings CNN-non-static, with --freeze-embeddings too CNN-static.

    His constraint on the length of the output layer's weights (3) is left out.
    """

    def __init__(self, encoder: TextCNN, dropout: float, max_positions: int):
        super().__init__(encoder.channels)
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.longest = max_positions

    @classmethod
    def build_model(cls, cfg: TextCNNConfig, task) -> "TextCNNModel":
        check_options(
            cfg,
            embedding_dim=at_least(1),
            filter_widths=at_least(1),
            filters=at_least(1),
            dropout=SHARE_BELOW_1,
        )
        dictionary = task.source_dictionary
        embed_tokens = nn.Embedding(len(dictionary), cfg.embedding_dim, dictionary.pad())
        nn.init.uniform_(embed_tokens.weight, -RANDOM_RANGE, RANDOM_RANGE)
        nn.init.zeros_(embed_tokens.weight[dictionary.pad()])
        if cfg.embeddings:
            load_word_vectors(cfg.embeddings, dictionary, embed_tokens.weight)
            _forget_file(cfg)
        embed_tokens.weight.requires_grad_(not cfg.freeze_embeddings)
        encoder = TextCNN(embed_tokens, cfg.filter_widths, cfg.filters)
        return cls(encoder, cfg.dropout, cfg.max_positions)

    def features(self, src_tokens: Tensor) -> Tensor:
        """(B, T) -> (B, 1, C)."""
        return self.dropout(self.encoder(src_tokens))[:, None]

    def max_positions(self) -> int:
        return self.longest

    def upgrade_state_dict_named(self, state_dict: dict, name: str) -> None:
        """See the parent.

        Raises:
            InputError: the checkpoint is of another model, or its vocabulary is another.
        """
        super().upgrade_state_dict_named(state_dict, name)
        key = f"{name}." if name else ""
        saved = state_dict.get(f"{key}encoder.embed_tokens.weight")
        if saved is None:
            raise InputError(
                "the checkpoint is not of --arch text_cnn; give another, or its --arch"
            )
        rows = self.encoder.embed_tokens.num_embeddings
        if len(saved) != rows:
            raise InputError(
                f"the checkpoint has {len(saved)} symbols, this run has {rows}; use the dict.txt "
                "of the checkpoint"
            )


def _forget_file(cfg: TextCNNConfig) -> None:
    """Takes the file out of the configuration that fairseq will save.

    A checkpoint has the embeddings; whoever loads it need not have the file.
    """
    run = cfg._get_parent()  # `cfg` itself is a copy that fairseq has made
    if run is not None:
        run.model.embeddings = None
