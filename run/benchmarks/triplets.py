"""Speed and memory of make_triplets against spaCy's tagger and lemmatizer alone, in one run.

    python run/benchmarks/triplets.py --text corpus.txt --output run/results/benchmarks/triplets.json

Every figure comes from a process of its own with cold caches, restricted to one thread; the text
is the same for all. Loading models and the survey of the corpus are not timed. The rounds are
interleaved, the median is reported. Linux only: memory is the sum of the PSS of all processes.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from data_prep.files.text_units import Corpus
from fairseq_cline.evaluation.reports.report_file import write_benchmark

FLOOR = 0.85  # of spaCy alone, for --tagger spacy
LEXICON_FLOOR = 100_000  # words/s on one core
SCALING_FLOOR = 1.7  # two workers over one
MEMORY_CEILING = 1.5e9  # bytes
MEMORY_WORDS = 10_000_000


def spacy_alone(text: Path) -> float:
    """Seconds that spaCy's tagger and lemmatizer need for the sentences of the text."""
    from data_prep.english.installed import load_spacy_model
    from data_prep.english.sentences import split_sentences

    nlp = load_spacy_model(exclude=("parser", "ner", "senter"))
    lines = (line for unit in Corpus([str(text)]) for line in unit.lines if line)
    sentences = [sentence for line in lines for sentence in split_sentences(line)]
    start = time.perf_counter()
    for _ in nlp.pipe(sentences, batch_size=100):
        pass
    return time.perf_counter() - start


def generation(text: Path, folder: Path, tagger: str, workers: int) -> float:
    """Seconds from the first unit read to the last byte written."""
    from data_prep.files.workers import Workers
    from data_prep.triplets import generation as g
    from data_prep.triplets.databin_writer import DatabinWriter
    from data_prep.triplets.triplet_maker import TripletOptions

    setup = g.Setup(tagger, folder, folder / "lexicon.tsv", TripletOptions(1, 512, "complete"))
    g.build_maker(setup)
    with tempfile.TemporaryDirectory(dir=folder) as dest, Workers(workers) as pool:
        writer = DatabinWriter(Path(dest) / "bin", {})
        start = time.perf_counter()
        g.write_split(writer, setup, "train", Corpus([str(text)]), (0, 1), pool)
        return time.perf_counter() - start


def prepare(text: Path, folder: Path) -> None:
    """The tokenizer and the lexicon that all runs share."""
    from data_prep.tokenizers.sentencepiece_training import train
    from data_prep.triplets.generation import learn_lexicon

    train([str(text)], folder, vocabulary=16_000, sample=200_000, seed=1)
    learn_lexicon(Corpus([str(text)]), 200_000, folder / "lexicon.tsv")


def in_own_process(*arguments: object) -> float:
    """Run one measurement in a fresh process; its last line is the figure."""
    line = [sys.executable, __file__, "--measure", *map(str, arguments)]
    done = subprocess.run(
        line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


def tree_memory(root: int) -> int:
    """Bytes of memory of a process and its children, shared pages counted once (PSS)."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if int(entry.name) == root or parent == root:
                rollup = (entry / "smaps_rollup").read_text()
                total += int(rollup.split("Pss:")[1].split()[0]) * 1024
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue  # the process ended while we looked
    return total


def peak_memory(text: Path, folder: Path, tagger: str) -> dict[str, float]:
    """Peak memory of the whole command with two workers."""
    line = [sys.executable, "-m", "data_prep.make_triplets", "--train", text, "--tagger", tagger]
    line += ["--destdir", folder / f"bin-{tagger}", "--workers", 2, "--tokenizer", folder]
    start = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, line)), cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, tree_memory(process.pid))
        time.sleep(0.5)
    if process.returncode:
        raise SystemExit(f"make_triplets failed with exit code {process.returncode}")
    return {"bytes": peak, "seconds": time.perf_counter() - start}


def measure_all(text: Path, rounds: int, memory_of: list[str]) -> dict:
    words = len(text.read_text(encoding="utf-8").split())
    runs = {
        "spacy_alone": ("spacy_alone", text),
        "spacy": ("generation", text, "spacy", 1),
        "spacy_2_workers": ("generation", text, "spacy", 2),
        "lexicon": ("generation", text, "lexicon", 1),
        "lexicon_2_workers": ("generation", text, "lexicon", 2),
    }
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(text, folder)
        for number in range(rounds):
            for label, (kind, *arguments) in runs.items():
                extra = [] if kind == "spacy_alone" else [folder]
                value = in_own_process(kind, *arguments[:1], *extra, *arguments[1:])
                seconds[label].append(value)
                print(f"round {number + 1}: {label}: {words / value:,.0f} words/s", flush=True)
        repeated = folder / "repeated.txt"
        with repeated.open("w", encoding="utf-8") as out:
            for _ in range(-(-MEMORY_WORDS // words)):
                out.write(text.read_text(encoding="utf-8"))
        print(f"peak memory on {MEMORY_WORDS:,} words of repeated text ...", flush=True)
        memory = {tagger: peak_memory(repeated, folder, tagger) for tagger in memory_of}
    rates = {label: words / statistics.median(v) for label, v in seconds.items() if v}
    return {"words": words, "seconds": seconds, "words_per_second": rates, "memory": memory}


def report(result: dict) -> str:
    rate, memory = result["words_per_second"], result["memory"]
    rows = [] if not rate else [
        ("spaCy tagger + lemmatizer alone", f"{rate['spacy_alone']:,.0f} words/s", ""),
        ("--tagger spacy", f"{rate['spacy']:,.0f} words/s",
         f"{rate['spacy'] / rate['spacy_alone']:.2f} of spaCy alone (at least {FLOOR})"),
        ("--tagger lexicon", f"{rate['lexicon']:,.0f} words/s", f"at least {LEXICON_FLOOR:,}"),
        ("--tagger spacy, 2 workers", f"{rate['spacy_2_workers']:,.0f} words/s",
         f"{rate['spacy_2_workers'] / rate['spacy']:.2f} x one (at least {SCALING_FLOOR})"),
        ("--tagger lexicon, 2 workers", f"{rate['lexicon_2_workers']:,.0f} words/s",
         f"{rate['lexicon_2_workers'] / rate['lexicon']:.2f} x one (at least {SCALING_FLOOR})"),
    ]  # fmt: skip
    for tagger, peak in memory.items():
        name = f"peak memory, {MEMORY_WORDS:,} words, {tagger}"
        note = f"at most {MEMORY_CEILING / 1e9} GB; {peak['seconds']:.0f} s in all"
        rows.append((name, f"{peak['bytes'] / 1e9:.2f} GB", note))
    return "\n".join(f"{name:38}{value:>18}   {note}" for name, value, note in rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--text", type=Path, required=True, help="UTF-8 text, a million words or so"
    )
    parser.add_argument("--rounds", type=int, default=3, help="0: memory only")
    taggers = ("spacy", "lexicon")
    parser.add_argument("--memory", nargs="*", choices=taggers, default=taggers, metavar="TAGGER")
    parser.add_argument("--output", type=Path, help="JSON file for the result")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    result = measure_all(arguments.text, arguments.rounds, arguments.memory)
    print(report(result))
    if arguments.output:
        write_benchmark(arguments.output, result)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        kind, *rest = sys.argv[2:]
        if kind == "spacy_alone":
            print(spacy_alone(Path(rest[0])))
        else:
            print(generation(Path(rest[0]), Path(rest[1]), rest[2], int(rest[3])))
    else:
        main()
