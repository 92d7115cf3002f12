"""The batches of a resumed training, which are those of one that was never stopped."""

from typing import Any

from fairseq.data.iterators import EpochBatchIterator
from fairseq.tasks.fairseq_task import FairseqTask

from fairseq_cline.compat.patching import Wrapper


def get_batches(
    stock: Wrapper,
    task: FairseqTask,
    dataset: Any,
    *args: Any,
    epoch: int = 1,
    disable_iterator_cache: bool = False,
    update_epoch_batch_itr: bool = False,
    **kwargs: Any,
) -> EpochBatchIterator:
    """Gives the batches of a dataset; those that all epochs share are the ones of the first epoch.

    fairseq draws them once, with the number of the epoch that a process begins with. Resumed in a
    later epoch it draws others, and within that epoch some examples come twice and some never.
    """
    options = {
        "disable_iterator_cache": disable_iterator_cache,
        "update_epoch_batch_itr": update_epoch_batch_itr,
    }
    shared = task.can_reuse_epoch_itr(dataset) and not any(options.values())
    if not shared or dataset in task.dataset_to_epoch_iter:
        return stock(task, dataset, *args, epoch=epoch, **options, **kwargs)
    batches = stock(task, dataset, *args, epoch=1, **options, **kwargs)
    batches.epoch = max(epoch, 1)
    dataset.set_epoch(batches.epoch)
    return batches


MENDS = {
    "a resumed training has the batches of one that was not stopped": (
        FairseqTask,
        "get_batch_iterator",
        get_batches,
    )
}
