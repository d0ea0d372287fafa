"""Every command, option, exit code and setting is documented, and every documented one exists."""

import re
from pathlib import Path

import click

from pipelines.cli import main
from transforms.catalogue import markdown

PROJECT = Path(__file__).parents[1]
PAGE = (PROJECT / "docs" / "reference" / "commands.md").read_text("utf-8")


def commands() -> dict[str, click.Command]:
    """Give the commands by name."""
    assert isinstance(main, click.Group)
    return dict(main.commands)


def test_every_command_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `steelyard (\w+)", PAGE, flags=re.MULTILINE))
    assert documented == set(commands())


def test_every_option_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `(--[\w-]+)", PAGE, flags=re.MULTILINE))
    existing = {
        name
        for command in commands().values()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
        if name.startswith("--") and name != "--help"
    }
    assert documented == existing


def test_every_setting_that_the_code_reads_is_documented() -> None:
    code = "\n".join(
        path.read_text("utf-8")
        for folder in ("pipelines", "connectors", "transforms", "reports", "scorecard", "tests")
        for path in (PROJECT / folder).rglob("*.py")
    )
    for setting in set(re.findall(r"\bSTEELYARD_[A-Z]+\b", code)) - {"STEELYARD_NORTHWIND"}:
        assert f"`{setting}`" in PAGE, setting


def test_the_warehouse_page_is_up_to_date() -> None:
    page = (PROJECT / "docs" / "reference" / "warehouse.md").read_text("utf-8")
    assert page == markdown(), "run `make reference`"
