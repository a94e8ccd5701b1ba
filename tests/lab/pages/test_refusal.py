"""What is wrong on a page stops the site's build with its name and one sentence."""

import subprocess
import sys

from tests.processes import ROOT

CONFIG = """site_name: A course
docs_dir: {folder}
site_dir: {folder}-built
markdown_extensions: [lab.pages]
"""


def test_a_page_that_is_wrong_stops_the_build_by_a_sentence_that_names_it(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "wrong.md").write_text("# Wrong\n\n{{ value irc-room pigeon latency_p50 }}\n")
    (tmp_path / "mkdocs.yml").write_text(CONFIG.format(folder=tmp_path / "pages"))
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", tmp_path / "mkdocs.yml"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 1
    assert "'wrong.md'" in built.stderr and "Error: irc-room has no row 'pigeon': it has " in built.stderr
    assert "Traceback" not in built.stderr
