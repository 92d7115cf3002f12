"""Jobs of run/slurm, with SLURM's variables set by hand and stubs of its programs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from dry_runs import ROOT, parse
from toy_encoders import write_plain_encoder
from training_logs import logged

from data_prep.tokenizers.sentencepiece_training import train as train_sentencepiece
from fairseq_cline.compat.stop_signals import STATUS

pytestmark = pytest.mark.binaries
JOBS = sorted((ROOT / "run/slurm").glob("*.sbatch"))
# A machine of two GPUs, on which srun's task ends with a status; scontrol notes what it is asked for.
STUBS = {
    "python": f'[[ $* != *device_count* ]] || {{ echo 2; exit; }}\nexec {sys.executable} "$@"',
    "srun": 'echo "$*" >>calls\nexit "$STATUS"',
    "scontrol": 'echo "scontrol $*" >>calls',
}
LINES = ["The old man was happy.", "A small dog sleeps in the warm house.", "They never lose."]


@pytest.fixture
def submit(tmp_path):
    """Runs a job as SLURM does: from a copy that lies elsewhere."""
    stubs = tmp_path / "stubs"
    stubs.mkdir()
    for name, lines in STUBS.items():
        (stubs / name).write_text(f"#!/usr/bin/env bash\n{lines}\n")
        (stubs / name).chmod(0o755)
    (tmp_path / "run").symlink_to(ROOT / "run")
    write_plain_encoder(tmp_path / "model.pt")

    def run(job, *arguments, **variables):
        copy = tmp_path / "slurm_script"
        copy.write_bytes((ROOT / "run/slurm" / job).read_bytes())
        environment = {
            "PATH": os.pathsep.join([str(stubs), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "SLURM_SUBMIT_DIR": str(tmp_path),
            "SLURM_JOB_ID": "7",
            "SLURM_JOB_NUM_NODES": "2",
            "DATA": "part0:part1",
            "ENCODER": str(tmp_path),
            "OUT": str(tmp_path / "out"),
        }  # fmt: skip
        if job == "triplets.sbatch":
            del environment["DATA"], environment["ENCODER"]
        return subprocess.run(
            ["bash", copy, *arguments],
            check=False,
            cwd="/",
            env=environment | variables,
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_is_valid(job):
    subprocess.run(["bash", "-n", job], check=True)
    lines = job.read_text().splitlines()
    asked = [line for line in lines if line.startswith("#SBATCH ")]
    assert lines[0] == "#!/usr/bin/env bash" and {"#SBATCH --requeue"} < set(asked)
    assert all(re.fullmatch(r"#SBATCH --[a-z-]+(=\S+)?", line) for line in asked)
    code = next(n for n, line in enumerate(lines) if line and not line.startswith("#"))
    assert lines[code] == "set -euo pipefail"
    assert (
        max(n for n, line in enumerate(lines) if line in asked) < code
    )  # SLURM stops reading there


def test_pre_training_gets_the_signal_and_all_parts(submit):
    [(words, arguments)] = parse(submit("pretrain.sbatch", "--lr", "1e-5", DRY_RUN="1"))
    assert words[0] == "srun" and "--kill-on-bad-exit=0" in words
    assert (arguments.data, arguments.lr) == ("part0:part1", [1e-5])
    assert arguments.distributed_world_size == 4 and arguments.distributed_port == 29500
    # Without "B:": to the tasks of srun, not to the script, which would end by it.
    assert "#SBATCH --signal=USR1@120" in (ROOT / "run/slurm/pretrain.sbatch").read_text()


@pytest.mark.parametrize("status", [0, 1, STATUS])
def test_only_a_stopped_training_goes_back_into_the_queue(submit, tmp_path, status):
    done = submit("pretrain.sbatch", STATUS=str(status))
    assert done.returncode == status, done.stderr
    calls = (tmp_path / "calls").read_text().splitlines()
    assert shlex.split(calls[0])[0] == "--ntasks-per-node"
    assert calls[1:] == ["scontrol requeue 7"] * (status == STATUS)


def test_the_parts_of_an_array_are_trained_on_together(submit, run_fairseq, tmp_path):
    text = tmp_path / "text"
    text.mkdir()
    for name, repeats in (("train.txt", 1700), ("valid.txt", 2)):
        (text / name).write_text("\n\n".join(LINES * repeats))
    train_sentencepiece([str(text / "train.txt")], tmp_path / "spm", 350, 1000, 1)
    parts = []
    for number in ("0", "1"):
        done = submit(
            *("triplets.sbatch", "--valid", text / "valid.txt", "--tokens-per-sample", "64"),
            *("--tagger", "lexicon"),
            SLURM_ARRAY_TASK_ID=number,
            SLURM_ARRAY_TASK_COUNT="2",
            TEXT=str(text / "train.txt"),
            TOKENIZER=str(tmp_path / "spm"),
        )
        assert done.returncode == 0, done.stderr
        parts.append(tmp_path / f"out/part{number}")
        assert (parts[-1] / "valid.ori.bin").exists() == (number == "0")
    for tokenizer, code in (("spm", 0), ("text", 1)):
        again = submit(
            "triplets.sbatch",
            SLURM_ARRAY_TASK_ID="1",
            SLURM_ARRAY_TASK_COUNT="2",
            TEXT=str(text),
            TOKENIZER=str(tmp_path / tokenizer),
        )
        assert (again.returncode, again.stdout) == (code, "")
        assert ("results of another tokenizer than" in again.stderr) == code
    trained = run_fairseq(
        *("train", ":".join(map(str, parts)), "--task=cline_pretrain", "--criterion=cline"),
        *("--arch=cline_roberta_tiny", "--tokens-per-sample=64", "--encoder-embed-dim=16"),
        *("--cpu", "--optimizer=adam", "--batch-size=64", "--max-epoch=2", "--no-save"),
        *("--num-workers=0", "--log-format=json", "--log-interval=1"),
    )
    assert {line["epoch"] for line in logged(trained)} == {1, 2}  # a part each
    assert f"{parts[1]}" in trained.stdout + trained.stderr


def test_an_array_of_the_missing_parts_is_refused(submit, tmp_path):
    (tmp_path / "out/part1").mkdir(parents=True)
    for number in ("0", "3"):
        done = submit(
            "triplets.sbatch",
            SLURM_ARRAY_TASK_ID=number,
            SLURM_ARRAY_TASK_COUNT="1",
            TEXT=str(tmp_path),
            TOKENIZER=str(tmp_path),
        )
        assert done.returncode == 1 and "give the whole array again" in done.stderr
        assert not (tmp_path / f"out/part{number}").exists()
