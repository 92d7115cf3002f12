import pytest
import torch
from torch import nn

from fairseq_cline.modules.text_cnn import TextCNN

PAD = 1


@pytest.fixture
def encoder():
    torch.manual_seed(1)
    return TextCNN(nn.Embedding(20, 6, PAD), widths=(1, 3, 5), filters=4)


def slow(encoder: TextCNN, words: list[int]) -> list[float]:
    """Eq. 2 to 4 of Kim (2014) in loops, for a text with four zeros before and behind it."""
    channels = encoder.embed_tokens.embedding_dim
    result = []
    for convolution in encoder.convolutions:
        filters, _, width = convolution.weight.shape
        zeros = (width - 1) * [torch.zeros(channels).double()]
        text = [*zeros, *(encoder.embed_tokens.weight[word] for word in words), *zeros]
        for number in range(filters):
            features = []
            for start in range(len(text) - width + 1):
                total = convolution.bias[number].item()
                for offset in range(width):
                    for channel in range(channels):
                        weight = convolution.weight[number, channel, offset].item()
                        total += weight * text[start + offset][channel].item()
                features.append(max(total, 0.0))
            result.append(max(features))
    return result


@pytest.mark.parametrize("length", [1, 2, 5, 9])
def test_equals_the_loops(encoder, length):
    encoder.double()
    tokens = torch.randint(4, 20, (3, length))
    expected = torch.tensor([slow(encoder, row) for row in tokens.tolist()]).double()
    assert expected.gt(0).any() and encoder.channels == expected.size(1)
    torch.testing.assert_close(encoder(tokens), expected)


def texts(*lengths: int) -> list[torch.Tensor]:
    return [torch.randint(4, 20, (length,)) for length in lengths]


@pytest.mark.parametrize("left", [False, True])
def test_padding_changes_nothing(encoder, left):
    """Not even where the bias alone would be the maximum."""
    for convolution in encoder.convolutions:
        nn.init.constant_(convolution.bias, 0.5)
    alone = texts(1, 2, 7, 12)
    tokens = torch.full((len(alone), 17), PAD)
    for row, text in zip(tokens, alone, strict=True):
        row[slice(-len(text), None) if left else slice(len(text))] = text
    expected = torch.cat([encoder(text[None]) for text in alone])
    torch.testing.assert_close(encoder(tokens), expected)


def test_the_gradient_of_a_padded_text_is_its_own(encoder):
    (text,) = texts(6)
    gradients = []
    for tokens in (text[None], nn.functional.pad(text[None], (0, 9), value=PAD)):
        encoder.zero_grad()
        encoder(tokens).square().sum().backward()
        gradients.append([parameter.grad.clone() for parameter in encoder.parameters()])
    torch.testing.assert_close(*gradients)
    assert all(gradient.any() for gradient in gradients[0])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_is_finite_in_half_precision(encoder, dtype):
    tokens = torch.tensor([[5, 6, 7, PAD, PAD], [5, 6, 7, 8, 9]])
    expected = encoder(tokens)
    result = encoder.to(dtype)(tokens)
    assert result.dtype == dtype
    torch.testing.assert_close(result.float(), expected, rtol=0.05, atol=0.05)
