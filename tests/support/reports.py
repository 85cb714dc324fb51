"""What a report's script would read, read in Python."""

from __future__ import annotations

import base64
import json
import re
import zlib
from html.parser import HTMLParser

from noonward.lab import baselines, simulate
from noonward.lab.changes import Changes
from noonward.lab.score import score
from noonward.report.pages import Played


def played(game, name="policies"):
    """Play a game and listen."""
    changes = Changes()
    run = simulate.play(game, engine=changes.engine)
    return Played(name=name, run=run, score=score(run, left_alone(game)), changes=changes)


def left_alone(game):
    return baselines.play("uncontrolled", game) if game.natural() else None


def plain(game, name):
    """The same game under a plain controller."""
    run = baselines.play(name, game)
    return Played(name=name, run=run, score=score(run, left_alone(game)))


def columns(text):
    """Yield every column of packed text."""
    data = zlib.decompress(base64.b64decode(text, validate=True), -zlib.MAX_WBITS)
    place = 0

    def number():
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return -(value + 1) // 2 if value & 1 else value // 2

    while place < len(data):
        found, value = [], 0
        for _ in range(number()):
            value += number()
            found.append(value)
        yield found


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def block(text, name):
    """The content of the script element with this id."""
    return re.search(rf'<script type="[^"]+" id="{name}">(.*?)</script>', text, re.DOTALL)[1]


def names(text):
    return json.loads(block(text, "names"))
