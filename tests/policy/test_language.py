"""Tests of the language that is spoken: which one a browser gets, and that two conversations stay apart."""

import asyncio

import pytest

from noonward.policy.language import Language, preferred, speaking, spoken

EN, DE, FR, IT = Language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, EN),
        ("", EN),
        ("de", DE),
        ("de-CH", DE),
        ("DE-ch,de;q=0.9,en;q=0.8", DE),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", FR),
        ("en;q=0.3, it;q=0.9, de;q=0.8", IT),
        ("it;q=0.5, fr;q=0.5", IT),
        ("rm-CH, de;q=0.7", DE),
        ("ja, zh;q=0.9", EN),
        ("*", EN),
        ("rm, *;q=0.5, it;q=0.4", EN),
        ("de;q=0, en;q=0.1", EN),
        ("en;q=0, *", DE),
        ("de;q=0", EN),
        ("de;q=loud", DE),
        ("de;q=nan, fr", DE),
        ("de ; q=0.2 , fr ; Q=0.4", FR),
        (";;;,,q=1,=", EN),
        ("german", EN),
    ],
)
def test_a_browser_gets_the_language_it_likes_best(header, language):
    assert preferred(header) is language


@pytest.mark.parametrize(
    ("tag", "language"),
    [("it", IT), ("IT_it.UTF-8", IT), (" fr-CA ", FR), ("de-Latn-CH", DE), ("", None), (None, None), ("deu", None)],
)
def test_a_tag_names_a_language_or_none(tag, language):
    assert Language.of(tag) is language


def test_english_is_spoken_until_somebody_asks_for_another():
    assert spoken() is EN
    with speaking(DE):
        assert spoken() is DE
        with speaking(FR):
            assert spoken() is FR
        assert spoken() is DE
    assert spoken() is EN


def test_two_conversations_at_a_time_stay_apart():
    async def told(language: Language) -> list[Language]:
        with speaking(language):
            before = spoken()
            await asyncio.sleep(0)
            return [before, spoken()]

    async def both() -> list[list[Language]]:
        return await asyncio.gather(told(IT), told(FR))

    assert asyncio.run(both()) == [[IT, IT], [FR, FR]]
