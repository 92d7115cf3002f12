# Triplets of WordNet's own text. Sourced, after run/setup.sh, by run/quickstart.sh and others.
set -euo pipefail

. "$repository/run/lib/same_inputs.sh"

# make_wordnet_triplets FOLDER [TOKENIZER]: text/ and triplets/ in it, and spm/, a tokenizer that is
# trained on the text, if none is named; what is there is left alone, if it is of the same tokenizer
make_wordnet_triplets() {
  local tokenizer=${2:-$1/spm}
  [ -f "$1/text/test.txt" ] ||
    step "Writing WordNet's glosses as text" "$PYTHON" -m data_prep.wordnet_corpus --destdir "$1/text"
  [ -f "$tokenizer/dict.txt" ] ||
    step "Training a SentencePiece model" "$PYTHON" -m data_prep.train_sentencepiece \
      "$1/text/train.txt" --vocab-size 8000 --destdir "$tokenizer"
  [ -f "$1/triplets/manifest.json" ] ||
    step "Making triplets" "$PYTHON" -m data_prep.make_triplets --show 3 \
      --train "$1/text/train.txt" --valid "$1/text/valid.txt" --test "$1/text/test.txt" \
      --tokenizer "$tokenizer" --tokens-per-sample 64 --workers "$(nproc)" --destdir "$1/triplets"
  check_same_tokenizer "$1/triplets.tokenizer.sha256" "$tokenizer"
}
