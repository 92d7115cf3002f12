"""Who may import whom. The rules are read from the source: nothing is imported."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ANY_FAIRSEQ = {"fairseq", "torch", "numpy", "omegaconf", "tqdm"}

# Layer (folder or file of the plug-in) -> (what else it may use of the plug-in, other packages).
# Every layer may use itself and the standard library.
PLUGIN_RULES = {
    "__init__": ({"compat", "criterions", "models", "tasks"}, set()),
    "__main__": (set(), set()),
    "compat": ({"errors"}, ANY_FAIRSEQ),
    "errors": (set(), set()),
    "export": ({"errors"}, ANY_FAIRSEQ),
    "losses": (set(), {"torch"}),
    "modules": (set(), {"torch"}),
    "perturb": (set(), {"torch"}),
    "data": ({"errors"}, {"fairseq.data", "torch", "numpy"}),
    "models": ({"errors", "modules"}, ANY_FAIRSEQ),
    # modules: a criterion owns the parameters that its loss learns, as CLINE's task weights.
    "criterions": ({"errors", "losses", "modules", "perturb"}, ANY_FAIRSEQ),
    "tasks": ({"errors", "data"}, ANY_FAIRSEQ),
    # data: the evaluated text may come as a data-bin of triplets.
    "evaluation": (
        {"errors", "data", "models", "perturb"},
        ANY_FAIRSEQ | {"matplotlib", "nltk", "sacrebleu", "scipy", "sklearn"},
    ),
}


def imported_names(source: str, package: str) -> Iterator[str]:
    """Full names of all that a module of ``package`` imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def violations(root: Path) -> list[str]:
    """One line for each import that breaks a rule."""
    found = []
    for file in sorted([*root.glob("fairseq_cline/**/*.py"), *root.glob("data_prep/**/*.py")]):
        path = file.relative_to(root)
        top, layer = path.parts[0], path.with_suffix("").parts[1]
        for name in imported_names(file.read_text(), ".".join(path.parent.parts)):
            first, _, rest = name.partition(".")
            if top == "data_prep":
                allowed = first != "fairseq_cline"
            elif layer not in PLUGIN_RULES:
                found.append(f"{path}: no rule for '{layer}'; add one to PLUGIN_RULES")
                break
            elif first == "fairseq_cline":
                allowed = rest.split(".")[0] in PLUGIN_RULES[layer][0] | {layer}
            else:
                allowed = first in sys.stdlib_module_names or is_within(
                    name, PLUGIN_RULES[layer][1]
                )
            if not allowed:
                found.append(f"{path}: '{layer if top != 'data_prep' else top}' imports {name}")
    return found


def test_imports_go_one_way():
    assert violations(ROOT) == []


def test_a_broken_rule_is_named_with_its_file(tmp_path):
    sources = {
        "fairseq_cline/losses/a.py": "import torch\nimport math\nimport fairseq\n",
        "fairseq_cline/modules/b.py": "def f():\n    from fairseq_cline.errors import InputError\n",
        "fairseq_cline/data/c.py": "from fairseq.data import Dictionary\nfrom fairseq import utils",
        "fairseq_cline/models/d.py": "from ..criterions import cline\n",
        "fairseq_cline/criterions/__init__.py": "from . import cline\n",
        "fairseq_cline/tasks/e.py": "import data_prep.resources\n",
        "fairseq_cline/misc/f.py": "import os\n",
        "data_prep/g.py": "import fairseq\nimport fairseq_cline\n",
    }
    for path, source in sources.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
    assert violations(tmp_path) == [
        "data_prep/g.py: 'data_prep' imports fairseq_cline",
        "fairseq_cline/data/c.py: 'data' imports fairseq.utils",
        "fairseq_cline/losses/a.py: 'losses' imports fairseq",
        "fairseq_cline/misc/f.py: no rule for 'misc'; add one to PLUGIN_RULES",
        "fairseq_cline/models/d.py: 'models' imports fairseq_cline.criterions.cline",
        "fairseq_cline/modules/b.py: 'modules' imports fairseq_cline.errors.InputError",
        "fairseq_cline/tasks/e.py: 'tasks' imports data_prep.resources",
    ]
