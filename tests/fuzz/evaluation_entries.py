"""The commands of fairseq_cline.evaluation, for the table of entries."""

from collections.abc import Iterator

from fuzz.entry import SPM, SPM_FILES, Entry, databin, tables_of, triplets
from fuzz.formats import (
    ATTACK_LOG,
    CHECKPOINT,
    REPORT,
    REPORTS_FOLDER,
    SEED_REPORT,
    TABLE,
    TEXT_FILE,
)


def evaluation() -> Iterator[Entry]:
    report = "--cpu --json out/r.json"
    plot = f"{report} --plot out/p.png"
    model = {"in/*.pt": CHECKPOINT}
    text = {"in/test.txt": TEXT_FILE}
    for kind in ("cline", "dcl"):
        line = f"a=in/{kind}.pt --data in/triplets {report}"
        yield Entry(f"hits:{kind}", line, {**model, **triplets("test")})
    line = f"in/cline.pt --text in/test.txt {SPM} {report}"
    yield Entry("hits:text", line, {**model, **text, **SPM_FILES})
    yield Entry(
        "representation", f"in/dcl.pt --data in/triplets --limit 8 {report}",
        {**model, **triplets("test")},
    )  # fmt: skip
    yield Entry(
        "similarity:sts",
        f"in/cline.pt {SPM} --sts in/similarity/pairs.csv in/similarity/sick.txt "
        "in/similarity/sts12 --cpu --plot out/p.png",
        {
            **model,
            **SPM_FILES,
            **{f"in/similarity/{name}": TABLE for name in ("pairs.csv", "sick.txt", "sts12/*")},
        },
    )
    opposites = ("opposites.tsv", "negated.tsv", "choices.jsonl")
    line = " ".join(f"in/similarity/{name}" for name in opposites)
    yield Entry(
        "similarity:opposites", f"in/cline.pt {SPM} --opposites {line} {report}",
        {**model, **SPM_FILES, **{f"in/similarity/{name}": TABLE for name in opposites}},
    )  # fmt: skip
    lm = {**model, **databin("lm", "dict.txt", "test.bin", "test.idx")}
    yield Entry("lm_robustness", f"in/lm.pt --data in/lm {plot}", lm)
    words = {**model, **databin("lm", "dict.txt")}
    yield Entry("neighbours", f"in/lm.pt --data in/lm --words film red {report}", words)
    yield Entry("attack_completion", f"in/lm.pt --data in/lm --limit 4 {report}", lm)
    yield Entry("candidate_words", "in/lm/dict.txt", {"in/lm/dict.txt": TABLE})
    pairs = ("dict.xx.txt", "dict.yy.txt", "raw/test.*")
    yield Entry(
        "translation_robustness",
        f"in/mt.pt --data in/mt --epsilon 1 --beam 2 --source-text in/raw/test.xx {report}",
        {**model, **databin("mt", *pairs, "spm.model"), "in/raw/test.xx": TEXT_FILE},
    )
    parts = ("dict.txt", "input0/dict.txt", "label/dict.txt", "spm.model", "raw/test.tsv")
    labeled = {**model, **databin("classes", *parts)}
    parts = databin("classes", *parts[:-1])
    yield Entry("classify", f"in/classifier.pt --data in/classes {plot}", labeled)
    yield Entry(
        "invariance", f"in/classifier.pt --data in/classes --sets in/changed {report}",
        {**model, **parts, "in/changed/*": TABLE},
    )  # fmt: skip
    yield Entry(
        "contrast_sets", f"in/classifier.pt --data in/classes --sets in/sets.tsv {report}",
        {**model, **parts, "in/sets.tsv": TABLE},
    )  # fmt: skip
    yield Entry(
        "adversarial:examples",
        f"in/classifier.pt --data in/classes --examples in/opinions/test.tsv {report}",
        {**model, **parts, **tables_of("test")},
    )
    yield Entry(
        "adversarial:attack",
        "a=in/classifier.pt --data in/classes --attack pwws --split train --limit 30 --cpu "
        "--logs in/attacks --json out/r.json",
        {**model, **databin("classes", "raw/train.tsv"), "in/attacks/*": ATTACK_LOG},
        fixed=("--attack",),
        beside=("attacks",),
    )
    label = databin("classes", "label/dict.txt")
    # It reads the label distances, and no other weight.
    unread = CHECKPOINT._replace(accepted=frozenset({"odd tensor"}))
    line = f"in/clld.pt --data in/classes {plot}"
    yield Entry("label_distance", line, {"in/clld.pt": unread, **label})
    yield Entry(
        "confused_pairs", "in/results/valid.json --output out/pairs.tsv",
        {"in/results/valid.json": REPORT},
    )  # fmt: skip
    seeds = "in/results/seed1.json in/results/seed2.json --json out/s.json"
    yield Entry("seeds", seeds, {"in/results/seed*.json": REPORT})
    contrast = {"in/tables/*": SEED_REPORT}
    yield Entry("cline_tables", "in/tables --json out/t.json", contrast)
    yield Entry("report", "in/reports --output out/r.html", {"in/reports/*": REPORTS_FOLDER})
