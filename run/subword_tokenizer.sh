# Sourced by the recipes that make data-bins for a pre-trained encoder.
set -euo pipefail

# choose_tokenizer FOLDER: sets `tokenizer`, the options of data_prep for that of a pre-trained model
choose_tokenizer() {
  tokenizer=(--dict "$1/dict.txt")
  if [ -e "$1/spm.model" ]; then
    tokenizer+=(--sentencepiece-model "$1/spm.model")
  else
    tokenizer+=(--gpt2-encoder-json "$1/encoder.json" --gpt2-vocab-bpe "$1/vocab.bpe")
  fi
}
