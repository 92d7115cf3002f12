import pytest
import torch
from torch import nn

from fairseq_cline.modules.frozen_copy import FrozenCopy, ReferenceEncoder


def network():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))


@pytest.mark.parametrize("kind", [FrozenCopy, ReferenceEncoder])
def test_shares_nothing_and_has_nothing_to_train(kind):
    online = network()
    copied = kind(online)
    assert not any(parameter.requires_grad for parameter in copied.parameters())
    nn.init.zeros_(online[0].weight)
    assert copied.network[0].weight.abs().min() > 0
    assert not copied(torch.ones(1, 4, requires_grad=True)).requires_grad


def test_only_the_reference_never_has_dropout():
    x = torch.ones(64, 4)
    model = nn.ModuleDict({"copy": FrozenCopy(network()), "reference": ReferenceEncoder(network())})
    model.train()
    assert not torch.equal(model["copy"](x), model["copy"](x))
    assert torch.equal(model["reference"](x), network().eval()(x))
    model.eval()
    assert torch.equal(model["copy"](x), model["reference"](x))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_keeps_its_numbers_in_half_precision_and_computes_in_it(dtype):
    reference = ReferenceEncoder(network()).to(dtype)
    assert torch.equal(reference.network[0].weight, network()[0].weight)
    assert reference(torch.ones(1, 4, dtype=dtype)).dtype == dtype
