#!/usr/bin/env bash
# Lint, format check and tests, in the environment of run/setup.sh.
#
#   bash run/test.sh                    everything; expected: no failure
#   bash run/test.sh tests/losses -x    arguments go to pytest
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. run/setup.sh

# Two test processes on two cores: more threads would only wait for each other.
export OMP_NUM_THREADS=1
if [ $# -eq 0 ]; then
  set -- -n 2 tests
fi

"$PYTHON" -m ruff check .
"$PYTHON" -m ruff format --check .
"$PYTHON" -m pytest "$@"
