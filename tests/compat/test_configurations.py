"""The configuration of a checkpoint after the look at it: reviewed options, and nothing else."""

import argparse
from argparse import Namespace

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.compat.configurations import review_configuration
from fairseq_cline.compat.reviewed import FIXED, TEXTS


def reviewed(cfg=None, args=None):
    state = {"cfg": cfg, "args": args}
    left_out = review_configuration("x.pt", state)
    return state["args"] if cfg is None else (state["cfg"], left_out)


@pytest.mark.parametrize("make", [dict, Namespace])
@pytest.mark.parametrize("part", ["model", "criterion", "task"])
def test_numbers_and_reviewed_texts_are_kept(part, make):
    options = {"_name": "roberta_base", "dropout": 0.1, "encoder_layers": 2, "untie": True}
    options |= {"activation_fn": "gelu", "sizes": [1, 2, [3.5, None]], "nested": {"a": 1}}
    options |= {"decoder_layers": "[(512, 3)] * 20", "lang_pairs": ["de-en", "fr-en"]}
    cfg, left_out = reviewed({part: make(**options)})
    assert cfg == {part: make(**options)}
    assert left_out == {part: []}


@pytest.mark.parametrize("make", [dict, Namespace])
def test_other_texts_are_none_until_the_user_has_been_asked(make):
    cfg, left_out = reviewed({"model": make(new="text", listed=["a"], activation_fn="a/b", x=1)})
    assert cfg == {"model": make(new=None, listed=None, activation_fn=None, x=1)}
    assert sorted(left_out["model"]) == ["activation_fn", "listed", "new"]


@pytest.mark.parametrize("value", ["canary", "/etc/passwd", 0, True, ["a"]])
def test_files_and_switches_have_their_fixed_values(value):
    given = dict.fromkeys(FIXED, value)
    cfg, _ = reviewed({part: dict(given) for part in ("model", "task", "criterion", "common")})
    assert all(section == FIXED for section in cfg.values())
    assert vars(reviewed(args=Namespace(**given))) == FIXED


@pytest.mark.parametrize(
    "value",
    ["/etc/passwd", "../x", "./x", "http://x", "a b", "__import__('os')", "x;y", "$(x)", "a\nb", "é",
     "~", "~/x", "a" * 200, "eval(x)", "C:\\x"],
)  # fmt: skip
def test_texts_of_another_form_are_left_out(value):
    given = dict.fromkeys(TEXTS, value)
    assert reviewed({"model": dict(given)})[0] == {"model": dict.fromkeys(TEXTS)}
    assert vars(reviewed(args=Namespace(**given))) == {}


def test_parts_that_choose_something_else_are_left_out():
    cfg, _ = reviewed(
        {
            "bpe": {"_name": "gpt2", "gpt2_encoder_json": "http://x"},
            "tokenizer": Namespace(_name="moses", source_lang="xx"),
            "optimizer": "adam",
            "common": {"_name": None, "user_dir": "x", "seed": 1, "log_format": "json"},
            "generation": {"replace_unk": "x", "beam": 5},
            "model": "roberta",
        }
    )
    assert cfg == {
        "bpe": None,
        "tokenizer": None,
        "optimizer": None,
        "common": {"_name": None, "user_dir": None, "seed": 1, "log_format": None},
        "generation": {"replace_unk": None, "beam": 5},
        "model": None,
    }


def test_old_arguments_keep_what_is_reviewed():
    args = Namespace(arch="lstm_lm", encoder_embed_path="a.txt", lr=[0.1], bpe="gpt2", _x=1)
    assert vars(reviewed(args=args)) == {"arch": "lstm_lm", "encoder_embed_path": None, "lr": [0.1]}


@pytest.mark.parametrize("part", ["model", "task", "common", "new"])
@pytest.mark.parametrize("value", ["${oc.env:HOME}", "a ${x} b", ["${oc.env:HOME}"]])
def test_references_to_other_values_are_refused(part, value):
    with pytest.raises(InputError, match=r"x\.pt: refused, because its configuration refers"):
        reviewed({part: {"x": value}})
    with pytest.raises(InputError, match=r"x\.pt: refused, because its configuration refers"):
        reviewed(args=Namespace(x=value))


@pytest.mark.parametrize("cfg", ["text", 3, [1], torch.zeros(2)])
def test_what_is_no_configuration_is_refused(cfg):
    for part in ("cfg", "args"):
        with pytest.raises(InputError, match=f"its '{part}' is no configuration but a "):
            review_configuration("x.pt", {part: cfg})


LOOP = []
LOOP.append(LOOP)


@pytest.mark.parametrize("value", [torch.zeros(2), {1, 2}, b"x", LOOP, {3: 4}, object()])
def test_what_no_configuration_holds_is_refused(value):
    for section in ({"x": value}, argparse.Namespace(x=value)):
        with pytest.raises(InputError, match="refused, because its configuration "):
            reviewed({"model": section})
    with pytest.raises(InputError, match="refused, because its configuration "):
        reviewed(args=Namespace(x=value))
