"""--quant-noise-pq: noise in a pass, and the weights as they were after it."""

import copy

import pytest
import torch
from fairseq.modules.quant_noise import quant_noise
from torch import nn

from fairseq_cline.compat.quantization_noise import keep_weights
from fairseq_cline.modules.momentum_encoder import MomentumEncoder

SHARE, BLOCK = 0.3, 4


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.embed = quant_noise(nn.Embedding(20, 8), SHARE, BLOCK)
        self.dense = quant_noise(nn.Linear(8, 8), SHARE, BLOCK)
        self.out = quant_noise(nn.Linear(8, 8, bias=False), SHARE, BLOCK)
        self.double()

    def forward(self, tokens):
        return self.out(self.dense(self.embed(tokens)).tanh())


@pytest.fixture
def network():
    network = Network()
    keep_weights(lambda *_: None, None, None, None, network)
    return network


TOKENS = torch.arange(12).view(3, 4)


def weights(network):
    return {name: weight.detach().clone() for name, weight in network.named_parameters()}


def seen_weights(network, seed):
    """The weights with the noise of a pass."""
    seen = {}
    handles = [
        module.register_forward_hook(
            lambda module, _, __, name=name: seen.update({name: module.weight.detach().clone()}),
            prepend=True,
        )
        for name, module in network.named_children()
    ]
    torch.manual_seed(seed)
    network(TOKENS)
    for handle in handles:
        handle.remove()
    return seen


def test_the_noise_is_new_in_each_pass_and_gone_after_it(network):
    before = weights(network)
    seen = [seen_weights(network, seed) for seed in (1, 2)]
    for name, module in network.named_children():
        assert torch.equal(module.weight, before[f"{name}.weight"])
        assert not torch.equal(seen[0][name], seen[1][name])
        dropped = seen[0][name] == 0
        assert dropped.any()
        assert torch.allclose(
            seen[0][name], (module.weight / (1 - SHARE)).masked_fill(dropped, 0.0)
        )


def test_an_evaluation_has_no_noise(network):
    network.eval()
    assert torch.equal(network(TOKENS), network(TOKENS))


def test_a_pass_that_fails_leaves_the_weights(network):
    before = weights(network)
    with pytest.raises(IndexError):
        network(torch.tensor([20]))
    assert all(torch.equal(weight, before[name]) for name, weight in network.named_parameters())


def test_the_gradients_of_two_passes_are_those_at_the_weights_of_each(network):
    """The graph of the first is kept while the second has other noise."""
    noisy = [seen_weights(network, seed) for seed in (1, 2)]
    total = 0.0
    for seed in (1, 2):
        torch.manual_seed(seed)
        total = total + network(TOKENS).square().sum()
    total.backward()

    plain = copy.deepcopy(network).eval()
    plain.zero_grad()
    for seen in noisy:
        for name, module in plain.named_children():
            module.weight.data = seen[name]
        plain(TOKENS).square().sum().backward()
    for (name, weight), (_, expected) in zip(
        network.named_parameters(), plain.named_parameters(), strict=True
    ):
        assert torch.allclose(weight.grad, expected.grad, rtol=1e-12), name


def test_a_second_trainer_of_the_model_changes_nothing(network):
    before = weights(network)
    keep_weights(lambda *_: None, None, None, None, network)
    network(TOKENS)
    assert all(torch.equal(weight, before[name]) for name, weight in network.named_parameters())


def test_the_momentum_network_stays_an_average():
    online = Network()
    momentum = MomentumEncoder(online)
    keep_weights(lambda *_: None, None, None, None, nn.ModuleList([online, momentum]))
    for _ in range(20):
        momentum(TOKENS)
        momentum.update(online, momentum=0.5)
    for name, weight in momentum.network.named_parameters():
        assert torch.allclose(weight.double(), online.get_parameter(name))


def test_a_hook_that_is_no_function_is_passed_over():
    """Weight normalization of fairseq's convolutions is such a one."""
    network = torch.nn.utils.weight_norm(nn.Linear(4, 4))
    keep_weights(lambda *_: None, None, None, None, network)
    assert len(network._forward_pre_hooks) == 1 and not network._forward_hooks
