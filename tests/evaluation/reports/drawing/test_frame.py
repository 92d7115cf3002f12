"""Rules for every figure: its legend covers nothing, no panel is blank without a note."""

import io

import pytest
from PIL import Image

from fairseq_cline.evaluation.reports.drawing import frame, lines, matrices, pairs, rows

NAMES = [f"a model with a long name {number}" for number in range(8)] + ["_hidden"]


def bars(**more):
    kinds = {"typo": (90.0, 1.0), "synonym": (50.0, 2.0)} | more
    return rows.bars({title: dict.fromkeys(NAMES, kinds) for title in ("accuracy", "flips")})


def layers():
    panels = {
        title: {name: lines.Curve([1.0, 2.0], [0.5, 0.5]) for name in NAMES} for title in "ab"
    }
    return lines.by_layer(panels, "Hits (%)", chance=50.0, band="bands")


def epsilons():
    panels = {title: {name: lines.Curve([1.0, 2.0], None) for name in NAMES} for title in "ab"}
    return lines.by_epsilon([0.0, 1.0], panels, "BLEU", band="one seed")


def maps():
    return pairs.sentence_maps({"a": [[[0.0, 1.0]], [[1.0, 0.0]]]})


def words_of(axis):
    return [text.get_text() for text in axis.texts]


@pytest.mark.parametrize("draw", [bars, layers, epsilons, maps])
@pytest.mark.parametrize("narrow", [False, True])
def test_a_legend_covers_no_panel_and_names_every_model(draw, narrow):
    figure = draw()
    if narrow:
        frame.stacked(figure)
    figure.draw_without_rendering()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert not any(box.overlaps(axis.get_window_extent()) for axis in figure.axes)
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width
    shown = {text.get_text().strip() for text in legend.get_texts()}
    assert draw is maps or {*NAMES} <= shown


def test_panels_stand_below_each_other_for_a_narrow_page():
    figure = layers()
    wide = Image.open(io.BytesIO(frame.small_png(figure)))
    assert frame.stacked(figure)
    narrow = Image.open(io.BytesIO(frame.small_png(figure)))
    assert wide.width > wide.height and narrow.width < narrow.height
    first, second = figure.axes
    assert second.get_ylabel() == first.get_ylabel() == "Hits (%)"
    assert not frame.stacked(matrices.confusions(["a"], {"m": [[1]]}))


def test_words_below_narrow_panels_are_not_cut():
    panel = rows.Panel("percent", {"a": rows.Dots([1.0, 3.0], 1.5)})
    figure = rows.dots(dict.fromkeys("abc", panel), "whiskers: " + "long words " * 12)
    frame.stacked(figure)
    figure.draw_without_rendering()
    (words,) = (text for text in figure.texts if "whiskers" in text.get_text())
    box = words.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width


def test_what_was_not_measured_says_so():
    figure = rows.bars({"flips": {"m": {"typo": None}}})
    assert words_of(figure.axes[0]) == ["nothing was measured"]
    panel = rows.Panel("percent", {"a": rows.Dots([1.0, 2.0], 0.5), "b": rows.Dots([], None)})
    assert words_of(rows.dots({"accuracy": panel}, "").axes[0]) == ["not measured"]
    geometry = {"mean": 0.5, "histogram": [0.5, 0.5]}
    vectors = {"[CLS]": {"positive": geometry, "random": geometry}, "projection": None}
    figure = pairs.cosine_histograms({"m": vectors})
    assert words_of(figure.axes[1]) == ["the model has no projection"]
    figure = matrices.label_distances(["a", "b"], {"m": [[1.0, 1.0], [1.0, 1.0]]})
    assert words_of(figure.axes[0]) == ["every distance is 1:\nnothing was learned"]
    figure = matrices.label_distances(["a", "b"], {"m": [[1.0, 1.0], [2.0, 1.0]]})
    assert words_of(figure.axes[0]) == []


def test_a_missing_bar_leaves_the_others(tmp_path):
    figure = bars(name=None)
    assert all(len(axis.patches) == 2 * len(NAMES) for axis in figure.axes)
    frame.set_title(figure, ["Invariance", "9 texts"])
    frame.write_png(tmp_path / "a.png", figure)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_whiskers_are_as_long_as_the_error():
    panel = rows.Panel("percent", {"a": rows.Dots([1.0, 3.0], 1.5)})
    (axis,) = rows.dots({"accuracy": panel}, "whiskers").axes
    (whisker,) = axis.collections
    (segment,) = whisker.get_segments()
    assert segment[:, 0].tolist() == [0.5, 3.5]
    assert axis.get_xlabel() == "percent"


def test_bands_are_as_high_as_the_spread():
    curve = lines.Curve([1.0, 2.0], [0.5, 0.25])
    axis = lines.by_layer({"a": {"m": curve}}, "Hits (%)", 50.0).axes[0]
    (band,) = axis.collections
    heights = {tuple(point) for point in band.get_paths()[0].vertices.tolist()}
    assert {(0.0, 0.5), (0.0, 1.5), (1.0, 1.75), (1.0, 2.25)} <= heights
