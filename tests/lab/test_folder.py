"""Run folders: which parts count, what is kept of them, and checksums."""

import hashlib
import os

from lab import finish, folder


def test_a_part_counts_once_its_last_file_is_written(tmp_path):
    for run, text in {0: "{}", 1: "", 2: "{}"}.items():
        folder.part(tmp_path, run).mkdir(parents=True)
        (folder.part(tmp_path, run) / "run.json").write_text(text)
    folder.part(tmp_path, 3).mkdir()
    assert folder.complete_parts(tmp_path) == [folder.part(tmp_path, 0), folder.part(tmp_path, 2)]
    assert folder.complete_parts(tmp_path / "nowhere") == []


def test_what_servers_wrote_stays_when_the_parts_go(tmp_path):
    for run, text in {0: "", 12: "Traceback …\n"}.items():
        folder.part(tmp_path, run).mkdir(parents=True)
        folder.server_log(tmp_path, run).write_text(text, encoding="utf-8")
    finish.merge(tmp_path)
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["012-server.log"]
    assert (tmp_path / folder.kept_log(12)).read_text(encoding="utf-8") == "Traceback …\n"


def test_where_servers_wrote_nothing_there_is_no_folder_of_logs(tmp_path):
    folder.part(tmp_path, 0).mkdir(parents=True)
    folder.server_log(tmp_path, 0).touch()
    finish.merge(tmp_path)
    assert not (tmp_path / "logs").exists()


def test_the_checksum_of_a_table_that_is_missing_is_left_out(tmp_path):
    (tmp_path / "publishes.parquet").write_bytes(b"x")
    assert folder.checksums(tmp_path) == {"publishes.parquet": hashlib.sha256(b"x").hexdigest()}


def test_two_comparisons_in_the_same_second_have_two_folders(tmp_path):
    first, second = folder.create(tmp_path, "x"), folder.create(tmp_path, "x")
    assert first != second and first.is_dir() and second.is_dir()


def test_latest_is_a_copy_where_links_are_refused(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError("privilege not held")

    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text(name)
    folder.point_latest(tmp_path / "one")
    assert (tmp_path / "latest").is_symlink()
    monkeypatch.setattr(os, "symlink", refuse)
    folder.point_latest(tmp_path / "one")
    folder.point_latest(tmp_path / "two")
    assert not (tmp_path / "latest").is_symlink()
    assert (tmp_path / "latest" / "report.html").read_text() == "two"
