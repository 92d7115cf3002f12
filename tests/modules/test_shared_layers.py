import copy

import torch
from torch import nn

from fairseq_cline.modules.shared_layers import SharedLayers


def run(layers, x):
    for layer in layers:
        x = layer(x).tanh()
    return x


def test_is_one_layer_of_many_passes():
    torch.manual_seed(1)
    layers = SharedLayers(nn.Linear(3, 3), passes=4)
    assert [*layers] == 4 * [layers[0]] and list(layers.state_dict()) == ["0.weight", "0.bias"]
    x = torch.randn(2, 3)
    by_hand = x
    for _ in range(4):
        by_hand = (by_hand @ layers[0].weight.T + layers[0].bias).tanh()
    torch.testing.assert_close(run(layers, x), by_hand)


def test_its_gradient_is_the_sum_over_the_passes():
    torch.manual_seed(1)
    layers = SharedLayers(nn.Linear(3, 3), passes=4)
    copies = [copy.deepcopy(layers[0]) for _ in range(4)]
    x = torch.randn(2, 3)
    run(layers, x).square().sum().backward()
    run(copies, x).square().sum().backward()
    for name, parameter in layers[0].named_parameters():
        parts = [dict(layer.named_parameters())[name].grad for layer in copies]
        assert not torch.allclose(parts[0], parameter.grad)
        torch.testing.assert_close(parameter.grad, sum(parts))
