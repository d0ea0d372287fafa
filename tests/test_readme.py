"""Every command of the README's tutorial is run, from an empty folder, and says what the text says it does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text("utf-8")


def tutorial() -> list[str]:
    """Give the shell blocks of the tutorial, in order."""
    text = README.split("## Tutorial", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Run the tutorial as a reader would, in one shell that stops at the first command that fails."""
    folder = tmp_path_factory.mktemp("tutorial")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if k != "STEELYARD_HOME"} | {"PATH": path}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(tutorial())],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, folder / "bakery" / ".steelyard" / "current"


def test_the_tutorial_has_all_its_steps() -> None:
    assert len(tutorial()) == 6


def test_the_tutorial_runs_and_prints_where_the_page_is(worked: tuple[str, Path]) -> None:
    output, current = worked
    assert "site/index.html" in output
    assert (current / "site" / "kpis" / "revenue.html").is_file()


def test_the_tutorials_numbers_are_true(worked: tuple[str, Path]) -> None:
    """The text says that revenue in September came to 465.40, over its target of 450."""
    assert "Revenue in September came to 465.40, over its target of 450" in README.replace(
        "\n", " "
    )
    with duckdb.connect(str(worked[1] / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select actual, target, band from scorecard.kpi_score where kpi_id = 'revenue' "
            "and unit_id = 'bakery' and grain = 'month' and period_start_date = '2026-09-01'"
        ).fetchall()
    assert rows == [(465.40, 450.0, "on_track")]


def test_the_commands_at_the_top_are_targets_of_the_makefile() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    top = README.split("## ", 1)[0]
    targets = re.findall(r"^make (\w+)", top, flags=re.MULTILINE)
    assert targets == ["run", "test", "dev", "serve"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (PROJECT / link).exists()] == []
