"""House words: how docstrings begin, and one spelling (American, as torch and the flags have it)."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    path
    for folder in ("data_prep", "fairseq_cline", "run", "tests")
    for path in (ROOT / folder).rglob("*.py")
)
TEXTS = [
    *SOURCES,
    *sorted(ROOT.glob("*.md")),
    *sorted(path for path in (ROOT / "run").rglob("*") if path.suffix in (".sh", ".md", ".yaml")),
]
# A docstring begins with the thing or the action: after these words it has to be read twice.
RIDDLES = re.compile(
    r"(Of|As|At|By|For|From|In|On|To|With|Without|Before|After|Below|Above|Under|Into|All|What|"
    r"Which|Where|That|Those)\b"
)
BRITISH = re.compile(
    r"\b\w*(?:(?:orm|oken|initi|optim|minim|maxim|recogn|summar|general|random|serial|real|organ)"
    r"(?:al)?is(?:e|ed|es|ing|ation|ations)\b|labelled|labelling|modelling|behaviour|colour|"
    r"neighbour|licence|misspelt|learnt|judgement|centimetre|favour|artefact|catalogue)\w*",
    re.IGNORECASE,
)
# The name of a command, and words that only look alike.
ALLOWED = re.compile(r"neighbours|otherwise|likewise|premises?|promises?|exercis\w+", re.IGNORECASE)


def docstrings(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""


def riddles(path: Path) -> list[str]:
    return [f"line {line}: {text[:60]}" for line, text in docstrings(path) if RIDDLES.match(text)]


def test_docstrings_begin_with_the_thing_or_the_action():
    found = [f"{path.relative_to(ROOT)}, {one}" for path in SOURCES for one in riddles(path)]
    assert found == []


def test_a_riddle_is_found(tmp_path):
    (tmp_path / "a.py").write_text('"""Things."""\n\ndef f():\n    """Of what else decides."""\n')
    assert riddles(tmp_path / "a.py") == ["line 3: Of what else decides."]


def test_spelling_is_american():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {word[0]}"
        for path in TEXTS
        if path != Path(__file__).resolve() and "results" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for word in BRITISH.finditer(line)
        if not ALLOWED.search(word[0])
    ]
    assert found == []
