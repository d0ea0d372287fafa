"""Turns a page object into HTML: one Jinja environment, made once, that escapes everything and knows no undefined name.

Not here: what a page says (views) and where it is written (site).
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from reports.views.glossary import terms_on
from reports.words.status import WORDS
from reports.words.text import say, say_count, say_parts

TEMPLATES = Path(__file__).parent / "templates"


class _Straight(CodeGenerator):
    """Compiles templates so that what is put out is escaped once per text, and not wrapped as markup only to be joined."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"environment.shown({finalize.src or ''}")


class _Environment(Environment):
    """Jinja's environment with that compiler."""

    code_generator_class = _Straight

    @staticmethod
    def shown(value: object) -> str:
        """Return a value as it is put out, escaped unless it is markup."""
        if type(value) is str:
            return _escaped(value)
        return value if type(value) is Markup else escape(value)


@lru_cache(maxsize=8192)
def _escaped(text: str) -> str:
    """Return a text escaped; the same few thousand words and numbers stand on most pages."""
    return str(escape(text))


@cache
def environment() -> Environment:
    """Return the one environment; compiled templates stay in memory, nothing is written beside them."""
    made = _Environment(
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
        statuses=WORDS, say=say, say_count=say_count, say_parts=say_parts, terms_on=terms_on
    )
    return made


def render(template: str, page: Any) -> str:
    """Render a page object by the template of its kind, such as `kpi`."""
    return (
        environment().get_template(f"pages/{template}.html").render(page=page, page_kind=template)
    )
