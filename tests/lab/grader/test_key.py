"""The answers that a check compares with, in plain sight and out of it."""

from lab.grader.key import PACKED, PLAIN, key, packed

TEXT = b'[case-01]\nfault = "buffering"\nframes = [15]\n'


def test_the_packed_key_is_the_same_key_and_shows_nothing(tmp_path):
    (tmp_path / PLAIN).write_bytes(TEXT)
    plain = key(tmp_path)
    (tmp_path / PLAIN).rename(tmp_path / "away")
    (tmp_path / PACKED).write_bytes(packed(TEXT))
    assert key(tmp_path) == plain == {"case-01": {"fault": "buffering", "frames": [15]}}
    assert b"buffering" not in packed(TEXT) and b"case" not in packed(TEXT)
