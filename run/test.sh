#!/usr/bin/env bash
# Lint, format, types and tests, in the environment of run/setup.sh. Expected: no failure.
#
#   bash run/test.sh                    the fast tier: every test that starts no process; about
#                                       6 minutes on two cores, set-up aside
#   bash run/test.sh --all              every test; at most 15 minutes on two cores
#   bash run/test.sh tests/losses -x    arguments go to pytest
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. run/setup.sh

# Two test processes on two cores: more threads would only wait for each other.
export OMP_NUM_THREADS=1
# The tests of a file in one process: what they train together is trained once.
two_cores=(-n 2 --dist loadfile tests)
case "$*" in
  "") set -- -m "not binaries" "${two_cores[@]}" ;;
  --all) set -- "${two_cores[@]}" ;;
esac

"$PYTHON" -m ruff check .
"$PYTHON" -m ruff format --check .
"$PYTHON" -m mypy
"$PYTHON" -m pytest "$@"
