"""The load users, each against a real server; the same tests for each."""
