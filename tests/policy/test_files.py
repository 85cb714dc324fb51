"""``noonward.policy.files``."""

from __future__ import annotations

import os

import pytest

from noonward.policy import files
from support.policyfolder import write


def names(folder):
    found, problems = files.find(folder, "p")
    return [name for _, name in found], [(p.code, p.file, p.message) for p in problems]


def test_every_yaml_file_below_is_found_in_order(tmp_path):
    write(
        tmp_path,
        dict.fromkeys(["b.yaml", "a.yml", "tests/x.yaml", "tests/deep/y.yaml", "templates/t.yaml", "tests/templates/t.yaml", ".git/z.yaml", ".hidden.yaml", "tapes/june.csv", "README.md"], "x: 1"),
    )  # fmt: skip
    assert names(tmp_path) == (["p/a.yml", "p/b.yaml", "p/site.yaml", "p/tests/deep/y.yaml", "p/tests/x.yaml"], [])


def test_the_current_folder_is_not_named(tmp_path):
    write(tmp_path, {})
    assert [name for _, name in files.find(tmp_path, ".")[0]] == ["site.yaml"]


def test_a_link_to_a_file_is_followed_and_a_link_to_a_folder_is_a_problem(tmp_path):
    write(tmp_path, {"a.yaml": "x: 1"})
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    (tmp_path / "round").symlink_to(".")
    found, problems = names(tmp_path)
    assert found == ["p/a.yaml", "p/b.yaml", "p/site.yaml"]
    assert problems == [("F005", "p/round", "a link to a folder is not followed")]


def test_folders_without_end_are_a_problem(tmp_path):
    deep = tmp_path.joinpath(*["d"] * 14)
    deep.mkdir(parents=True)
    found, problems = names(tmp_path)
    assert (found, [code for code, _, _ in problems]) == ([], ["F007"])


def test_files_without_end_are_a_problem(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILES", 3)
    write(tmp_path, {f"{i}.yaml": "x: 1" for i in range(9)})
    found, problems = names(tmp_path)
    assert (len(found), problems) == (3, [("F007", "p", "more than 3 YAML files")])


def fail(path):
    with pytest.raises(files.Unreadable) as caught:
        files.read(path, "p/x.yaml")
    problem = caught.value.problem
    assert (problem.file, problem.severity) == ("p/x.yaml", "error")
    return problem.code, problem.message


def test_text_is_read_with_and_without_a_byte_order_mark(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa4\n")
    assert files.read(path, "x").text == "a: ä\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a" * (256 * 1024 + 1), ("F004", "larger than 256 KB: 262 kB")),
        (b"a" * 10_000_000, ("F004", "larger than 256 KB: 10.0 MB")),
        (b"a: 1\nb: \xff\n", ("F003", "not a UTF-8 text file: line 2 has bytes that are no text")),
        ("a: 1".encode("utf-16"), ("F003", "not a UTF-8 text file: line 1 has bytes that are no text")),
    ],
    ids=["a little too large", "10 MB", "not UTF-8", "UTF-16"],
)
def test_what_is_no_text_of_ours_is_refused(tmp_path, raw, expected):
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    assert fail(path) == expected


def test_what_is_no_file_is_refused(tmp_path):
    path = tmp_path / "x.yaml"
    assert fail(path) == ("F001", "there is no such file or folder")
    assert fail(path / "y") == ("F001", "there is no such file or folder")
    path.symlink_to("x.yaml")
    assert fail(path) == ("F005", "a symbolic link that leads back to itself")
    path.unlink()
    os.mkfifo(path)
    assert fail(path) == ("F003", "not a file")
    path.unlink()
    path.mkdir()
    assert fail(path) == ("F003", "not a file")
    assert fail(tmp_path / ("x" * 300)) == ("F001", "the path is too long")


def test_what_may_not_be_read_is_refused(tmp_path, monkeypatch):
    """The tests may run as root, who may read anything: the refusal itself is played."""

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, {}) / "site.yaml"
    monkeypatch.setattr(type(path), "read_bytes", refuse)
    assert fail(path) == ("F002", "may not be read")


def test_a_folder_that_may_not_be_listed_is_a_problem(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.os, "scandir", refuse)
    assert names(tmp_path) == ([], [("F002", "p", "may not be read")])
