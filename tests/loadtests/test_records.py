"""loadtests/records.py: what is written is what is read."""

from pathlib import Path

import polars as pl
import pytest

from loadtests import records
from loadtests.records import RunInfo

INFO = RunInfo(
    run=0, transport="sse", poll_interval_s=None, scenario="steady", seed=1, url="http://127.0.0.1:1", users=2, rooms=1,
    window_begin_ns=1, window_end_ns=2, publish_end_ns=2, collected_ns=3, server_cpu_begin_ns=None,
    server_cpu_end_ns=None, generator_cpu_ns_window=5, offered=1, skipped_polls=0, errors={"a": 1},
    capabilities={"tcp_info": False},
)  # fmt: skip


def filled() -> records.Recorder:
    recorder = records.Recorder()
    row = recorder.published("room", "id-1", 1, 5, 10, 11)
    recorder.published("room", "id-2", 1, 5, 20, -1)
    recorder.acked(row, 12, 201)
    recorder.delivered(0, 7, "room", "id-1", "e", 1, 13)
    poll = recorder.request_began(7, 0, "poll", 9, True)
    recorder.request_answered(poll, 200)
    recorder.request_carried(poll, 1)
    recorder.request_ended(poll, 13)
    recorder.request_began(7, 0, "poll", 14, False)
    recorder.tables["generator"].append(5, 100, -1, -1, -1, -1.0)
    return recorder


def test_rows_come_back_with_their_run_types_and_nulls(tmp_path: Path) -> None:
    records.write_part(tmp_path, INFO, filled().tables)
    publishes = records.scan(tmp_path, "publishes").collect()
    assert publishes.rows() == [
        (0, "room", "id-1", 1, 5, 10, 11, 12, 201),
        (0, "room", "id-2", 1, 5, 20, None, None, 0),
    ]
    requests = records.scan(tmp_path, "requests").collect()
    assert requests.rows() == [(0, 7, 0, "poll", 9, 13, 200, 1, True), (0, 7, 0, "poll", 14, None, 0, 0, False)]
    assert records.scan(tmp_path, "generator").collect().rows() == [(0, 5, 100, None, None, None, None, 0)]
    assert records.read_info(tmp_path) == INFO


@pytest.mark.parametrize("table", records.TABLES)
def test_every_table_has_its_columns_and_types_whether_empty_or_not(tmp_path: Path, table: str) -> None:
    for name, recorder in (("filled", filled()), ("empty", records.Recorder())):
        records.write_part(tmp_path / name, INFO, recorder.tables)
        on_disk = records.scan(tmp_path / name, table).collect_schema()
        assert on_disk == pl.Schema(records.schema(table))
        assert next(iter(on_disk)) == "run"


def test_parts_merge_into_tables_told_apart_by_run(tmp_path: Path) -> None:
    import msgspec

    infos = [msgspec.structs.replace(INFO, run=run) for run in (0, 1)]
    parts = [tmp_path / str(info.run) for info in infos]
    for part, info in zip(parts, infos, strict=True):
        records.write_part(part, info, filled().tables)
    assert records.merge_parts(parts, tmp_path / "whole") == infos
    deliveries = records.scan(tmp_path / "whole", "deliveries").collect()
    assert deliveries["run"].to_list() == [0, 1]


def test_a_folder_from_before_a_column_was_added_is_read_with_what_it_stands_for(tmp_path: Path) -> None:
    records.write_part(tmp_path, INFO, filled().tables)
    path = tmp_path / "generator.parquet"
    pl.read_parquet(path).drop("worker").write_parquet(path)
    assert records.scan(tmp_path, "generator").collect()["worker"].to_list() == [0]


def test_no_parts_merge_into_empty_tables(tmp_path: Path) -> None:
    assert records.merge_parts([], tmp_path) == []
    assert all(records.scan(tmp_path, table).collect().is_empty() for table in records.TABLES)
