# Triplets of WordNet's own text. Sourced, after run/setup.sh, by run/quickstart.sh and
# run/dcl_wordnet.sh.
set -euo pipefail

# make_wordnet_triplets FOLDER: text/, spm/ and triplets/ in it; what is there is left alone
make_wordnet_triplets() {
  [ -f "$1/text/test.txt" ] ||
    step "Writing WordNet's glosses as text" "$PYTHON" -m data_prep.wordnet_corpus --out "$1/text"
  [ -f "$1/spm/dict.txt" ] ||
    step "Training a SentencePiece model" "$PYTHON" -m data_prep.train_sentencepiece \
      "$1/text/train.txt" --vocab-size 8000 --destdir "$1/spm"
  [ -f "$1/triplets/manifest.json" ] ||
    step "Making triplets" "$PYTHON" -m data_prep.make_triplets --show 3 \
      --train "$1/text/train.txt" --valid "$1/text/valid.txt" --test "$1/text/test.txt" \
      --tokenizer "$1/spm" --tokens-per-sample 64 --workers "$(nproc)" --destdir "$1/triplets"
}
