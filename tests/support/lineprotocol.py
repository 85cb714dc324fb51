"""InfluxDB's line protocol, read by the rules of its reference, character by character; shares nothing with the writer.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/ (special characters, quotes, comments): in a
measurement comma and space are escaped; in tag keys, tag values and field keys the equals sign as well; a backslash
before anything else is itself. In a text quote and backslash are escaped.
"""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    measurement: str
    tags: dict[str, str]
    fields: dict[str, float | bool | str]
    at: int


def parse(text: str) -> list[Point]:
    return [_Reader(line).point() for line in text.split("\n") if line and not line.startswith("#")]


class _Reader:
    def __init__(self, line: str) -> None:
        self.line = line
        self.k = 0

    def point(self) -> Point:
        measurement = self._until(", ", escapable=", ")
        tags, fields = {}, {}
        while self._next() == ",":
            key = self._until("=", escapable=",= ")
            self._expect("=")
            value = self._until(", ", escapable=",= ")
            assert key, self.line
            assert value, f"an empty tag value: {self.line}"
            assert key not in tags, self.line
            tags[key] = value
        while True:
            key = self._until("=", escapable=",= ")
            self._expect("=")
            assert key, self.line
            assert key not in fields, self.line
            fields[key] = self._value()
            if self._next() == " ":
                break
        rest = self.line[self.k :]
        assert rest.lstrip("-").isdecimal(), self.line
        assert measurement, self.line
        return Point(measurement, tags, fields, int(rest))

    def _next(self) -> str:
        self.k += 1
        return self.line[self.k - 1]

    def _expect(self, char: str) -> None:
        assert self._next() == char, self.line

    def _until(self, ends: str, escapable: str) -> str:
        found = []
        while self.line[self.k] not in ends:
            if self.line[self.k] == "\\" and self.line[self.k + 1] in escapable:
                self.k += 1
            found.append(self._next())
        return "".join(found)

    def _value(self) -> float | bool | str:
        if self.line[self.k] == '"':
            self.k += 1
            found = []
            while (char := self._next()) != '"':
                if char == "\\" and self.line[self.k] in '"\\':
                    char = self._next()
                found.append(char)
            return "".join(found)
        word = self._until(", ", escapable="")
        if word in {"t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE"}:
            return word[0] in "tT"
        return int(word[:-1]) if word.endswith("i") else float(word)
