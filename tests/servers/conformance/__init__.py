"""The WebSocket server against RFC 6455, frame by frame: the table, what runs it, and what the libraries do alone."""

from tests.processes import ROOT

PAGE = ROOT / "lessons" / "reference" / "websocket-conformance.md"
