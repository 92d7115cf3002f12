import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from fairseq.checkpoint_utils import load_model_ensemble
from fairseq.criterions.adaptive_loss import AdaptiveLoss
from fairseq.data import Dictionary
from fairseq.data.indexed_dataset import MMapIndexedDatasetBuilder
from fairseq.sequence_generator import SequenceGenerator

from data_prep.errors import InputError
from fairseq_cline.models.tensorized_transformer_lm import (
    TensorizedTransformerLanguageModel,
    TensorizedTransformerLMConfig,
)

LENGTH = 12
PAD, EOS = 1, 2


def synthetic_dictionary() -> Dictionary:
    dictionary = Dictionary()
    for index in range(20):
        dictionary.add_symbol(f"w{index}", n=20 - index)
    return dictionary


def make(**settings) -> TensorizedTransformerLanguageModel:
    config = TensorizedTransformerLMConfig(
        **{
            "decoder_layers": 2,
            "decoder_embed_dim": 16,
            "decoder_ffn_embed_dim": 32,
            "tokens_per_sample": LENGTH,
            "max_target_positions": None,
            "add_bos_token": False,
            **settings,
        }
    )
    dictionary = synthetic_dictionary()
    task = SimpleNamespace(source_dictionary=dictionary, target_dictionary=dictionary)
    torch.manual_seed(1)
    return TensorizedTransformerLanguageModel.build_model(config, task).eval()


def sentences(rng: np.random.Generator, count: int) -> list[list[int]]:
    """Mostly each word is followed by the next one of the dictionary: 5 to 9 words and </s>."""
    result = []
    for _ in range(count):
        words = [int(rng.integers(20))]
        while len(words) < rng.integers(5, 10):
            step = 1 if rng.random() < 0.8 else int(rng.integers(20))
            words.append((words[-1] + step) % 20)
        result.append([4 + word for word in words] + [EOS])
    return result


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randint(4, 24, (3, LENGTH), generator=torch.Generator().manual_seed(2))


def test_positions_come_from_the_attention_alone():
    decoder = make().decoder
    assert decoder.embed_positions is None
    assert decoder.layers[0].self_attn.weight.shape == (LENGTH, LENGTH, 16)
    assert decoder.max_positions() == LENGTH


def test_room_for_the_first_token():
    assert make(add_bos_token=True).max_positions() == LENGTH + 1


def test_padding_on_the_right_changes_nothing(tokens):
    model = make()
    padded = tokens.clone()
    padded[1, 8:] = PAD
    torch.testing.assert_close(model(padded)[0][1, :8], model(tokens[1:2, :8])[0][0])


def test_padding_on_the_left_is_refused(tokens):
    tokens[1, :2] = PAD
    with pytest.raises(InputError, match="no padding on the left"):
        make()(tokens)


def test_a_row_of_padding_is_let_in(tokens):
    tokens[1] = PAD  # --pad-to-fixed-bsz adds such rows
    assert make()(tokens)[0].isfinite().all()


def test_too_long_is_refused(tokens):
    with pytest.raises(InputError, match="13 tokens is too long.*12 by --tokens-per-sample"):
        make()(torch.cat([tokens, tokens[:, :1]], 1))


def test_reordered_states_go_on_as_their_texts(tokens):
    model, state = make(), {}
    for length in range(1, 6):
        model(tokens[:, :length], incremental_state=state)
    order = torch.tensor([2, 2, 0, 1])
    model.decoder.reorder_incremental_state_scripting(state, order)
    output = model(tokens[order][:, :6], incremental_state=state)[0]
    torch.testing.assert_close(output[:, 0], model(tokens[order])[0][:, 5])


def test_beam_search_scores_are_those_of_one_pass(tokens):
    model = make()
    torch.nn.init.normal_(model.decoder.output_projection.weight)  # beams that differ
    prefix = tokens[:, :3].clone()
    prefix[1, 2] = PAD  # a shorter one: the model goes on earlier
    sample = {"net_input": {"src_tokens": prefix}}
    generator = SequenceGenerator([model], synthetic_dictionary(), beam_size=3, max_len=LENGTH)
    hypotheses = generator.generate([model], sample, prefix_tokens=prefix)
    for row, beam in enumerate(hypotheses):
        known = prefix[row][prefix[row].ne(PAD)]
        assert len({tuple(one["tokens"].tolist()) for one in beam}) == len(beam) == 3
        for one in beam:
            assert one["tokens"][: len(known)].equal(known)
            text = torch.cat([torch.tensor([EOS]), one["tokens"][:-1]])
            scores = model(text[None])[0].log_softmax(-1)[0]
            scores = scores.gather(1, one["tokens"][:, None])[:, 0]
            torch.testing.assert_close(one["positional_scores"], scores, rtol=1e-4, atol=1e-5)


def test_the_leaking_form_cannot_generate(tokens):
    with pytest.raises(InputError, match="--leak-future-tokens cannot generate"):
        make(leak_future_tokens=True)(tokens[:, :1], incremental_state={})


def test_attention_dropout_is_refused():
    with pytest.raises(InputError, match="--attention-dropout 0"):
        make(attention_dropout=0.1)


def test_adaptive_input_and_softmax(tokens):
    cutoffs = {"adaptive_input_cutoff": "10,15", "adaptive_softmax_cutoff": "10,15"}
    model = make(adaptive_input=True, tie_adaptive_weights=True, **cutoffs).train()
    tail = model.decoder.adaptive_softmax.tail[0][2]
    assert tail.weight is model.decoder.embed_tokens.embeddings[1][0].weight
    sample = {"net_input": {"src_tokens": tokens}, "target": tokens.roll(-1, 1)}
    sample |= {"ntokens": tokens.numel(), "nsentences": len(tokens)}
    task = SimpleNamespace(target_dictionary=synthetic_dictionary())
    criterion = AdaptiveLoss(task, sentence_avg=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        loss, size, _ = criterion(model, sample)
        optimizer.zero_grad()
        (loss / size).backward()
        optimizer.step()
    assert loss / size < 1  # 4.6 = log2(24) of a model that knows nothing


def test_recomputed_activations_change_nothing(tokens):
    model, other = make(), make(checkpoint_activations=True)
    torch.testing.assert_close(other(tokens)[0], model(tokens)[0])


def test_half_precision(tokens):
    model = make()
    expected = model(tokens)[0]
    torch.testing.assert_close(
        model.bfloat16()(tokens)[0].float(), expected, rtol=0, atol=0.05 * float(expected.std())
    )


def test_another_length_is_named(tokens):
    with pytest.raises(InputError, match="at most 10 tokens, this run 12.*--tokens-per-sample"):
        make().load_state_dict(make(tokens_per_sample=10).state_dict())


def test_save_and_load(tokens):
    model, other = make(), make()
    torch.nn.init.normal_(model.decoder.layers[0].self_attn.cores)
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(tokens)[0], model(tokens)[0])


# ------------------------------------------------------------------ the real binaries


@pytest.fixture(scope="module")
def databin(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lm") / "bin"
    folder.mkdir()
    synthetic_dictionary().save(str(folder / "dict.txt"))
    rng = np.random.default_rng(1)
    for split, count in (("train", 120), ("valid", 20)):
        builder = MMapIndexedDatasetBuilder(str(folder / f"{split}.bin"), dtype=np.uint16)
        for sentence in sentences(rng, count):
            builder.add_item(torch.tensor(sentence))
        builder.finalize(str(folder / f"{split}.idx"))
    return folder


@pytest.fixture(scope="module")
def checkpoint(databin, run_fairseq) -> Path:
    folder = databin.parent / "checkpoints"
    options = (
        "--decoder-layers 2 --decoder-embed-dim 32 --decoder-ffn-embed-dim 64 --optimizer adam"
    )
    options += " --lr 0.003 --batch-size 16 --max-update 60 --no-epoch-checkpoints --cpu --seed 1"
    done = run_fairseq(
        "train", databin, "--task", "language_modeling", "--arch", "tensorized_transformer_lm",
        "--tokens-per-sample", LENGTH, "--save-dir", folder, *options.split(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "checkpoint_best.pt"


def loss_by_hand(databin: Path, checkpoint: Path, window: int) -> float:
    """Bits a token of the validation split: each block after the last `window` tokens."""
    model = load_model_ensemble([str(checkpoint)], {"data": str(databin)})[0][0].eval()
    rng = np.random.default_rng(1)
    sentences(rng, 120)
    target = [token for sentence in sentences(rng, 20) for token in sentence]
    text = [EOS, *target[:-1]]
    block = LENGTH - window
    total = 0.0
    for begin in range(0, len(text), block):
        start, end = max(0, begin - window), min(begin + block, len(text))
        with torch.no_grad():
            scores = model(torch.tensor([text[start:end]]))[0][0].log_softmax(-1)
        for place in range(begin, end):
            total -= scores[place - start, target[place]].item() / math.log(2)
    return total / len(text)


def eval_lm(run_fairseq, databin: Path, checkpoint: Path, *options):
    line = ("--path", checkpoint, "--gen-subset", "valid", "--batch-size", 4, "--cpu", *options)
    return run_fairseq("eval_lm", databin, *line)


@pytest.mark.parametrize("window", [0, 8])
def test_eval_lm_is_the_loss_by_hand(run_fairseq, databin, checkpoint, window):
    options = ("--tokens-per-sample", LENGTH, "--context-window", window)
    done = eval_lm(run_fairseq, databin, checkpoint, *options)
    assert done.returncode == 0, done.stderr
    loss = float(re.search(r"Loss \(base 2\): ([\d.]+)", done.stdout + done.stderr)[1])
    expected = loss_by_hand(databin, checkpoint, window)
    assert loss == pytest.approx(expected, abs=2e-4)
    assert loss < 4  # log2(24) = 4.6: it has learned something


def test_eval_lm_names_blocks_that_are_too_long(run_fairseq, databin, checkpoint):
    done = eval_lm(run_fairseq, databin, checkpoint)
    assert done.returncode != 0
    last = [line for line in done.stderr.splitlines() if "error:" in line][-1]
    assert "blocks of 1024 tokens" in last and "--tokens-per-sample 12" in last


def test_validate(run_fairseq, databin, checkpoint):
    done = run_fairseq(
        "validate", databin, "--task", "language_modeling", "--path", checkpoint,
        "--tokens-per-sample", LENGTH, "--batch-size", 4, "--cpu",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    loss = float(re.search(r"loss ([\d.]+)", done.stdout + done.stderr)[1])
    assert loss == pytest.approx(loss_by_hand(databin, checkpoint, 0), abs=2e-3)


def test_generate(run_fairseq, databin, checkpoint):
    done = run_fairseq(
        "generate", databin, "--task", "language_modeling", "--path", checkpoint, "--gen-subset",
        "valid", "--tokens-per-sample", 4, "--batch-size", 4, "--beam", 1, "--cpu",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^H-", done.stdout, re.MULTILINE)) > 20


def test_interactive_completes_a_sentence(run_fairseq, databin, checkpoint):
    text = databin.parent / "input.txt"
    text.write_text("w3 w4 w5\nw7 w8\n")
    done = run_fairseq(
        "interactive", databin, "--task", "language_modeling", "--path", checkpoint, "--input",
        text, "--beam", 3, "--buffer-size", 2, "--cpu",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    completed = re.findall(r"^D-\d\t\S+\t(.*)$", done.stdout, re.MULTILINE)
    for line, start in zip(completed, ("w3 w4 w5 w6", "w7 w8 w9"), strict=True):
        assert line.startswith(start)
