"""What is known of the machine; what is not is None."""

from lab import machine


def test_the_facts_are_this_machines():
    import psutil

    facts = machine.facts()
    assert facts["memory_bytes"] == psutil.virtual_memory().total
    assert facts["cpus"] >= 1 and facts["kernel"] and facts["python"]


def test_without_git_there_is_no_commit(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.git(tmp_path, "status") is None


def test_where_the_system_does_not_say_it_is_none(monkeypatch):
    monkeypatch.delattr(machine.os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(machine.os, "getloadavg", raising=False)
    assert machine.allowed_cpus() == [] and machine.load_average() is None
    assert machine.sysctl("no/such/name") is None
    assert "flask" in machine.packages()
