"""The rows of a batch of all workers, for losses that compare each row with all others.

Letters: R rows of a worker, N of all workers, D channels.
"""

import torch
from fairseq.distributed import utils as distributed
from torch import Tensor


def rows_of_workers(rows: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, slice]:
    """The rows (N, D) and labels (N,) of all workers, in their order, and where this worker's are.

    A gradient flows into the worker's own rows alone. So a loss that is the sum over all N rows,
    made by every worker, gives each of them the whole gradient of its own rows, and fairseq adds
    these up: the gradient of that sum, without a second exchange in the backward pass.

    Every worker must call this, with rows or without. The numbers of rows may differ.

    Args:
        rows: (R, D), of the same D and type on all workers.
        labels: (R,) indices.
    """
    group = distributed.get_data_parallel_group()
    if distributed.get_world_size(group) == 1:
        return rows, labels, slice(0, len(rows))
    sizes = distributed.all_gather(labels.new_tensor([len(rows)]), group)
    counts = [int(size) for size in sizes]
    parts = [_gathered(tensor, counts, group) for tensor in (rows.detach(), labels)]
    rank = distributed.get_rank(group)
    parts[0][rank] = rows
    first = sum(counts[:rank])
    return torch.cat(parts[0]), torch.cat(parts[1]), slice(first, first + len(rows))


def _gathered(tensor: Tensor, counts: list[int], group: object) -> list[Tensor]:
    """The tensors of all workers, whose first sizes are the counts."""
    padded = tensor.new_zeros(max(counts), *tensor.shape[1:])  # an exchange needs one shape
    padded[: len(tensor)] = tensor
    found = distributed.all_gather(padded, group)
    return [part[:count] for part, count in zip(found, counts, strict=True)]
