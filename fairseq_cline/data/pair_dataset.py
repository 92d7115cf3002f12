"""Pairs of an original and a synonym sequence (DCL), read from a data-bin of triplets."""

from fairseq_cline.data.aligned_dataset import AlignedDataset


class PairDataset(AlignedDataset):
    """Aligned pairs; a batch has the key `synonym` (B, T) besides those of `AlignedDataset`.

    The masks are those of `TripletDataset`, save in examples that are cut: there a long antonym
    sequence can cost a triplet more words than the pair.
    """

    example = "pair"
    sequences = ("original", "synonym")
