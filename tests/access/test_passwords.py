import pytest

from noonward.access import passwords
from noonward.errors import UsageError


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "at least 8 characters"),
        ("seven77", "at least 8 characters"),
        ("x" * 257, "at most 256"),
        ("aaaaaaaaaaaa", "repeats"),
        ("abababab", "repeats"),
        ("password1", "tried first"),
        ("PASSWORD1", "tried first"),
        ("iloveyou", "tried first"),
        ("Noonward1", "“noonward”"),
        ("Annabel1!", "“annabel”"),
        ("house-12x", "“house-12”"),
    ],
)
def test_what_is_guessed_first_is_refused(password, words):
    with pytest.raises(UsageError, match=words):
        passwords.check(password, ("annabel", "house-12"))


@pytest.mark.parametrize(
    "password",
    [
        "drei Wolken Lampe",
        "aB3$xyzq",
        "correct horse battery staple",
        "пароль из слов",
        "🌞🌧🌈🌊🔥🌲🎈🎲",
        "x7" + "zq4w" * 63,
        "annabels house-12 in the sun",  # a name within much more
    ],
)
def test_anything_else_is_taken_whatever_it_is_made_of(password):
    passwords.check(password, ("annabel", "house-12"))


def test_enough_common_ones_are_known():
    """ASVS 6.2.4 wants three thousand that would otherwise be taken."""
    assert sum(len(one) >= passwords.LENGTH_MIN for one in passwords._common()) >= 3000


def test_a_password_matches_itself_and_nothing_else():
    kept = passwords.keep("drei Wolken Lampe")
    assert passwords.matches("drei Wolken Lampe", kept)
    for other in ("drei Wolken Lampe ", "Drei Wolken Lampe", "drei wolken", ""):
        assert not passwords.matches(other, kept)
    assert not passwords.matches("", passwords.NOBODY)


def test_all_of_a_long_password_counts():
    kept = passwords.keep("z" * 255 + "a")
    assert not passwords.matches("z" * 255 + "b", kept)


def test_what_is_kept_says_how_and_is_never_the_same():
    first, second = passwords.keep("drei Wolken Lampe"), passwords.keep("drei Wolken Lampe")
    assert first.startswith("scrypt$14$8$1$")
    assert first != second
    assert "Wolken" not in first


def test_an_older_way_is_understood_and_noticed(monkeypatch):
    monkeypatch.setattr(passwords, "LOG2_N", 10)
    kept = passwords.keep("drei Wolken Lampe")
    assert not passwords.outdated(kept)
    monkeypatch.undo()
    assert passwords.matches("drei Wolken Lampe", kept)
    assert passwords.outdated(kept)
    assert not passwords.outdated(passwords.NOBODY)
