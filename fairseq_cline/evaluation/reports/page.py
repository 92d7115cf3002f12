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
h3 { margin-top: 2.5rem; }
p, li { max-width: 46rem; }
li { margin: 0.3rem 0; }
.note { border-left: 4px solid #c60; padding-left: 0.7rem; }
.from { font-size: smaller; opacity: 0.75; }
.tables { display: flex; flex-wrap: wrap; gap: 0 2.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: bold; padding: 0.5rem 0.6rem 0; }
th, td { border-bottom: 1px solid #8886; padding: 0.3rem 0.6rem; text-align: right;
  overflow-wrap: normal; }
td { white-space: nowrap; }
thead th { vertical-align: bottom; min-width: 4rem; max-width: 9rem; }
th:first-child { text-align: left; max-width: 20rem; }
.words th, .words td { text-align: left; vertical-align: top; white-space: normal; }
.words td { min-width: 10rem; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
img { background: #fff; border-radius: 4px; max-width: 100%; height: auto; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; margin: 0.5rem 1rem; }
dt { max-width: 20rem; }
dd { margin: 0; font-family: monospace; }
@media (max-width: 44rem) {
  /* A row becomes a block, and each of its figures a line with the column's name. */
  table, caption, thead, tbody, tr, th:first-child, td { display: block; max-width: none; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tr { border-bottom: 1px solid #8886; padding: 0.4rem 0; }
  .tables, .wide { display: block; }
  caption { padding-left: 0; }
  tbody th, td { border: 0; padding: 0.1rem 0; }
  td { display: flex; justify-content: space-between; gap: 1rem; white-space: normal; }
  td::before { content: attr(data-column); flex: 0 1 45%; text-align: left; opacity: 0.75; }
  td.none { display: none; }
  .words td { display: block; }
  .words td::before { display: block; }
  .words td.none { display: none; }
  dl { display: block; margin: 0.5rem 0; }
  dd { margin: 0 0 0.4rem 1rem; }
  ul { padding-left: 1.2rem; }
}
"""
# Should anything slip through: the browser runs no script and fetches nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def text(value: object) -> str:
    """Any value as text that no browser takes for markup."""
    # The name of a file may be no UTF-8.
    return html.escape(str(value).encode("utf-8", "replace").decode("utf-8"))


def paragraph(content: str, kind: str = "") -> str:
    """A paragraph; its kind is a class of the style."""
    return f'<p class="{kind}">{content}</p>\n' if kind else f"<p>{content}</p>\n"


def table(
    columns: Iterable[str],
    rows: Iterable[Iterable[str]],
    words: bool = False,
    caption: str = "",
    none: str = "-",
) -> str:
    """A table; the first cell of each row is its name, the others are words or numbers.

    Args:
        columns: heads, which hold no tags.
        none: a cell without a figure, which a narrow page leaves out.
    """
    heads, empty = [*columns], ' class="none"'
    classes = ' class="words"' if words else ""
    lines = [f'<div class="wide"><table{classes}>\n']
    lines.append(f"<caption>{caption}</caption>\n" if caption else "")
    lines.append("<thead><tr>")
    lines += [f'<th scope="col">{column}</th>' for column in heads]
    lines.append("</tr></thead>\n<tbody>\n")
    for name, *cells in rows:
        data = "".join(
            f'<td{empty if cell == none else ""} data-column="{head}"><span>{cell}</span></td>'
            for head, cell in zip(heads[1:], cells, strict=True)
        )
        lines.append(f'<tr><th scope="row">{name}</th>{data}</tr>\n')
    lines.append("</tbody>\n</table></div>\n")
    return "".join(lines)


def side_by_side(parts: Iterable[str]) -> str:
    """Tables beside each other, as many as a line has room for."""
    return f'<div class="tables">{"".join(parts)}</div>\n'


def figure(png: bytes, description: str, narrow: bytes | None = None) -> str:
    """A picture, in the page itself; `description` is for those who cannot see it.

    Args:
        narrow: another one, for a narrow page.
    """
    picture = f'<img alt="{description}" src="{_data(png)}">'
    if narrow:
        source = f'<source media="(max-width: 44rem)" srcset="{_data(narrow)}">'
        picture = f"<picture>{source}{picture}</picture>"
    return f"<figure>{picture}</figure>\n"


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def points(items: Iterable[str]) -> str:
    """A list of points."""
    return "<ul>\n" + "".join(f"<li>{item}</li>\n" for item in items) + "</ul>\n"


def link(anchor: str, content: str) -> str:
    """A link to a heading of the page."""
    return f'<a href="#{anchor}">{content}</a>'


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


def page(title: str, body: str) -> str:
    """The whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
