"""Models and data-bins that do not fit each other."""

import re
import shutil

import pytest
import torch

from data_prep.errors import InputError
from fairseq_cline.evaluation.translation.translation_model import load_translation_models


def test_models_and_data_bins_that_do_not_fit(
    translation_checkpoints, translation_data, lm_checkpoints, tmp_path
):
    def refused(folder, *paths, match):
        with pytest.raises(InputError, match=match):
            load_translation_models({path.name: str(path) for path in paths}, str(folder))

    shared, separate = translation_checkpoints["shared"], translation_checkpoints["separate"]
    refused(translation_data, lm_checkpoints["transformer"], match="not a translation model")
    refused(tmp_path, shared, match="dict.xx.txt: no such file")
    state = torch.load(shared, weights_only=True)
    state["cfg"]["task"] |= {"source_lang": "yy", "target_lang": "xx"}
    torch.save(state, tmp_path / "back.pt")
    refused(translation_data, separate, tmp_path / "back.pt", match="translates yy-xx, .* xx-yy")

    copy = tmp_path / "copy"
    shutil.copytree(translation_data, copy)
    (copy / "manifest.json").unlink()  # else it would be the first to complain
    with (copy / "dict.yy.txt").open("a") as dictionary:
        dictionary.write("another 1\n")
    refused(copy, separate, match=re.escape("dict.yy.txt has"))
    (copy / "spm.model").write_text("text")
    refused(copy, shared, match="spm.model: not a SentencePiece model")
    (copy / "spm.model").unlink()
    refused(copy, shared, match="spm.xx.model or spm.model: no such file.*detokenized")
