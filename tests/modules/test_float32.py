import pytest
import torch
from torch import nn

from fairseq_cline.modules.float32 import without_rounding


class Counter(nn.Module):
    """Keeps `exact`, and lets `rough` go."""

    def __init__(self):
        super().__init__()
        self.exact = nn.Parameter(torch.tensor(1.0001))
        self.register_buffer("rough", torch.tensor(1.0001))

    def _apply(self, fn, recurse=True):
        return super()._apply(without_rounding(fn, [self.exact]), recurse)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_passes_by(dtype):
    model = nn.Sequential(Counter()).to(dtype)
    assert model[0].exact.dtype == torch.float32 and model[0].exact.item() > 1
    assert model[0].rough.dtype == dtype and model[0].rough.item() == 1


def test_double_precision_does_not():
    assert nn.Sequential(Counter()).double()[0].exact.dtype == torch.float64


def test_moves_to_another_device():
    model = nn.Sequential(Counter()).to("meta", torch.float16)[0]
    assert model.exact.device.type == model.rough.device.type == "meta"
    assert model.exact.dtype == torch.float32 and model.rough.dtype == torch.float16
