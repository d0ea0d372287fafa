"""Turns a page object into HTML: one Jinja environment, made once, that escapes everything and knows no undefined name.

Not here: what a page says (views) and where it is written (site).
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.status import WORDS
from reports.text import say, say_count, say_parts

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Return the one environment; compiled templates stay in memory, nothing is written beside them."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.globals.update(statuses=WORDS, say=say, say_count=say_count, say_parts=say_parts)
    return made


def render(template: str, page: Any) -> str:
    """Render a page object by the template of its kind, such as `kpi`."""
    return environment().get_template(f"pages/{template}.html").render(page=page)
