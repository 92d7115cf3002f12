#!/usr/bin/env bash
# A pre-trained encoder on SNLI, as in the DCL paper (Chen et al., 2021): fine-tuned on the training
# set, the best epoch on the development set evaluated on the test set.
#
#   python -m data_prep.text_classification --dataset snli --destdir data-bin/snli \
#     --tokenizer spm   # that of the pre-training
#   ENCODER=dcl/checkpoint_last.pt DATA=data-bin/snli OUT=checkpoints/snli \
#     bash run/snli.sh --fp16
#
# Batch of an update: 32 examples.
#
# Expected (Table 3, accuracy):
#              normal   adversarial
#   BERT         91.0          87.4
#   BERT+Adv     90.9          90.3
#   DCL          91.0          90.5
# Not measured here: it takes a pre-trained model of that size.
#
# BERT+Adv is the baseline on training data that data_prep.augment_classification has enlarged with
# what evaluation.adversarial (--attack pwws --split train) has made of it.
#
# Variables:
#   ENCODER   the pre-trained encoder: a checkpoint, or a folder of fairseq_cline.import_encoder
#   DATA      data-bin, of data_prep.text_classification
#   OUT       fine-tuned models, figures (test.json) and predictions, a sub-folder for each seed
#   SEEDS     default: 1
#   EPOCHS    default: 3
#   NUM_GPUS  default: 1; they share out the batch of 32
#   ARCH      a RoBERTa architecture, as roberta_base, with its sizes among the options at the end
#             (default: all follows from the encoder)
#   DRY_RUN   1 prints the training commands only
# A killed run goes on where it stopped; a model that is done is left alone. Options at the end are given
# to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/finetune.sh"
take ENCODER path
take DATA path
take OUT path
take_fine_tuning
taken "$@"

for seed in $seeds; do
  folder=$out/seed$seed
  finetune "$data" "$folder" "$seed" 549367 --num-classes 3 \
    --best-checkpoint-metric accuracy --maximize-best-checkpoint-metric
  report "$folder" test "$data" checkpoint_best.pt
done
