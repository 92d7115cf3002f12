"""Rows of all workers: the loss of every row, and the gradient of their sum."""

import pytest
import torch

from fairseq_cline.criterions.step.rows_of_workers import rows_of_workers

WORKER = """
import sys, torch
from fairseq_cline.criterions.step.rows_of_workers import rows_of_workers
rank, folder = int(sys.argv[1]), sys.argv[2]
torch.distributed.init_process_group(
    "gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2
)
seen = []
for rows, labels in torch.load(f"{folder}/rows{rank}.pt"):
    rows.requires_grad_()
    everything, all_labels, own = rows_of_workers(rows, labels)
    losses = (everything @ everything.T).sin().sum(dim=1) * all_labels
    losses.sum().backward()
    seen.append((everything.detach(), all_labels, losses[own].detach(), rows.grad))
torch.save(seen, f"{folder}/seen{rank}.pt")
torch.distributed.destroy_process_group()
"""
# Rows of each of the two in one step.
SHARES = [(3, 3), (1, 4), (5, 0), (0, 2)]


def test_one_worker_has_its_own():
    rows, labels = torch.randn(3, 2), torch.tensor([0, 1, 0])
    everything, all_labels, own = rows_of_workers(rows, labels)
    assert everything is rows and all_labels is labels and own == slice(0, 3)


@pytest.mark.binaries
def test_two_workers_have_the_losses_and_gradients_of_one(binaries, tmp_path):
    generator = torch.Generator().manual_seed(1)
    steps = []
    for shares in SHARES:
        rows = torch.randn(sum(shares), 4, generator=generator, dtype=torch.double)
        steps.append((rows, torch.randint(1, 5, (sum(shares),), generator=generator)))
    for rank in range(2):
        parts = [
            [part.split(shares)[rank].clone() for part in step]
            for step, shares in zip(steps, SHARES, strict=True)
        ]
        torch.save(parts, tmp_path / f"rows{rank}.pt")
    workers = [binaries.start("-c", WORKER, rank, tmp_path) for rank in range(2)]
    assert [worker.wait(timeout=120) for worker in workers] == [0, 0]
    seen = [torch.load(tmp_path / f"seen{rank}.pt") for rank in range(2)]

    for (rows, labels), *found in zip(steps, *seen, strict=True):
        rows.requires_grad_()
        losses = (rows @ rows.T).sin().sum(dim=1) * labels
        losses.sum().backward()
        for everything, all_labels, *_ in found:
            assert torch.equal(everything, rows) and torch.equal(all_labels, labels)
        own, gradients = (torch.cat(parts) for parts in list(zip(*found, strict=True))[2:])
        torch.testing.assert_close(own, losses.detach())
        torch.testing.assert_close(gradients, rows.grad)
