"""Negation by the parse: what a clause becomes, what is left alone, and where its marks are."""

import pytest

from data_prep.english.negation import Edit, Negation, load_parser_model

# The last letters of English text as it comes: with its punctuation, tokenized, in small letters.
NEGATED = {
    "The door is open.": "The door is [not] open.",
    "It 's possible that he left .": "It 's [not] possible that he left .",
    "You're thin.": "You're [not] thin.",
    "he'll go to school .": "he [will not] go to school .",
    "They've seen it.": "They [have not] seen it.",
    "She'd seen it.": "She [had not] seen it.",
    "I can go home.": "I [cannot] go home.",
    "He goes to school.": "He [does not go] to school.",
    "Two dogs run through the grass .": "Two dogs [do not] run through the grass .",
    "He has a car.": "He [does not have] a car.",
    "He sat down and ate his soup .": "He [did not sit] down and [eat] his soup .",
    "A man is standing and talking.": "A man is [not] standing and talking.",
    "He saw some dogs.": "He [did not see] [any] dogs.",
    "There is a man in the park.": "There is [no] man in the park.",
    "There are dogs in the park.": "There are [no] dogs in the park.",
    "All men are mortal .": "[Not all] men are mortal .",
    "If it rains, she stays at home.": "If it rains, she [does not stay] at home.",
    "He said that they had not left.": "He [did not say] that they had not left.",
}
AFFIRMED = {
    "The door isn't open.": "The door [is] open.",
    "The door is n't open .": "The door [is] open .",
    "The door isn ' t open .": "The door [is] open .",
    "You're not thin.": "[You're] thin.",
    "I can't go home.": "I [can] go home.",
    "He cannot go home.": "He [can] go home.",
    "he won’t go .": "he [will] go .",
    "He did not go.": "He [went].",
    "He doesn't often go home.": "He often [goes] home.",
    "They didn't sit and eat.": "They [sat] and [ate].",
    "He did not see any dogs.": "He [saw] [some] dogs.",
    "She has never been there.": "She has [been] there.",
    "There are no dogs in the park.": "There [are] dogs in the park.",
}
LEFT_ALONE = [
    "Merger proposed",  # a heading
    "Wards protected",
    "Is the door open?",
    "Go home.",
    "A man in a blue shirt on a ladder.",
    "A man dressed in black.",
    "the quality of being healthy",
    "Some men are tall.",
    "Nobody is tall.",
    "He must go.",
    "It may rain.",
    "He used to smoke.",
    "He had better go.",
    "He is probably at home.",
    "He went too.",
    "He has already left.",
    "They came because they were hungry.",
    "He left without his hat.",
    "He did not come until noon.",
    "I couldn't agree more.",
    "It is not that he lied.",
    "He did not look up at all.",
    "It was never better.",
    "It is so slow you could read.",
    "There are certain rules.",
    "He is not tall but strong.",
    "He hardly ever goes.",
    "He had not.",
    "He turned round, leaving her alone.",
    "HE IS HERE.",
    "He is here. " * 20,
]
# Sentence -> the other adjective, and both changes.
TURNED = {
    "You're not fat.": ("You're not [thin].", "[You're] [thin]."),
    "You are fat .": ("You are [thin] .", "You are [not] [thin] ."),
    "The shop is n't open .": ("The shop is n't [closed] .", "The shop [is] [closed] ."),
    "The boy seems happy.": ("The boy seems [unhappy].", "The boy [does not seem] [unhappy]."),
    "The boy does not seem happy.": ("The boy does not seem [unhappy].", "The boy [seems] [unhappy]."),
    "Her father is old.": ("Her father is [young].", "Her father is [not] [young]."),
    "The street is old.": ("The street is [new].", "The street is [not] [new]."),
    "It is hard to see.": ("It is [easy] to see.", "It is [not] [easy] to see."),
    "It is true that he left.": ("It is [false] that he left.", "It is [not] [false] that he left."),
    # The predicate of another clause, where the main one has none.
    "a girl who is unmarried": ("a girl who is [married]", "a girl who is [not] [married]"),
    "He said that it was true.": ("He said that it was [false].", "He said that it was [not] [false]."),
    "It rained and he was happy.": (
        "It rained and he was [unhappy].", "It rained and he was [not] [unhappy]."
    ),
    # "Because" would get inside the negation.
    "He is happy because she left.": ("He is [unhappy] because she left.", None),
}  # fmt: skip
NOT_TURNED = [
    "He is very thin.",
    "He is thinner.",
    "He is as thin as a rake.",
    "He is thin enough.",
    "He is thin and tall.",
    "All men are thin.",
    "The soup is cold.",
    "The dress is red.",
    "The plot is thin.",
    "The stone is hard.",
    "The battery is dead.",
    "It is so bad that it is good.",
    "She asked whether it was true.",
    "He is responsible for it.",
    "It is hard to find any.",
    "She's married him.",
]


@pytest.fixture(scope="module")
def negation() -> Negation:
    return Negation(load_parser_model())


def marked(sentence: str, edits: tuple[Edit, ...] | None) -> str | None:
    """The sentence after the edits, what is new in brackets."""
    if edits is None:
        return None
    chunks = sentence.split(" ")
    for edit in reversed(edits):
        begin, end = edit.span
        text = f"{edit.text[:begin]}[{edit.text[begin:end]}]{edit.text[end:]}"
        chunks[edit.begin : edit.end] = [text]
    return " ".join(chunks)


@pytest.mark.parametrize(("sentence", "expected"), [*NEGATED.items(), *AFFIRMED.items()])
def test_the_clause_says_the_opposite(negation, sentence, expected):
    assert marked(sentence, negation(sentence).polarity) == expected


@pytest.mark.parametrize("sentence", LEFT_ALONE)
def test_a_doubt_leaves_the_clause_alone(negation, sentence):
    found = negation(sentence)
    assert found is None or found.polarity is None


@pytest.mark.parametrize(("sentence", "expected"), TURNED.items())
def test_the_predicate_becomes_its_antonym(negation, sentence, expected):
    found = negation(sentence)
    assert (marked(sentence, found.antonym), marked(sentence, found.both)) == expected


@pytest.mark.parametrize("sentence", NOT_TURNED)
def test_a_predicate_without_a_sure_antonym_stays(negation, sentence):
    found = negation(sentence)
    assert found is None or (found.antonym, found.both) == (None, None)


def test_edits_are_runs_in_order(negation):
    texts = [*NEGATED, *AFFIRMED, *TURNED]
    for sentence, found in zip(texts, negation.pipe(texts), strict=True):
        for edits in filter(None, (found.polarity, found.antonym, found.both)):
            places = [place for edit in edits for place in (edit.begin, edit.end)]
            assert places == sorted(places) and places[-1] <= len(sentence.split(" "))
            assert all(0 <= edit.span[0] < edit.span[1] <= len(edit.text) for edit in edits)
            assert all(edit.begin < edit.end for edit in edits)


def test_a_mark_is_a_whole_word(negation):
    assert negation("It's not open.").polarity == (Edit(0, 2, "It's", (0, 4)),)
    assert negation("He did not go, he said.") is None  # speech before its verb
    assert negation("He did not go.").polarity == (Edit(1, 4, "went.", (0, 4)),)


def test_spaces_of_another_kind_do_not_move_the_edits(negation):
    sentence = "He\u00a0said: he is here."
    found = negation(sentence)
    assert found is None or "[" in marked(sentence, found.polarity)
    assert negation("") is None


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("You're not fat.", True),
        ("The shop is n't open .", True),
        ("The shop isn ' t open .", True),
        ("He was unhappy", True),
        ("He is cold .", False),
        ("the quality of being healthy", False),
        ("An open door is", False),
        ("", False),
    ],
)
def test_sentences_that_may_flip_are_found_without_a_parse(sentence, expected):
    assert Negation.may_flip(sentence.split(" ")) is expected
