"""The portal's own words: four languages with the same keys and places, each used, none missing."""

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "engine" / "portal" / "src"
LANGUAGES = ("en", "de", "fr", "it")
OTHERS = LANGUAGES[1:]
ENTRY = re.compile(r'  "([a-z0-9.-]+)": "((?:[^"\\]|\\["\\])*)",')
PLACE = re.compile(r"\{(\w+)\}")
FORMS = (".one", ".many", ".other")  # of a count; words.js chooses
NB = "\N{NO-BREAK SPACE}"
SAME = {
    # words that are the same in another language
    "de": {
        "line.live", "mode.for", "role.gateway", "people.code", "people.tokens", "state.minimum", "state.normal", "why.plan",
        "signin.name", "windows.name", "spark.sum", "machine.now", "why.in",
    },
    "fr": {
        "shell.places", "mode.for", "mode.title", "card.mode", "why.mode", "station.phases", "why.plan", "station.badge",
        "flow.charging", "state.normal",
    },
    "it": {"mode.for", "role.gateway", "signin.password", "account.password", "place.account", "spark.sum"},
}  # fmt: skip


def words(language):
    """Return the words of a language; its file has nothing but comments, blank lines and one word a line."""
    found = {}
    for number, line in enumerate((SRC / "words" / f"{language}.js").read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith(("//", "  //")) or line in {"export default {", "};"}:
            continue
        entry = ENTRY.fullmatch(line)
        assert entry, f"{language}.js:{number} is not a word on one line: {line}"
        assert entry[1] not in found, f"{language}.js:{number} says {entry[1]} again"
        found[entry[1]] = entry[2]
    return found


ENGLISH = words("en")


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_keys_of_english(language):
    theirs = words(language)
    missing, unknown = ENGLISH.keys() - theirs.keys(), theirs.keys() - ENGLISH.keys()
    assert not sorted(key for key in unknown if not key.endswith(FORMS)), "en.js does not have them"
    assert not sorted(missing), f"{language}.js does not have them"


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_fills_in_the_same(language):
    theirs = words(language)
    places = {key: set(PLACE.findall(text)) for key, text in ENGLISH.items()}
    assert not [key for key in ENGLISH if key in theirs and set(PLACE.findall(theirs[key])) != places[key]]


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language):
    theirs = words(language)
    same = [key for key, text in ENGLISH.items() if theirs.get(key) == text and re.search("[a-z]{2}", text)]
    assert not [key for key in same if key not in SAME[language]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_and_spaces_are_those_of_the_language(language):
    quotes = "«»" if language == "en" else "“”„"
    for key, text in words(language).items():
        assert text == text.strip(" "), key
        assert not set(quotes) & set(text), key
        assert "ß" not in text, key
        if language == "fr":
            assert not re.search(f" [:;!?»%]|« |[^ {NB}][;!?»]", text), f"{key}: its space would break"


# --- what the pages say ---------------------------------------------------------------------------------------------


def said():
    """Return every string of the portal's source that may be a key, and every template that makes one, as a pattern."""
    strings, patterns = set(), []
    for file in SRC.rglob("*.js"):
        if file.parent.name == "words":
            continue
        text = re.sub(r"(?m)^\s*(//|/\*|\*).*$", "", file.read_text(encoding="utf-8"))
        strings.update(re.findall(r'"([a-z0-9]+(?:[.-][a-z0-9-]+)+)"', text))
        for template in re.findall(r"`([a-z.-]+\.\$\{[^`]*)`", text):
            parts = re.split(r"\$\{[^}]*\}", template)
            patterns.append(re.compile(".+".join(map(re.escape, parts))))
    return strings, patterns


def stem(key):
    """Return a key without the form of a count."""
    return key.removesuffix(".one").removesuffix(".many").removesuffix(".other")


def test_every_word_is_said_somewhere():
    strings, patterns = said()
    unsaid = [key for key in ENGLISH if key not in strings and stem(key) not in strings]
    assert not [key for key in unsaid if not any(one.fullmatch(key) or one.fullmatch(stem(key)) for one in patterns)]


def test_every_key_that_is_asked_for_exists():
    asked = re.compile(r"\bt\(\s*\"([^\"]+)\"")
    missing = {
        f"{file.relative_to(SRC)}: {key}"
        for file in SRC.rglob("*.js")
        for key in asked.findall(file.read_text(encoding="utf-8"))
        if key not in ENGLISH and f"{key}.other" not in ENGLISH
    }
    assert not sorted(missing)


def test_a_count_has_both_forms():
    counted = {stem(key) for key in ENGLISH if key.endswith((".one", ".other"))}
    assert not [key for key in counted if not {f"{key}.one", f"{key}.other"} <= ENGLISH.keys()]
