"""What people are told, in every language: the same facts in the same places, nothing missing, nothing left in English."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import noonward
from noonward.core.model import Reason, ReasonCode
from noonward.policy import wording
from noonward.policy.language import Language, speaking
from noonward.policy.refusals import refusal
from noonward.policy.sentences import placeholders, sentence
from noonward.policy.words import filled, phrase, words
from support.fakeengine import NOON

NB = "\N{NO-BREAK SPACE}"
ENGLISH = words(Language.EN)
OTHERS = [language for language in Language if language is not Language.EN]
SAME = {
    # phrases that are the same word in several languages
    "unit.min", "unit.h", "number.space", "online.no", "phases.many", "state.minimum", "state.normal",
}  # fmt: skip
CODE = re.compile(r"“[^”]*”|«[^»]*»|\{[^}]*\}|[a-z]+\.yaml")


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("table", ["sentences", "scarce"])
def test_every_code_has_the_templates_of_english_in_their_order(language, table):
    theirs, ours = getattr(words(language), table), getattr(ENGLISH, table)
    assert list(theirs) == list(ours)
    for code, templates in ours.items():
        assert [placeholders(one) for one in theirs[code]] == [placeholders(one) for one in templates], code


@pytest.mark.parametrize("language", OTHERS)
def test_every_phrase_names_the_facts_of_english(language):
    theirs, ours = words(language).phrases, ENGLISH.phrases
    assert list(theirs) == list(ours)
    for name, template in ours.items():
        assert placeholders(theirs[name]) == placeholders(template), name


def told_in(language):
    """Yield the name and the template of everything that is said in a language, next to the English one."""
    theirs = words(language)
    for table, ours in ((theirs.sentences, ENGLISH.sentences), (theirs.scarce, ENGLISH.scarce)):
        for code, templates in ours.items():
            yield from ((code.value, said, english) for said, english in zip(table[code], templates, strict=True))
    yield from ((name, theirs.phrases[name], english) for name, english in ENGLISH.phrases.items())


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language):
    for name, said, english in told_in(language):
        bare = [CODE.sub("", text).strip(" .:,;|") for text in (said, english)]
        if name not in SAME and re.search(r"[a-z]{2}", bare[1]):
            assert bare[0] != bare[1], name


@pytest.mark.parametrize("language", OTHERS)
def test_a_sentence_is_a_sentence_and_a_few_words_are_a_few_words(language):
    for name, said, english in told_in(language):
        if name.startswith(("moment.", "number.", "unit.")):
            continue
        assert said.endswith((".", "…")) is english.endswith((".", "…")), name
        if english[0].isalpha() and not name.startswith(("mode.", "then.", "status.", "next", "nothing.", "page.")):
            noun = language is Language.DE and said[:1].isupper()
            assert said[:1].isupper() is english[0].isupper() or noun or not said[:1].isalpha(), name


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("begins", ["begins.waiting", "begins.on"])
def test_sentences_begin_alike_so_that_a_heading_can_take_the_beginning_away(language, begins):
    beginning, english = words(language).phrases[begins], ENGLISH.phrases[begins]
    for name, said, ours in told_in(language):
        assert said.startswith(beginning) is ours.startswith(english), name


@pytest.mark.parametrize("language", Language)
def test_every_template_can_be_filled_in(language):
    for name, said, _ in told_in(language):
        for when in ("14:05", "Di 06:00"):
            told = filled(said, dict.fromkeys(placeholders(said), when))
            assert "{" not in told, name
            assert "  " not in told, name
            assert "|" not in told, name


@pytest.mark.parametrize("language", Language)
def test_prepositions_come_in_two_and_stand_before_moments(language):
    for name, said, _ in told_in(language):
        for _, fact, spec, _ in Formatter().parse(said):
            if spec:
                assert fact in {"until", "by", "at", "likely_at", "departure", "last"}, name
                assert spec.count("|") == 1, name


def test_german_has_no_sharp_s():
    assert not [name for name, said, _ in told_in(Language.DE) if "ß" in said]


def test_french_and_german_and_italian_have_quotes_of_their_own():
    for language in OTHERS:
        assert not [name for name, said, _ in told_in(language) if re.search('[“”„"]', said)]


def test_french_does_not_break_lines_before_a_colon():
    said = " ".join(said for _, said, _ in told_in(Language.FR))
    assert not re.search(r" [:;!?»%]|« |[^ \N{NO-BREAK SPACE}][;!?»]", said)


# --- what the program says ------------------------------------------------------------------------------------------


def names_said():
    """Return the names that the program gives to ``phrase``, f-strings as patterns."""
    literal, patterns = set(), []
    for file in Path(noonward.__file__).parent.rglob("*.py"):
        if file.parent.name == "words" and file.stem != "__init__":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literal.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (re.escape(one.value) if isinstance(one, ast.Constant) else ".*" for one in node.values)
                patterns.append(re.compile("".join(parts)))
    return literal, [one for one in patterns if re.match(r"[a-z\\-]+\\\.", one.pattern)]


def test_every_phrase_is_said_somewhere():
    literal, patterns = names_said()
    translated = {"mode", "then", "online", "status"}  # facts: sentences.py looks them up by their name
    assert not [
        name
        for name in ENGLISH.phrases
        if name not in literal
        and name.partition(".")[0] not in translated
        and not any(pattern.fullmatch(name) for pattern in patterns)
    ]


def test_every_phrase_that_is_said_exists():
    calls = re.compile(r"\bphrase\(\s*\"([^\"]+)\"")
    for file in Path(noonward.__file__).parent.rglob("*.py"):
        for name in calls.findall(file.read_text(encoding="utf-8")):
            assert name in ENGLISH.phrases, f"{file.name}: {name}"


# --- refusals -------------------------------------------------------------------------------------------------------


def sentences_said():
    """Return every longer text of the program, as patterns: what an f-string fills in may be anything."""
    found = []
    for file in Path(noonward.__file__).parent.rglob("*.py"):
        if file.parent.name == "words":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            said = [one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len("".join(said)) > 12:  # what is shorter is like anything
                text = "".join(re.escape(one.value) if isinstance(one, ast.Constant) else ".+" for one in parts)
                found.append(re.compile(text.replace(r"\{\}", ".+") + r"\.?", re.IGNORECASE | re.DOTALL))
    return found


def test_every_language_translates_the_same_refusals_and_no_fact_is_made_up():
    german, *others = (words(language).refusals for language in OTHERS)
    assert all(list(one) == list(german) for one in others)
    for language in OTHERS:
        for english, said in words(language).refusals.items():
            assert placeholders(said) <= placeholders(english), english
            assert said != english


def test_every_refusal_that_is_translated_is_one_of_the_program():
    patterns = sentences_said()
    shown = {one: re.sub(r"\{\w+\}", "always-off", one) for one in words(Language.DE).refusals}
    assert not [one for one, said in shown.items() if not any(pattern.fullmatch(said) for pattern in patterns)]


@pytest.mark.parametrize(
    ("language", "english", "said"),
    [
        (Language.EN, "The old password is wrong.", "The old password is wrong."),
        (Language.DE, "The old password is wrong.", "Das bisherige Passwort stimmt nicht."),
        (Language.IT, "That was too often; try again in 30 s.", "È stato troppo spesso; riprovare tra 30 s."),
        (
            Language.DE,
            "sauna is in mode auto-solar; its switch works in mode manual only",
            "sauna hat die Betriebsart «Sonne»; der Schalter wirkt nur in «von Hand».",
        ),
        (Language.DE, "The energy must be more than 0 and at most 1000 kWh, not {x}.",
         "Die Energie muss mehr als 0 und höchstens 1000 kWh sein, nicht {x}."),
        (Language.FR, "pv_w must be a list of powers.", "pv_w must be a list of powers."),
    ],
)  # fmt: skip
def test_a_refusal_is_said_in_the_language_that_is_spoken(language, english, said):
    with speaking(language):
        told, known = refusal(english)
    assert (told.replace(NB, " "), known) == (said, language if told != english else Language.EN)


# --- how it reads -----------------------------------------------------------------------------------------------

ZURICH = "Europe/Zurich"
WAITS = Reason(ReasonCode.ON_DELAY, {"surplus_w": 2970.0, "on_above_w": 1800.0, "until": NOON + 300})
TOMORROW = Reason(ReasonCode.OUTSIDE_WINDOW, {"until": NOON + 18 * 3600})
AWAY = Reason(ReasonCode.SATISFIED, {"needed_wh": 6000.0, "until": NOON + 30 * 86_400})
NOTHING = Reason(ReasonCode.TOO_LITTLE_SURPLUS, {"surplus_w": -400.0, "on_above_w": 1500.0})
MODE = Reason(ReasonCode.OVERRIDE, {"by": "anna", "mode": "always-on", "until": NOON + 300, "reason": "Gäste"})
READS = [
    (Language.EN, WAITS, "Waiting: 2.97 kW is left and 1.8 kW is enough; it starts at 12:05 if that lasts."),
    (Language.DE, WAITS, "Wartet: 2,97 kW Überschuss, 1,8 kW genügen; Start um 12:05, wenn das anhält."),
    (Language.FR, WAITS, "En attente : surplus de 2,97 kW, 1,8 kW suffisent ; démarrage à 12:05 si cela dure."),
    (Language.IT, WAITS, "In attesa: eccedenza di 2,97 kW, ne bastano 1,8 kW; si avvia alle 12:05 se dura."),
    (Language.DE, TOMORROW, "Aus: Bis Di 06:00 ist kein Zeitfenster offen."),
    (Language.FR, TOMORROW, "À l'arrêt : aucune plage horaire n'est ouverte avant mar. 06:00."),
    (Language.IT, TOMORROW, "Spento: nessuna fascia oraria è aperta fino a mar 06:00."),
    (Language.DE, AWAY, "Ruht: Die nötigen 6 kWh sind da; der nächste Bedarf beginnt am 01.07.2026 12:00."),
    (Language.DE, NOTHING, "Wartet: kein Überschuss dafür, Start bei 1,5 kW."),
    (Language.FR, NOTHING, "En attente : surplus disponible nul, démarrage à 1,5 kW."),
    (Language.IT, NOTHING, "In attesa: eccedenza disponibile nulla, si avvia a 1,5 kW."),
    (Language.DE, MODE, "anna hat bis 12:05 die Betriebsart «immer ein» gewählt: Gäste"),
    (Language.FR, MODE, "anna a choisi le mode « toujours en marche » jusqu'à 12:05 : Gäste"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "reason", "told"), READS)
def test_it_reads_as_people_would_say_it(language, reason, told):
    with speaking(language):
        assert sentence(reason, now=NOON, timezone=ZURICH).replace(NB, " ") == told


@pytest.mark.parametrize(
    ("language", "numbers"),
    [
        (Language.EN, ["2.97 kW", "15.5 A", "20 %", "2 h 10 min", "3 d 4 h", "2026-07-01 12:00"]),
        (Language.DE, ["2,97 kW", "15,5 A", "20 %", "2 h 10 min", "3 Tg. 4 h", "01.07.2026 12:00"]),
        (Language.FR, ["2,97 kW", "15,5 A", "20 %", "2 h 10 min", "3 j 4 h", "01.07.2026 12:00"]),
        (Language.IT, ["2,97 kW", "15,5 A", "20 %", "2 h 10 min", "3 g 4 h", "01.07.2026 12:00"]),
    ],
)
def test_numbers_and_dates_are_written_as_in_the_language(language, numbers):
    with speaking(language):
        told = [
            wording.power(2970.0),
            wording.current(15.5),
            wording.share(0.2),
            wording.duration(7800.0),
            wording.duration(273_600.0),
            wording.moment(NOON + 30 * 86_400, now=NOON, timezone=ZURICH),
        ]
    assert [one.replace(NB, " ") for one in told] == numbers
    assert language is Language.EN or f"2,97{NB}kW" in told


def test_a_phrase_without_a_fact_that_it_names_is_a_mistake():
    with pytest.raises(KeyError):
        phrase("driver.met")


def test_whoever_says_a_phrase_gives_the_facts_that_it_names():
    asked = 0
    for file in Path(noonward.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "phrase"):
                continue
            name, given = node.args[0], {one.arg for one in node.keywords}
            if isinstance(name, ast.Constant) and None not in given:
                asked += 1
                assert placeholders(ENGLISH.phrases[name.value]) == given, f"{file.name}:{node.lineno}"
    assert asked > 50
