"""The text in files of IWSLT'17's campaign, and nothing but the text."""

from data_prep.translation.iwslt_formats import segments, tagged_lines

TALK = """<url>http://talk/1</url>
<keywords>a, b</keywords>
<speaker>X</speaker>
<talkid>1</talkid>
<title>T</title>
<description>D</description>
 Haus im  Auto 
<reviewer>somebody</reviewer>
<translator></translator>
"""


def test_a_talks_tags_are_no_text(tmp_path):
    path = tmp_path / "train.tags"
    path.write_text(TALK + "<3 is text\n<doc docid='1'>\n</doc>\nand this <b>\n")
    expected = ["Haus im Auto", "<3 is text", "and this <b>"]
    assert list(tagged_lines(path)) == expected


def test_entities_are_resolved_once_and_never_expanded(tmp_path):
    """The billion laughs, and a file from outside: neither is text of a segment."""
    (tmp_path / "secret").write_text("secret")
    path = tmp_path / "set.xml"
    path.write_text(
        '<!DOCTYPE mteval [<!ENTITY a "ha">\n<!ENTITY b "&a;&a;">\n'
        f'<!ENTITY s SYSTEM "{tmp_path / "secret"}">]>\n'
        '<seg id="1"> &b; &s; &amp;lt; &#39; </seg> <seg id="2">\tü  b </seg>\n<seg id="3"></seg>\n'
    )
    assert list(segments(path)) == ["&b; &s; &lt; '", "ü b", ""]
