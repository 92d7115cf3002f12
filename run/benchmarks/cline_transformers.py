"""Cost of a CLINE step in units of the same losses written plainly on transformers' BertModel.

    python run/benchmarks/cline_transformers.py FOLDER --data data-bin [--output results.json]

FOLDER is a BERT of Hugging Face, such as all-MiniLM-L6-v2, and `data-bin` triplets made with its
tokenizer. Both sides have the same weights, triplets and masks, one thread, fp32 and AdamW, and must
give the same losses. The plain versions are what one would write first, a pass for each of the
three sequences and `BertForMaskedLM` as it is, and what one would write next, one pass over all three
with logits of the masked tokens alone. They take turns with ours, so that a busy machine slows all.
Ratios are expected to be at most 0.8 of three passes and 1.0 of the joint one.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
from steps import quartiles, ratios, take_turns, update
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fairseq.checkpoint_utils import load_model_ensemble_and_task
from fairseq.tasks.masked_lm import MaskedLMConfig, MaskedLMTask
from transformers import BertForMaskedLM

from data_prep.tokenizers.tokenizer_json import read_tokenizer_json
from fairseq_cline.criterions.cline import ClineCriterion, ClineCriterionConfig
from fairseq_cline.data.masking import Masking
from fairseq_cline.data.triplet_dataset import IGNORED_LABEL, TripletDataset
from fairseq_cline.evaluation.encoders.pretrained_encoders import open_databin
from fairseq_cline.evaluation.reports.report_file import write_benchmark
from fairseq_cline.pretrained.imported_encoder import import_encoder

OURS, THREE, JOINT = "fairseq_cline", "three passes", "one joint pass"
LONGEST = 64  # tokens of a sequence


class PlainCline(nn.Module):
    """CLINE's three losses with equal weights, on a BERT of transformers.

    Args:
        hub_ids: index of fairseq -> id of the original vocabulary.
        joint: one pass over the three sequences, and logits of the masked tokens alone.
    """

    def __init__(self, bert: BertForMaskedLM, head: nn.Linear, hub_ids: Tensor, joint: bool):
        super().__init__()
        self.bert, self.head, self.joint = bert, head, joint
        self.register_buffer("hub_ids", hub_ids)

    def forward(self, _: nn.Module, batch: dict, reduce: bool = True) -> tuple:
        sequences = [batch["net_input"]["src_tokens"], batch["synonym"], batch["antonym"]]
        target = batch["target"]
        labels = torch.cat([batch["synonym_labels"], batch["antonym_labels"]])
        masked = target.ne(1)
        if self.joint:
            tokens = torch.cat(sequences)
            features = self._features(tokens)
            original, perturbed = features.tensor_split([len(features) // 3])
            logits = self.bert.cls(original[masked])
            mlm = F.cross_entropy(logits, self.hub_ids[target[masked]])
        else:
            ids, mask = self.hub_ids[sequences[0]], sequences[0].ne(1)
            answers = torch.where(masked, self.hub_ids[target], -100)
            output = self.bert(
                input_ids=ids, attention_mask=mask, labels=answers, output_hidden_states=True
            )
            original, mlm = output.hidden_states[-1], output.loss
            perturbed = torch.cat([self._features(part) for part in sequences[1:]])
        known = labels.ne(IGNORED_LABEL)
        replaced = self.head(perturbed).squeeze(-1)[known]
        rtd = F.binary_cross_entropy_with_logits(replaced, labels[known].float())
        first = original[:, 0]
        synonym, antonym = perturbed[:, 0].chunk(2)
        contrast = F.softplus((first * antonym).sum(1) - (first * synonym).sum(1)).mean()
        return mlm + rtd + contrast, 1, {}

    def _features(self, tokens: Tensor) -> Tensor:
        return self.bert.bert(
            input_ids=self.hub_ids[tokens], attention_mask=tokens.ne(1)
        ).last_hidden_state


def triplet_batch(databin, triplets: int) -> dict:
    """A batch of the longest triplets of the validation split that have at most LONGEST tokens."""
    dictionary = databin.dictionary
    masking = Masking(
        mask_prob=0.15,
        leave_unmasked_prob=0.1,
        random_token_prob=0.1,
        specials=dictionary.nspecial,
        mask=dictionary.index("<mask>"),
        pad=dictionary.pad(),
        symbols=len(dictionary),
    )
    dataset = TripletDataset(
        databin.split("valid"), dictionary, databin.word_begin, masking, LONGEST, seed=1
    )
    longest = sorted(range(len(dataset)), key=lambda index: -dataset.sizes[index])[:triplets]
    return dataset.collater([dataset[index] for index in longest])


def plain_models(folder: Path, model: nn.Module, hub_ids: Tensor) -> dict[str, PlainCline]:
    """Both plain versions, with the weights of ours, the fresh heads included."""
    result = {}
    for name, joint in ((THREE, False), (JOINT, True)):
        bert = BertForMaskedLM.from_pretrained(folder)
        ours, theirs = model.encoder.lm_head, bert.cls.predictions
        with torch.no_grad():
            theirs.transform.dense.load_state_dict(ours.dense.state_dict())
            theirs.transform.LayerNorm.load_state_dict(ours.layer_norm.state_dict())
            theirs.bias[hub_ids] = ours.bias
        head = nn.Linear(bert.config.hidden_size, 1)
        head.load_state_dict(model.rtd_head.projection.state_dict())
        result[name] = PlainCline(bert, head, hub_ids, joint)
    return result


def measure(folder: Path, data: str, triplets: int, repetitions: int) -> dict:
    """Seconds of each step, the ratios of ours to the others, and the largest difference of a loss."""
    databin = open_databin(data)
    batch = triplet_batch(databin, triplets)
    task = MaskedLMTask(MaskedLMConfig(), databin.dictionary)
    with tempfile.TemporaryDirectory() as name:
        import_encoder(folder, Path(name, "encoder"))
        path = str(Path(name, "encoder", "model.pt"))
        (model,), *_ = load_model_ensemble_and_task(
            [path],
            {"arch": "cline_bert", "_name": "cline_bert", "sentence_feature": "cls"},
            task,
        )
    hub_ids = torch.tensor(read_tokenizer_json(folder / "tokenizer.json").ids())
    criterion = ClineCriterion(ClineCriterionConfig(task_weighting="fixed"), task)
    sides = {OURS: (model, criterion)}
    sides |= {name: (plain, plain) for name, plain in plain_models(folder, model, hub_ids).items()}

    losses, steps = {}, {}
    for name, (side, loss_of) in sides.items():
        side.eval()  # without dropout: the same losses
        with torch.no_grad():
            loss, size, _ = loss_of(side, batch)
        losses[name] = float(loss / size)
        side.train()
        optimizer = torch.optim.AdamW(side.parameters(), lr=1e-6, foreach=True)
        steps[name] = lambda parts=(side, loss_of, optimizer): update(*parts, batch)
    seconds, memory = take_turns(steps, repetitions, torch.device("cpu"))
    return {
        "triplets": triplets,
        "tokens": batch["net_input"]["src_tokens"].size(1),
        "losses": losses,
        "largest_difference": max(losses.values()) - min(losses.values()),
        "repetitions": repetitions,
        "seconds": {name: quartiles(values) for name, values in seconds.items()},
        "ratio": {name: ratios(seconds, OURS, name) for name in (THREE, JOINT)},
        "peak_memory_mib": memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of a Hugging Face BERT")
    parser.add_argument("--data", required=True, help="data-bin of triplets with its tokenizer")
    parser.add_argument("--triplets", type=int, default=12, help="of a batch (default: 12)")
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--output", type=Path, help="JSON file to write")
    options = parser.parse_args()
    torch.set_num_threads(1)
    result = measure(options.folder, options.data, options.triplets, options.repetitions)
    for name, times in result["seconds"].items():
        print(f"{name:16}{1e3 * times['median']:>10,.0f} ms", end="")
        ratio = result["ratio"].get(name)
        print(f"   ours / this: {ratio['median']:.3f} {ratio['quartiles']}" if ratio else "")
    print(f"largest difference of the loss: {result['largest_difference']:.1e}")
    if options.output:
        write_benchmark(options.output, {"threads": torch.get_num_threads(), **result})


if __name__ == "__main__":
    main()
