"""Turns a page object into HTML: one Jinja environment for a language, made once, that escapes everything and knows no undefined name.

Not here: what a page says (views), how templates are compiled (straight) and where a page is written (site).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.straight import StraightEnvironment
from reports.views.glossary import terms_on
from reports.words.language import NONE
from reports.words.status import WORDS
from reports.words.text import said_once, say, say_count, say_parts

TEMPLATES = Path(__file__).parent / "templates"


@said_once
def environment() -> Environment:
    """Return the environment of the language in use; compiled templates stay in memory, nothing is written beside them."""
    made = StraightEnvironment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.globals.update(
        kept=kept(),
        missing=missing(),
        statuses=WORDS,
        say=say,
        say_count=say_count,
        say_parts=say_parts,
        terms_on=terms_on,
    )
    return made


def missing() -> Callable[[str], str]:
    """Return what shows a value, and a missing one quietly; most cells of the tables ask for it."""
    quiet = Markup('<span class="quiet">{}</span>').format(say(NONE))

    def shown(value: str) -> str:
        return quiet if value == NONE else value

    return shown


def kept() -> Callable[..., Markup]:
    """Return what draws a part of a page; of the same thing it is drawn once, as long as no other of its name comes.

    Pages come KPI by KPI, so that one of each name is enough.
    """
    last: dict[str, tuple[object, Markup]] = {}

    def draw(name: str, of: object, *, caller: Callable[[], Markup]) -> Markup:
        found = last.get(name)
        if found is None or found[0] is not of:
            found = last[name] = (of, caller())
        return found[1]

    return draw


def render(template: str, page: Any) -> str:
    """Render a page object by the template of its kind, such as `kpi`."""
    return (
        environment().get_template(f"pages/{template}.html").render(page=page, page_kind=template)
    )
