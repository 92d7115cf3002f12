"""encoder_options through its command line."""

import pytest
from toy_encoders import write_encoder, write_plain_encoder

from fairseq_cline.encoder_options import main


@pytest.mark.parametrize(
    ("hub_type", "printed"),
    [
        ("roberta", "--max-positions 64 --init-token 0 --separator-token 2"),
        ("xlm-roberta", "--max-positions 64 --init-token 0 --separator-token 2"),
        ("bert", "--max-positions 64 --init-token 0"),
        ("distilbert", "--max-positions 64 --init-token 0"),
        ("albert", "--max-positions 64 --init-token 0"),
    ],
)
def test_the_options_are_those_of_the_kind_of_encoder(tmp_path, capsys, hub_type, printed):
    path = write_plain_encoder(tmp_path / "model.pt", hub_type)
    for named in (path, tmp_path):
        main([str(named)])
        assert capsys.readouterr().out == f"{printed}\n"


def test_checkpoints_of_a_training_have_them_too(tmp_path, capsys, databin):
    main([str(write_encoder(tmp_path / "cline.pt", databin, "cline", max_positions=32))])
    assert capsys.readouterr().out == "--max-positions 32 --init-token 0 --separator-token 2\n"


def test_what_is_no_encoder_is_refused_in_one_line(tmp_path, capsys):
    for path, message in (
        (tmp_path, f"{tmp_path}: a folder without model.pt; give a checkpoint, or a folder of"),
        (tmp_path / "x.pt", f"{tmp_path}/x.pt: cannot be read (No such file or directory);"),
    ):
        with pytest.raises(SystemExit) as end:
            main([str(path)])
        error = capsys.readouterr().err
        assert end.value.code == 1 and error.count("\n") == 1
        assert error.startswith(f"encoder_options: error: {message}")
