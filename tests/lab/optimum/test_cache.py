import os
from dataclasses import replace

import pytest

from noonward.lab import optimum
from noonward.lab.optimum import cache
from noonward.lab.optimum.jobs import jobs_of, limits_w
from support.games import MIDNIGHT, job, shipped, stay, with_cars, zone


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "noonward" / "optimum"


@pytest.fixture
def counted(monkeypatch):
    calls = []
    really = optimum.plan

    def plan(*args):
        calls.append(args)
        return really(*args)

    monkeypatch.setattr(optimum, "plan", plan)
    return calls


def a_day(pv_scale=2.0, kwh=6, max_power_w=22_080.0, need=5.0):
    played = job(shipped(1, pv_scale), kwh=kwh)
    day = (played.tape.start - MIDNIGHT) / 60
    return with_cars(played, zone(max_power_w=max_power_w), [stay(day + 480, day + 960, need)])


def test_the_second_time_it_is_only_read(folder, counted):
    first, second = optimum.optimum(a_day()), optimum.optimum(a_day())
    assert len(counted) == len(list(folder.iterdir())) == 1
    assert [one.draw_w for one in first.loads] == [one.draw_w for one in second.loads]
    assert [one.spans for one in first.loads] == [one.spans for one in second.loads]


@pytest.mark.parametrize(
    "change", [{"pv_scale": 2.1}, {"kwh": 5}, {"max_power_w": 11_040.0}, {"need": 5.1}], ids=lambda c: next(iter(c))
)
def test_whatever_differs_is_computed_again(folder, counted, change):
    optimum.optimum(a_day())
    optimum.optimum(a_day(**change))
    assert len(counted) == 2


def test_min_on_and_the_version_count_and_names_do_not():
    played = a_day()
    key = cache.key(1, jobs_of(played), played.net_w, limits_w(played))
    assert key != cache.key(2, jobs_of(played), played.net_w, limits_w(played))
    appliances = tuple(replace(one, min_on_s=3600.0) for one in played.site.appliances)
    longer = replace(played, site=replace(played.site, appliances=appliances))
    assert key != cache.key(1, jobs_of(longer), played.net_w, limits_w(played))
    other = replace(played, site=replace(played.site, name="elsewhere"))
    assert key == cache.key(1, jobs_of(other), other.net_w, limits_w(other))


@pytest.mark.parametrize("spoiled", [b"", b"nonsense", b"\x78\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_spoiled_file_is_computed_again(folder, counted, spoiled):
    optimum.optimum(a_day())
    (path,) = folder.iterdir()
    good = path.read_bytes()
    path.write_bytes(spoiled)
    optimum.optimum(a_day())
    assert len(counted) == 2
    assert path.read_bytes() == good


def test_where_nothing_can_be_written_it_is_computed_all_the_same(tmp_path, monkeypatch, counted):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert optimum.optimum(a_day()).loads
    assert optimum.optimum(a_day()).loads
    assert len(counted) == 2


def test_without_a_home_too(monkeypatch, counted):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setenv("XDG_CACHE_HOME", "relative/paths/are/ignored")
    monkeypatch.setattr(cache.Path, "home", nowhere)
    assert optimum.optimum(a_day()).loads


def test_only_the_latest_are_kept(folder, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 3)
    for k in range(5):
        cache.write(f"plan-{k}", [[float(k)]])
        os.utime(folder / f"plan-{k}", (k, k))
    assert {path.name for path in folder.iterdir()} == {"plan-2", "plan-3", "plan-4"}
