"""Reads a page of results, and checks what holds for each."""

import base64
import re
from html.parser import HTMLParser

WITHOUT_END = {"meta", "img", "br", "source"}


def picture(address: str) -> bytes:
    """The picture that an address holds."""
    kind, _, data = address.partition(",")
    assert kind == "data:image/png;base64"
    return base64.b64decode(data, validate=True)


class Page(HTMLParser):
    """Reads a page and checks on the way that its tags balance."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.pictures: list[bytes] = []
        self.narrow: list[bytes] = []  # pictures for a narrow page
        self.cells: list[list[str]] = []
        self.words = ""
        self.feed(content)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs)
        attributes = dict(attrs)
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        assert not {name for name in attributes if name.startswith("on") or name == "style"}
        if tag == "img":
            assert attributes["alt"]
            self.pictures.append(picture(attributes["src"]))
        if tag == "source":
            self.narrow.append(picture(attributes["srcset"]))
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words += data
        if {"td", "th"} & set(self.open):
            self.cells[-1][-1] += data


def check(content: str) -> Page:
    """A page as it must be: whole, and nothing in it that is run or fetched."""
    page = Page(content)
    assert content.startswith("<!DOCTYPE html>\n")
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert page.links and {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert not re.search(r"https?://|url\(|@import", content)
    assert all(picture.startswith(b"\x89PNG") for picture in page.pictures + page.narrow)
    assert 'name="viewport"' in content and "default-src 'none'" in content
    content.encode("utf-8")
    return page
