import pytest

from noonward.access import audit
from noonward.access.audit import KEPT_S, PRUNED_EVERY, Entry
from support.access import Tables
from support.fakeengine import NOON


def entry(k=0, **more):
    return Entry(**{"at": NOON + k, "who": "anna", "how": "session", "address": "192.168.1.7"}
                 | {"what": "switch", "subject": "policies/boiler", "before": None, "after": {"switch_on": True}}
                 | more)  # fmt: skip


@pytest.fixture
def tables():
    found = Tables()
    for k in range(5):
        found(audit.append, entry(k))
    return found


def test_what_was_done_is_there_newest_first_and_by_the_page(tables):
    page = tables(audit.newest, 2)
    assert [number for number, _ in page] == [5, 4]
    assert page[0][1] == entry(4)
    assert [number for number, _ in tables(audit.newest, 10, before=4)] == [3, 2, 1]


TAMPERING = {
    "changed": ("UPDATE audit SET entry = replace(entry, 'anna', 'bob') WHERE id = 3", 3),
    "taken out": ("DELETE FROM audit WHERE id = 3", 4),
    "hash made to fit": ("UPDATE audit SET hash = randomblob(32) WHERE id = 3", 3),
    "swapped": ("UPDATE audit SET id = CASE id WHEN 2 THEN -3 WHEN 3 THEN 2 END WHERE id IN (2, 3)", 1),
}


@pytest.mark.parametrize(("statement", "found"), TAMPERING.values(), ids=TAMPERING)
def test_whoever_changes_the_past_breaks_the_chain(tables, statement, found):
    assert tables(audit.broken) is None
    tables(lambda db: db.execute(statement))
    assert tables(audit.broken) is not None
    if "swapped" not in statement and found > 1:
        assert tables(audit.broken) == found
        assert tables(audit.broken, found + 1) is None
        assert tables(audit.broken, 1, found - 1 if found == 3 else 2) is None


def test_a_start_looks_at_the_newest(tables, monkeypatch):
    monkeypatch.setattr(audit, "LOOKED_AT", 2)
    tables(lambda db: db.execute("UPDATE audit SET entry = replace(entry, 'anna', 'bob') WHERE id = 2"))
    assert tables(audit.broken_lately) is None
    tables(lambda db: db.execute("UPDATE audit SET entry = replace(entry, 'anna', 'bob') WHERE id = 4"))
    assert tables(audit.broken_lately) == 4
    assert tables(audit.broken) == 2


def test_the_chain_holds_where_old_entries_went(tables):
    for k in range(5, PRUNED_EVERY - 1):
        tables(audit.append, entry(k))
    tables(audit.append, entry(KEPT_S + 100.5))
    assert [number for number, _ in tables(audit.newest, PRUNED_EVERY)][-1] == 102
    assert tables(audit.broken) is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("anna\nbob", "anna\\u000abob"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("\x00", "\\u0000"),
        ("\ud800", "\\ud800"),
        ("Zoë <b>", "Zoë <b>"),
        ("x" * 500, "x" * 399 + "…"),
    ],
)
def test_no_text_forges_what_is_around_it(tables, sent, kept):
    tables(audit.append, entry(who=sent, before={sent: [sent]}))
    ((_, found),) = tables(audit.newest, 1)
    assert found.who == kept
    assert found.before == {kept: [kept]}
    assert tables(audit.broken) is None


def test_what_is_too_long_is_left_out(tables):
    tables(audit.append, entry(after={str(k): "x" * 100 for k in range(100)}))
    assert tables(audit.newest, 1)[0][1].after == {"left_out": "100 keys, too long to keep"}
