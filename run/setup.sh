# The environment of the other scripts, which source this file. It sets PYTHON and PATH.
#
#   bash run/test.sh                        makes .venv in the repository; later calls reuse it
#   FAIRSEQ_CLINE_PYTHON=/path/to/python bash run/test.sh
#                                           uses that environment as it is and installs nothing
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$repository/.venv
requirements=$repository/requirements

# step WHAT COMMAND...: run the command; say what it does and how long it took
step() {
  local what=$1 start=$SECONDS
  shift
  echo "==> $what"
  "$@"
  echo "==> $what: done in $((SECONDS - start)) s"
}

find_python() {
  local candidate
  for candidate in python3.11 python3.12 python3; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' \
      2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "setup: error: Python 3.11 or 3.12 is needed and neither is on the PATH; install one" \
    "(fairseq has no build for a later one)" >&2
  return 1
}

# fairseq has a wheel for 3.12 only. Say what is missing now, not after minutes of downloads.
check_compiler() {
  "$PYTHON" - <<'END'
import shutil
import sys
import sysconfig
from pathlib import Path

if sys.version_info[:2] == (3, 11):
    headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    if not (headers and shutil.which("c++")):
        sys.exit(
            "setup: error: fairseq is compiled on Python 3.11 and needs a C++ compiler and "
            "Python's headers: install g++ and python3.11-dev, or use Python 3.12"
        )
END
}

# fairseq asks for torchaudio, for its speech tasks alone. PyPI has builds for CUDA only: beside a torch
# for CPUs its import fails, and with it that of every library that imports it where it is installed.
remove_torchaudio_of_another_build() {
  if "$PYTHON" -m pip show --quiet torchaudio 2>/dev/null &&
    ! "$PYTHON" -c 'import torchaudio' 2>/dev/null; then
    echo "torchaudio does not fit this torch: it is removed (only fairseq's speech tasks use it)"
    "$PYTHON" -m pip uninstall --quiet --yes torchaudio
  fi
}

# What the stamp stands for. The path is part of it: a copied environment runs the original's code.
fingerprint() {
  echo "$repository $(cd "$repository" &&
    cat requirements/*.txt setup.py pyproject.toml data_prep/files/extras.py \
      data_prep/resources.py data_prep/english/{installed,resources,encoder_resource}.py | cksum)"
}

# False for an environment that was copied, or whose making was interrupted.
venv_is_whole() {
  grep -qsF "$venv" "$venv/bin/activate" && "$PYTHON" -m pip --version >/dev/null 2>&1
}

make_environment() {
  local base
  if ! venv_is_whole; then
    base=$(find_python)
    step "Making .venv with $base" "$base" -m venv --clear "$venv"
  fi
  check_compiler
  step "Installing torch and what compiles fairseq (1 of 6)" \
    "$PYTHON" -m pip install -r "$requirements/build.txt"
  step "Installing fairseq and the rest; on Python 3.11 fairseq compiles for minutes (2 of 6)" \
    "$PYTHON" -m pip install --no-build-isolation -r "$requirements/run.txt"
  remove_torchaudio_of_another_build
  step "Installing the plug-in (3 of 6)" \
    "$PYTHON" -m pip install --no-build-isolation --no-deps -e "$repository"
  step "Importing torch, fairseq and the plug-in (4 of 6)" \
    "$PYTHON" "$repository/run/lib/check_environment.py" --imports
  step "Getting WordNet and spaCy's English model (5 of 6)" "$PYTHON" -m data_prep.resources
  step "Getting a pre-trained encoder (6 of 6)" "$PYTHON" -m data_prep.resources --encoder ||
    echo "without it the tests with a real encoder are skipped, and run/quickstart.sh stops"
  # Last, so that an interrupted set-up is taken up again.
  fingerprint >"$venv/.stamp"
}

# A named environment: say what is missing or of another version, and how to get it.
check_environment() {
  "$PYTHON" "$repository/run/lib/check_environment.py"
  (cd "$repository" && "$PYTHON" -m data_prep.resources --check)
  # The plug-in is not installed there: its commands are found by path, in every folder.
  export PYTHONPATH=$repository${PYTHONPATH:+:$PYTHONPATH}
}

if [ -n "${FAIRSEQ_CLINE_PYTHON:-}" ]; then
  if ! PYTHON=$("$FAIRSEQ_CLINE_PYTHON" -c 'import sys; print(sys.executable)' 2>/dev/null); then
    echo "setup: error: FAIRSEQ_CLINE_PYTHON=$FAIRSEQ_CLINE_PYTHON is not a Python; name one" >&2
    exit 1
  fi
  check_environment
else
  PYTHON=$venv/bin/python
  if [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$(fingerprint)" ]; then
    make_environment
  fi
fi
export PYTHON
PATH=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("scripts"))'):$PATH
export PATH
