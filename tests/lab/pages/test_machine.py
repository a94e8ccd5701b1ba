"""What `lab doctor` looks for, as a page has it."""

from lab import doctor


def test_every_probe_is_on_the_page_with_what_is_lost_without_it(convert):
    page = convert("{{ probes }}")
    assert page.count("<tr>") == len(doctor.PROBES) + 1
    assert [one.name for one in doctor.PROBES if f"<td>{one.name.replace('_', ' ')}</td>" not in page] == []
