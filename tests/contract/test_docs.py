"""The examples in the docs run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from processors.fold import load_rules
from schemas.catalogue import SHIPPED, load_catalogue
from tests.builders import CATALOGUE, batch, frame, opening, pure_fold, replay

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> dict[str, str]:
    """The code blocks of a page by the file that their first line names."""
    text = (DOCS / page).read_text("utf-8")
    found = re.findall(rf"^```{language}\n# (\S+)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return {name: f"# {name}\n{code}" for name, code in found}


RULE = blocks("adding-a-signal.md", "python")["processors/rules/breadth.py"]
TEST = blocks("adding-a-signal.md", "python")["tests/unit/processors/rules/test_breadth.py"]
ENTRY = blocks("adding-a-signal.md", "toml")["schemas/signals.toml"]


@pytest.fixture
def breadth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The rule of the docs, where the docs say it is, loaded by its entry in the catalogue."""
    import processors.rules

    (tmp_path / "breadth.py").write_text(RULE, "utf-8")
    (tmp_path / "signals.toml").write_text(SHIPPED.read_text("utf-8") + ENTRY, "utf-8")
    monkeypatch.setattr(processors.rules, "__path__", [*processors.rules.__path__, str(tmp_path)])
    monkeypatch.setitem(sys.modules, "processors.rules.breadth", ModuleType("gone afterwards"))
    del sys.modules["processors.rules.breadth"]
    return load_rules(load_catalogue(tmp_path / "signals.toml"))[-1]


def test_the_new_signal_stands_beside_the_five(breadth):
    frames = [frame("10:00", rest=1.0), frame("10:00:01", rest=-4.0)]
    numbered = list(enumerate([opening(confirm_sec=0), *map(batch, frames)]))
    events = pure_fold(numbered, [*CATALOGUE, breadth])
    assert [(e.subject, e.after.decision) for e in events if e.signal_type == "breadth"] == [
        ("BOOK", "broad"),
        ("BOOK", "narrow"),
    ]
    assert [e for e in events if e.signal_type != "breadth"] == pure_fold(numbered, CATALOGUE)


def test_the_new_signal_has_a_view_with_its_numbers(breadth):
    state, _ = replay(breadth, [opening(), frame("10:00", rest=1.0)])
    (view,) = breadth.views(state)
    assert (view.signal_type, view.subject, view.data["up_pct"]) == ("breadth", "BOOK", 100.0)
    assert view.data["message"] == "100% 종목 상승: 고른 장세"


def test_the_test_in_the_docs_passes(tmp_path):
    (tmp_path / "breadth.py").write_text(RULE, "utf-8")
    (tmp_path / "test_breadth.py").write_text(TEST, "utf-8")
    (tmp_path / "conftest.py").write_text(
        f"import processors.rules\nprocessors.rules.__path__.append({str(tmp_path)!r})\n", "utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_code_in_the_docs_is_as_clean_as_the_rest(tmp_path):
    for page in ("topics.md", "adding-a-signal.md"):
        for name, code in blocks(page, "python").items():
            path = tmp_path / Path(name).name
            path.write_text(code, "utf-8")
    for check in (
        ["check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), "--extend-ignore=I001"],  # not in its place
        ["format", "--check", "--line-length=110"],
    ):
        ruff = [sys.executable, "-m", "ruff", *check, str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_links_in_the_docs_lead_somewhere():
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text("utf-8")):
            assert (DOCS / target).exists(), f"{page.name}: {target}"
