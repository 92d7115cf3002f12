"""One HTML page that needs nothing else: no script, no other file, no network.

What comes from a file goes through `text`; all other functions take and return HTML.
"""

import base64
import html
from collections.abc import Iterable

# The colors are the reader's own (light or dark); figures keep the white ground they are drawn on.
_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 72rem; margin: 0 auto; padding: 1rem; line-height: 1.5;
  font-family: system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.2; }
h2 { margin-top: 3rem; border-top: 1px solid; padding-top: 1rem; }
h3 { margin-top: 2rem; }
p, li { max-width: 46rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.5rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #8886; padding: 0.3rem 0.7rem; text-align: right;
  overflow-wrap: normal; }
td { white-space: nowrap; }
thead th { vertical-align: bottom; min-width: 5rem; }
th:first-child { text-align: left; white-space: nowrap; }
.words th, .words td { text-align: left; vertical-align: top; white-space: normal; }
.words td { min-width: 10rem; }
figure { margin: 1rem 0; }
img { background: #fff; border-radius: 4px; max-width: 100%; height: auto; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; margin: 0.5rem 1rem; }
dd { margin: 0; font-family: monospace; }
"""
# Should anything slip through: the browser runs no script and fetches nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def text(value: object) -> str:
    """Any value as text that no browser takes for markup."""
    # The name of a file may be no UTF-8.
    return html.escape(str(value).encode("utf-8", "replace").decode("utf-8"))


def paragraph(content: str) -> str:
    """A paragraph."""
    return f"<p>{content}</p>\n"


def table(columns: Iterable[str], rows: Iterable[Iterable[str]], words: bool = False) -> str:
    """A table; the first cell of each row is its name, the others are words or numbers."""
    classes = ' class="words"' if words else ""
    lines = [f'<div class="wide"><table{classes}>\n<thead><tr>']
    lines += [f'<th scope="col">{column}</th>' for column in columns]
    lines.append("</tr></thead>\n<tbody>\n")
    for name, *cells in rows:
        data = "".join(f"<td>{cell}</td>" for cell in cells)
        lines.append(f'<tr><th scope="row">{name}</th>{data}</tr>\n')
    lines.append("</tbody>\n</table></div>\n")
    return "".join(lines)


def figure(png: bytes, description: str) -> str:
    """A picture, in the page itself; `description` is for those who cannot see it."""
    data = base64.b64encode(png).decode("ascii")
    return f'<figure><img alt="{description}" src="data:image/png;base64,{data}"></figure>\n'


def folded(summary: str, content: str) -> str:
    """Content that shows when the reader clicks on its summary."""
    return f"<details><summary>{summary}</summary>\n{content}</details>\n"


def definitions(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of (term, value)."""
    terms = "".join(f"<dt>{term}</dt><dd>{value}</dd>\n" for term, value in pairs)
    return f"<dl>\n{terms}</dl>\n"


def heading(level: int, anchor: str, content: str) -> str:
    """A heading that links can lead to."""
    return f'<h{level} id="{anchor}">{content}</h{level}>\n'


def contents(entries: Iterable[tuple[str, str, list[tuple[str, str]]]]) -> str:
    """The list on top, of (anchor, title, its own entries of (anchor, title))."""
    items = []
    for anchor, title, inner in entries:
        links = "".join(f'<li><a href="#{target}">{name}</a></li>\n' for target, name in inner)
        nested = f"\n<ul>\n{links}</ul>" if inner else ""
        items.append(f'<li><a href="#{anchor}">{title}</a>{nested}</li>\n')
    return f'<nav aria-label="Contents"><ul>\n{"".join(items)}</ul></nav>\n'


def page(title: str, body: str) -> str:
    """The whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
