import torch

from fairseq_cline.modules.heads import ReplacedTokenHead


def test_is_one_dot_product_per_token():
    torch.manual_seed(0)
    head = ReplacedTokenHead(5)
    features = torch.randn(2, 3, 5)
    expected = torch.zeros(2, 3)
    for row in range(2):
        for token in range(3):
            expected[row, token] = head.projection.weight[0] @ features[row, token]
    torch.testing.assert_close(head(features), expected + head.projection.bias)
