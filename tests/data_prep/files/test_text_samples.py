"""Samples of text: from places all over it, whatever its documents look like."""

import json

import pytest

from data_prep.errors import InputError
from data_prep.files.text_samples import WINDOWS, sample_lines


def write_objects(path, count: int, words: int) -> list[str]:
    """Objects with `words` lines of one word each; gives their names."""
    names = [f"n{number}" for number in range(count)]
    text = {name: "\n".join(f"{name}-{i}" for i in range(words)) for name in names}
    path.write_text("".join(json.dumps({"id": n, "text": text[n]}) + "\n" for n in names))
    return names


def sampled(path, words: int) -> list[str]:
    return [line for line in sample_lines([str(path)], words) if line]


def test_json_lines_are_sampled_all_over_the_file(tmp_path):
    names = write_objects(tmp_path / "json", 1000, 20)
    found = sampled(tmp_path / "json", 10 * WINDOWS)
    objects = [name.split("-")[0] for name in found]
    assert len(found) == 10 * WINDOWS
    assert [*dict.fromkeys(objects)] == sorted(set(objects), key=names.index)
    assert len(set(objects)) == WINDOWS and names.index(objects[-1]) > 950
    assert all(name in found for name in (f"{objects[-1]}-{i}" for i in range(10)))


@pytest.mark.parametrize("count", [1, 3])
def test_few_long_objects_give_as_many_words(tmp_path, count):
    write_objects(tmp_path / "json", count, 6000)
    found = sampled(tmp_path / "json", 3200)
    assert 3100 <= len(found) == len(set(found)) <= 3200


def test_all_objects_are_sampled_once_when_there_are_few_words(tmp_path):
    write_objects(tmp_path / "json", 100, 5)
    found = sampled(tmp_path / "json", 10_000)
    assert len(found) == len(set(found)) == 500


def test_a_damaged_object_is_named_with_its_line(tmp_path):
    write_objects(tmp_path / "json", 1000, 20)
    lines = (tmp_path / "json").read_text().splitlines()
    lines[700:] = [line.replace('"text"', '"body"') for line in lines[700:]]
    (tmp_path / "json").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"json, line 701: no JSON object"):
        sampled(tmp_path / "json", 10_000)


def test_articles_are_entered_in_the_middle(tmp_path):
    article = '<doc id="1" url="" title="A">\nA\n\n' + "One &amp; two.\n\n" * 50 + "</doc>\n"
    (tmp_path / "wiki").write_text(article * 200)
    found = sampled(tmp_path / "wiki", 3 * WINDOWS * 40)
    assert len(found) > WINDOWS * 40 and set(found) == {"A", "One & two."}
