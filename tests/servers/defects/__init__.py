"""What is wrong with `servers/minimal/`, each defect by one probe against both: there it shows, here it is mended."""

from tests.processes import ROOT

PAGE = ROOT / "lessons" / "reference" / "defects.md"
