#!/usr/bin/env bash
# CLINE or DCL on text of your own, from a folder of text to Hits, on the CPU or on one GPU: holds out a
# tenth of the text, makes triplets, trains, and compares the model with itself before.
#
#   TEXT=text bash run/own_corpus.sh
#   TEXT=text ENCODER=encoder METHOD=dcl OUT=mine bash run/own_corpus.sh
#
# The sizes follow from the amount of text, and it says which it takes. 2,000 lines take about three minutes
# on 2 cores. Without ENCODER that is a demonstration; a model worth having needs some million words.
#
# Batch of an update: at most 6,144 tokens; with ENCODER 16 triplets.
# Expected: Hits above those before the training; how far, your text decides.
#
# Variables:
#   TEXT     English text, UTF-8, in a file or a folder of files (.gz too): a sentence or a paragraph a
#            line, 200 lines or more, blank lines between documents; or articles of WikiExtractor, or a JSON
#            object with a text on each line
#   OUT      tokenizer, triplets, models and figures, all of one TEXT and ENCODER, and not in TEXT
#            (default: own_corpus)
#   ENCODER  a pre-trained encoder to go on from, with its tokenizer: a folder of
#            fairseq_cline.import_encoder (default: none, random weights and a tokenizer of TEXT)
#   METHOD   cline (default) or dcl
#   SEEDS    default: 1
#   UPDATES  default: ten times through the text, two with ENCODER; at most 1,500, 30,000 on a GPU
#   DRY_RUN  1 prints the training commands only
# A killed run goes on where it stopped; a model that is done is left alone. Options at the end are given
# to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/cline_on_encoder.sh"
. "$repository/run/lib/pretrain_launch.sh"
. "$repository/run/lib/same_inputs.sh"
. "$repository/run/lib/train_once.sh"
take TEXT path
take OUT path own_corpus
take ENCODER path ""
take METHOD word cline "cline dcl"
take SEEDS numbers 1
take UPDATES number ""
take DRY_RUN switch ""
taken "$@"
[[ -n $dry_run || -e $text ]] || fail "TEXT: $text: no such file or folder"
[[ -n $dry_run || -z $encoder || -f $encoder/model.pt ]] ||
  fail "ENCODER: $encoder/model.pt: no such file; name a folder of fairseq_cline.import_encoder"

between() { echo $(($2 < $1 ? $1 : $2 > $3 ? $3 : $2)); } # between LEAST VALUE MOST

# choose_sizes WORDS: sets `pieces`, `sizes` and `updates`
choose_sizes() {
  local tokens=$(($1 * 4 / 3)) most=30000
  [[ ${device_options[*]} != *--cpu* ]] || most=1500
  pieces=$(between 1000 $(($1 / 20)) 16000)
  if [ -n "$encoder" ]; then
    # Triplets of about 40 tokens, 16 an update.
    updates=${updates:-$(between 50 $((2 * tokens / 640)) "$most")}
    sizes=() size="the size of ENCODER"
    return
  fi
  updates=${updates:-$(between 100 $((10 * tokens / 1000)) "$most")}
  if ((tokens < 3000000)); then
    sizes=(3 64 256 4)
  elif ((tokens < 30000000)) || [ "$most" = 1500 ]; then
    sizes=(4 128 512 4)
  elif ((tokens < 300000000)); then
    sizes=(6 256 1024 4)
  else
    sizes=(12 768 3072 12)
  fi
  size="${sizes[0]} layers of ${sizes[1]} channels, $pieces sub-words at most"
  sizes=(--encoder-layers "${sizes[0]}" --encoder-embed-dim "${sizes[1]}"
    --encoder-ffn-embed-dim "${sizes[2]}" --encoder-attention-heads "${sizes[3]}")
}

# prepare: tokenizer and triplets in `out`; what is there is left alone
prepare() {
  [ -e "$tokenizer" ] || step "Training a SentencePiece model" python -m \
    data_prep.train_sentencepiece "$out/text/train.txt" --vocab-size "$pieces" --destdir "$tokenizer"
  [ -e "$out/triplets" ] || step "Making triplets" python -m data_prep.make_triplets --show 3 \
    --train "$out/text/train.txt" --valid "$out/text/valid.txt" --test "$out/text/test.txt" \
    --tokenizer "$tokenizer" --sample-break-mode eos --tokens-per-sample 128 --workers "$(nproc)" \
    --destdir "$out/triplets"
}

# train FOLDER SEED UPDATES LR OPTIONS...
train() {
  local start=(--arch "${method}_roberta_tiny" "${sizes[@]}" --max-tokens 6144)
  [ -z "$encoder" ] || start=(--arch "${method}_bert" --finetune-from-model "$encoder/model.pt"
    --batch-size 16 --required-batch-size-multiple 1 --sentence-feature mean)
  train_once "$1" fairseq-train "$out/triplets" --user-dir "$repository/fairseq_cline" \
    "${device_options[@]}" --distributed-world-size 1 --task "${method}_pretrain" \
    --tokens-per-sample 128 "${start[@]}" --optimizer adam --adam-betas '(0.9, 0.98)' \
    --weight-decay 0.01 --clip-norm 1.0 --lr "$4" --lr-scheduler polynomial_decay \
    --warmup-updates $((updates / 10)) --total-num-update "$updates" --max-update "$3" \
    --num-workers 0 --save-dir "$1" --save-interval-updates 500 --keep-interval-updates 1 \
    --no-epoch-checkpoints --log-format simple --log-interval 20 --seed "$2" "${@:5}" \
    "${user_options[@]}"
}

objective=(--criterion "$method") rate=1e-3 tokenizer=${encoder:-$out/spm}
if [ -n "$encoder" ]; then
  rate=1e-4
  [ "$method" = dcl ] || objective=("${cline_on_encoder[@]}" "${whole_originals[@]}")
fi
if [ -n "$dry_run" ]; then
  need_environment # that finds GPUs
else
  . "$repository/run/setup.sh"
fi
machines=1 num_gpus="" launch=local precision=""
find_gpus
words=2000000 # of a dry run
if [ -z "$dry_run" ]; then
  [ -e "$out/text" ] || python "$repository/run/lib/hold_out.py" "$text" "$out/text"
  check_same_text "$out/text.sha256" "$text"
  if [ -n "$encoder" ]; then
    check_same_encoder "$encoder" "$out"
  else
    check_same_input "$out/encoder.sha256" none ENCODER
  fi
  words=$(wc -w <"$out/text/train.txt")
fi
choose_sizes "$words"
if [ -z "$dry_run" ]; then
  echo "own_corpus: $words words of training: $size; $updates updates"
  prepare
fi
for seed in $seeds; do
  before=$encoder/model.pt folder=$out/seed$seed-updates$updates-$method
  if [ -z "$encoder" ]; then
    # One update with learning rate 0 saves the weights that the training starts from.
    before=$folder-before/checkpoint_last.pt
    train "$folder-before" "$seed" 1 0 --criterion masked_lm
  fi
  train "$folder" "$seed" "$updates" "$rate" "${objective[@]}"
  [ -n "$dry_run" ] || python -m fairseq_cline.evaluation.hits "before=$before" \
    "$method=$folder/checkpoint_last.pt" --data "$out/triplets" --split test \
    --json "$folder/hits.json" --plot "$folder/hits.png"
done
