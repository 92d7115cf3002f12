#!/usr/bin/env bash
# CLLD (Lan et al., 2021), Tables II and III: each encoder on each data set, over several seeds, as
#
#   plain      stock fine-tuning (the paper's CT)
#   twin       each example passes twice, without contrast: the control for CLLD's doubled batch
#   cl         with contrast (CT+CL)
#   static     with distances between the classes that plain confuses most (CT+CLSLED)
#   adaptive   with distances learned by Algorithm 1 (CT+CLALD)
#
# and of our own, not among the default rows:
#
#   early        adaptive, but an update after each validation from the first one on: before the best
#                epoch, where Algorithm 1's first one often comes after it
#   sharp        cl with temperature 0.1, against the nearly flat soft-max of the printed formula
#   sharp-early  both
#
#   ARCHS=text_cnn TASKS="trec mr" OUT=checkpoints/clld bash run/clld.sh --cpu
#   ENCODER=bert ARCHS=encoder OUT=checkpoints/clld/bert bash run/clld.sh --fp16
#
# Batch of an update: 128 examples (TextCNN: 50 examples).
#
# Expected (accuracy, Table II; "+" is CLLD, on 20ng with BERT its row `static`; MR with ALBERT+ is
# printed so):
#           BERT  BERT+  ALBERT  ALBERT+  TextCNN  TextCNN+
#   20ng    85.3   86.6    80.6     81.7     78.8      80.0
#   trec    97.6   97.8    96.4     96.6     88.2      88.8
#   r8      97.8   98.1    97.3     97.7     94.8      95.0
#   r52     96.4   96.5    94.8     95.6     91.1      91.3
#   mr      85.7   87.0    86.6     97.0     70.9      72.1
# Table III (20ng, BERT): plain 85.30, cl 86.30, static 86.60, adaptive 86.56.
# The paper names neither its validation split, nor the number of runs, nor how many updates lie
# between two validations. Algorithm 1 changes distances at every tenth, after a fifth of the epochs:
# with one validation an epoch that comes after the best epoch, and `adaptive` is `cl`. So all rows are
# validated ten times an epoch here. With TextCNN every row trains for 10 epochs (our choice: its best
# ones are among the first 10); the others for at most 50, and stop after 10 without gain, as in the paper.
#
# Variables:
#   OUT      models, figures and tables in TASK/ARCH (of a share: TASK-SHARE/ARCH), data-bins in data; all
#            of one TEXT and ENCODER
#   TEXT     folder with TASK/train.tsv and TASK/test.tsv, lines of label<TAB>text (default: the
#            published sets, downloaded)
#   TASKS    default: all in TEXT; without it 20ng trec r8 r52 mr
#   ARCHS    default: encoder text_cnn
#   ENCODER  encoder: the pre-trained one, a BERT or an ALBERT, in a folder of
#            fairseq_cline.import_encoder, or one with model.pt and its tokenizer
#   ROWS     default: plain twin cl static adaptive
#   SHARES   of the training data (default: 1)
#   SEEDS    default: 1 2 3 4 5
#   EPOCHS   at most (default: 10 with text_cnn, else 50)
#   DRY_RUN  1 prints the training commands only
# static reads OUT/TASK/ARCH/pairs.tsv (label<TAB>label a line), which you may write; else it is made of
# what the plain model of the first seed confuses in the validation split.
# A killed run goes on where it stopped; a model that is done is left alone. Options at the end are given
# to each fairseq-train.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/lib/recipe.sh"
. "$repository/run/lib/encoder.sh"
. "$repository/run/lib/clld_figures.sh"
. "$repository/run/lib/text_tasks.sh"
. "$repository/run/lib/train_once.sh"
declare -A options=(
  [plain]="--criterion sentence_prediction"
  [twin]="--criterion clld --contrastive-weight 0 --label-distance none"
  [cl]="--criterion clld --label-distance none"
  [static]="--criterion clld --label-distance static"
  [adaptive]="--criterion clld --label-distance adaptive"
)
options[early]="${options[adaptive]} --label-distance-start 0 --label-distance-interval 1"
options[sharp]="${options[cl]} --contrastive-temperature 0.1"
options[sharp-early]="${options[early]} --contrastive-temperature 0.1"
take OUT path
take TEXT path ""
take TASKS words ""
take ARCHS words "encoder text_cnn" "encoder text_cnn"
take ENCODER path ""
take ROWS words "plain twin cl static adaptive" "${!options[*]}"
take SHARES shares 1
take SEEDS numbers "1 2 3 4 5"
take EPOCHS number ""
take DRY_RUN switch ""
taken "$@"
choose_tasks "20ng trec r8 r52 mr"
[[ " $archs " != *" encoder "* || -n $encoder ]] ||
  fail "ENCODER is not set: the pre-trained encoder to fine-tune; or choose ARCHS=text_cnn"
[[ -n $dry_run || " $archs " != *" encoder "* ]] || check_same_encoder "$encoder" "$out"

# choose_arch ARCH: sets `form` (of its texts), `tokenizer`, `batch`, `most_epochs`, `model_options`
choose_arch() {
  if [ "$1" = text_cnn ]; then
    # Kim (2014), section 3.1: batches of 50, dropout 0.5.
    form=words tokenizer=(--words) batch=50 most_epochs=${epochs:-10}
    model_options=(--arch text_cnn --dropout 0.5 --lr 1e-3)
  else
    # Section IV-B, for BERT and ALBERT.
    form=subwords tokenizer=(--tokenizer "$encoder") batch=128 most_epochs=${epochs:-50}
    read_encoder "$encoder"
    model_options=("${encoder_options[@]}" --max-length 128 --lr 2e-5
      --adam-betas '(0.9, 0.999)' --weight-decay 0.1
      --dropout 0.1 --attention-dropout 0.1 --pooler-dropout 0.5)
  fi
}

# train ROW SEED: of `databin`, in `folder`; only the best checkpoint is kept
train() {
  local examples=5000 interval row_options save=$folder/seed$2/$1 # 5000: of a dry run
  [ -n "$dry_run" ] || examples=$(wc -l <"$databin/raw/train.tsv")
  interval=$(((examples + 10 * batch - 1) / (10 * batch))) # a tenth of an epoch
  read -ra row_options <<<"${options[$1]}"
  [ "$1" != static ] || row_options+=(--label-distance-file "$folder/pairs.tsv")
  # fairseq makes batches of 48 of 50, unless any size is allowed. The best checkpoint is written where
  # validation and saving meet; patience counts validations.
  train_once "$save" fairseq-train "$databin" --user-dir "$repository/fairseq_cline" \
    --save-dir "$save" --task clld_classification --shorten-method truncate --optimizer adam \
    --lr-scheduler fixed --batch-size "$batch" --required-batch-size-multiple 1 \
    --max-epoch "$most_epochs" --patience 100 --validate-interval-updates "$interval" \
    --validate-interval "$((most_epochs + 1))" --save-interval-updates "$interval" \
    --keep-interval-updates 1 --no-epoch-checkpoints \
    --best-checkpoint-metric accuracy --maximize-best-checkpoint-metric \
    --distributed-world-size 1 --num-workers 0 --log-format simple --log-interval 100 --seed "$2" \
    "${model_options[@]}" "${row_options[@]}" "${user_options[@]}"
  [ -n "$dry_run" ] || rm -f "$save"/checkpoint_{last,*_*}.pt
}

for task in $tasks; do
  for arch_name in $archs; do
    choose_arch "$arch_name"
    for share in $shares; do
      [ "$share" = 1 ] && part= || part=-$share # of the names of folders
      databin=$out/data/$task-$form$part folder=$out/$task$part/$arch_name
      make_databin "$task" "$share" "$databin" "${tokenizer[@]}"
      for seed in $seeds; do
        for row in $rows; do
          [[ -n $dry_run || $row != static ]] || find_pairs
          train "$row" "$seed"
        done
        [ -n "$dry_run" ] || evaluate_seed "$seed"
      done
      [ -n "$dry_run" ] || summarize
    done
  done
done
