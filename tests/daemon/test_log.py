"""What the log looks like to programs and to people."""

import io
import logging

import pytest

from noonward.daemon import log


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def to():
    root = logging.getLogger()
    kept, level, ours = root.handlers[:], root.level, logging.getLogger("noonward").level

    def start(stream):
        log.set_up(stream)
        return stream

    yield start
    root.handlers[:] = kept
    root.setLevel(level)
    logging.getLogger("noonward").setLevel(ours)


def test_for_programs_one_line_with_priority_and_pairs(to):
    out = to(io.StringIO())
    log.say("outage", "grid meter is away", source="grid-meter", age_s=1.23456, nothing=None, odd='a "b"\nc')
    log.warn("outage", "again")
    assert out.getvalue() == (
        '<6>event=outage source=grid-meter age_s=1.235 odd="a \\"b\\"\\nc" msg="grid meter is away"\n'
        "<4>event=outage msg=again\n"
    )


def test_a_trace_is_one_line_for_programs(to):
    out = to(io.StringIO())
    try:
        _ = 1 / 0
    except ZeroDivisionError as error:
        log.alarm("engine-fault", "the step raised", error)
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().startswith("<3>event=engine-fault trace=")
    assert "ZeroDivisionError" in out.getvalue()


def test_for_people_time_mark_and_sentence(to):
    out = to(Terminal())
    log.say("decision", "boiler is on", policy="boiler")
    log.warn("outage", "away")
    first, second = out.getvalue().splitlines()
    assert first[2] == first[5] == ":"
    assert first[8:] == "  boiler is on"
    assert second[8:] == "  ! away"


def test_other_libraries_say_warnings_only(to):
    out = to(io.StringIO())
    logging.getLogger("somebody").info("chatter")
    logging.getLogger("pymodbus").error("frames")
    logging.getLogger("somebody").warning("look")
    assert out.getvalue() == "<4>event=somebody msg=look\n"
