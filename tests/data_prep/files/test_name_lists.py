from data_prep.files.name_lists import MOST, listed, shortened


def test_few_names_are_all_shown():
    assert listed([]) == ""
    assert listed(["b", "a"]) == "b, a"
    assert listed(str(number) for number in range(MOST)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"


def test_of_many_the_rest_is_counted():
    assert listed(map(str, range(1234))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,224 more"


def test_a_long_name_is_cut():
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 57 + "..."
    assert len(listed(["x" * 1000] * 1000)) < 1000


def test_paths_are_whole():
    paths = [f"/{'long/' * 30}{number}.txt" for number in range(12)]
    assert listed(paths, are_paths=True) == ", ".join(paths[:10]) + " and 2 more"
