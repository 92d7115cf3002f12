"""Hidden states and masked-LM logits of the original library, with weights copied by hand."""

import pytest
import torch

transformers = pytest.importorskip("transformers")

PAD = 1
# A pair, a single text, a short one with padding: fairseq's ids.
TOKENS = torch.tensor([[0, 7, 8, 2, 9, 10, 2], [0, 11, 12, 13, 14, 15, 2], [0, 5, 2, 1, 1, 1, 1]])
TYPES = torch.tensor([[0, 0, 0, 0, 1, 1, 1], [0] * 7, [0] * 7])

COMMON = {"vocab_size": 40, "hidden_size": 12, "intermediate_size": 16, "num_hidden_layers": 2}
COMMON |= {"num_attention_heads": 3, "max_position_embeddings": 20, "hidden_act": "gelu"}
OF_BERT = {"token_types": 2, "layer_norm_eps": 1e-12}

# Names of a layer here -> there.
BERT_LAYER = {
    "self_attn.q_proj": "attention.self.query",
    "self_attn.k_proj": "attention.self.key",
    "self_attn.v_proj": "attention.self.value",
    "self_attn.out_proj": "attention.output.dense",
    "self_attn_layer_norm": "attention.output.LayerNorm",
    "fc1": "intermediate.dense",
    "fc2": "output.dense",
    "final_layer_norm": "output.LayerNorm",
}
DISTILBERT_LAYER = {
    "self_attn.q_proj": "attention.q_lin",
    "self_attn.k_proj": "attention.k_lin",
    "self_attn.v_proj": "attention.v_lin",
    "self_attn.out_proj": "attention.out_lin",
    "self_attn_layer_norm": "sa_layer_norm",
    "fc1": "ffn.lin1",
    "fc2": "ffn.lin2",
    "final_layer_norm": "output_layer_norm",
}
ALBERT_LAYER = {
    "self_attn.q_proj": "attention.query",
    "self_attn.k_proj": "attention.key",
    "self_attn.v_proj": "attention.value",
    "self_attn.out_proj": "attention.dense",
    "self_attn_layer_norm": "attention.LayerNorm",
    "fc1": "ffn",
    "fc2": "ffn_output",
    "final_layer_norm": "full_layer_layer_norm",
}


def randomize(model):
    """Weights of which no two are alike, those of normalizations too."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        for module in model.modules():
            if hasattr(module, "normalized_shape"):
                module.weight += 1
    return model.eval()


def copy_linear(ours, theirs):
    ours.weight.data.copy_(theirs.weight)
    ours.bias.data.copy_(theirs.bias)


def copy_encoder(ours, embeddings, layers, names):
    """Embeddings and layers; positions begin two rows later in fairseq."""
    encoder = ours.encoder.sentence_encoder
    encoder.embed_tokens.weight.data.copy_(embeddings.word_embeddings.weight)
    positions = embeddings.position_embeddings.weight
    own = encoder.embed_positions.weight.data
    own[2:] = positions[-20:] if len(positions) == 22 else positions
    if encoder.embed_token_types is not None:
        encoder.embed_token_types.weight.data.copy_(embeddings.token_type_embeddings.weight)
    elif hasattr(embeddings, "token_type_embeddings"):  # RoBERTa's only one is as good as a shift
        own[2:] += embeddings.token_type_embeddings.weight[0]
    copy_linear(encoder.layernorm_embedding, embeddings.LayerNorm)
    assert len(encoder.layers) == len(layers)
    for layer, theirs in zip(encoder.layers._modules.values(), layers, strict=True):
        for name, other in names.items():
            copy_linear(layer.get_submodule(name), theirs.get_submodule(other))


def copy_head(ours, dense, norm, bias):
    copy_linear(ours.encoder.lm_head.dense, dense)
    copy_linear(ours.encoder.lm_head.layer_norm, norm)
    ours.encoder.lm_head.bias.data.copy_(bias)


@torch.no_grad()
def assert_equal(ours, theirs, with_types=True):
    is_token = TOKENS.ne(PAD)
    inputs = {"input_ids": TOKENS, "attention_mask": is_token.long(), "output_hidden_states": True}
    if with_types:
        inputs["token_type_ids"] = TYPES
    expected = theirs(**inputs)
    logits, extra = ours(TOKENS, return_all_hiddens=True)
    found = [state.transpose(0, 1) for state in extra["inner_states"]]
    assert len(found) == len(expected.hidden_states) == 3
    for one, other in zip(found, expected.hidden_states, strict=True):
        torch.testing.assert_close(one[is_token], other[is_token], rtol=0, atol=1e-5)
    torch.testing.assert_close(logits[is_token], expected.logits[is_token], rtol=0, atol=1e-4)


def test_bert(make_encoder):
    config = transformers.BertConfig(**COMMON, attn_implementation="eager")
    theirs = randomize(transformers.BertForMaskedLM(config))
    ours = make_encoder(**OF_BERT)
    copy_encoder(ours, theirs.bert.embeddings, theirs.bert.encoder.layer, BERT_LAYER)
    head = theirs.cls.predictions
    copy_head(ours, head.transform.dense, head.transform.LayerNorm, head.bias)
    assert_equal(ours, theirs)


def test_every_normalization_has_the_eps(make_encoder):
    model = make_encoder(layer_norm_eps=3e-7)
    found = [module.eps for module in model.modules() if hasattr(module, "normalized_shape")]
    assert found == [3e-7] * (1 + 2 * 2 + 1)  # embeddings, two a layer, the masked-LM head


def test_roberta(make_encoder):
    sizes = COMMON | {"max_position_embeddings": 22}
    config = transformers.RobertaConfig(
        **sizes, pad_token_id=PAD, type_vocab_size=1, attn_implementation="eager"
    )
    theirs = randomize(transformers.RobertaForMaskedLM(config))
    ours = make_encoder(layer_norm_eps=config.layer_norm_eps)
    copy_encoder(ours, theirs.roberta.embeddings, theirs.roberta.encoder.layer, BERT_LAYER)
    head = theirs.lm_head
    copy_head(ours, head.dense, head.layer_norm, head.bias)
    assert_equal(ours, theirs, with_types=False)


def test_distilbert(make_encoder):
    config = transformers.DistilBertConfig(
        vocab_size=40, dim=12, hidden_dim=16, n_layers=2, n_heads=3, max_position_embeddings=20,
        attn_implementation="eager",
    )  # fmt: skip
    theirs = randomize(transformers.DistilBertForMaskedLM(config))
    ours = make_encoder(layer_norm_eps=1e-12)
    distilbert = theirs.distilbert
    copy_encoder(ours, distilbert.embeddings, distilbert.transformer.layer, DISTILBERT_LAYER)
    bias = theirs.vocab_projector.bias
    copy_head(ours, theirs.vocab_transform, theirs.vocab_layer_norm, bias)
    assert_equal(ours, theirs, with_types=False)


@pytest.mark.parametrize("channels", [8, 12])
def test_albert(make_encoder, channels):
    """An embedding of as many channels as a layer has its matrix too."""
    sizes = COMMON | {"hidden_act": "gelu_new"}
    config = transformers.AlbertConfig(
        **sizes, embedding_size=channels, inner_group_num=1, num_hidden_groups=1,
        attn_implementation="eager",
    )  # fmt: skip
    theirs = randomize(transformers.AlbertForMaskedLM(config))
    ours = make_encoder(
        **OF_BERT, embedding_dim=channels, share_layers=True, activation_fn="gelu_accurate"
    )
    albert = theirs.albert
    copy_encoder(
        ours, albert.embeddings, albert.encoder.albert_layer_groups[0].albert_layers, ALBERT_LAYER
    )
    projection = albert.encoder.embedding_hidden_mapping_in
    copy_linear(ours.encoder.sentence_encoder.projection, projection)
    copy_head(ours, theirs.predictions.dense, theirs.predictions.LayerNorm, theirs.predictions.bias)
    assert_equal(ours, theirs)
