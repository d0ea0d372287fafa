"""How templates are compiled, and that a part that many pages show alike is drawn once."""

import gc
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest
from jinja2 import DictLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from reports.edition import KEPT, edition_of
from reports.groups import PAGES
from reports.render import kept
from reports.site import Builder
from reports.straight import StraightEnvironment
from reports.warehouse.published import read
from reports.words.language import REMEMBERED, language_of

MACROS = '{% macro named(name, note="none") %}<b>{{ name }}</b>{{ note }}{% endmacro %}'


@dataclass(frozen=True)
class Row:
    """A row of a page object."""

    name: str = "<Tea & milk>"


def _drawn(template: str, **given: object) -> str:
    environment = StraightEnvironment(
        loader=DictLoader({"macros": MACROS, "page": template}),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page").render(**given)


@pytest.mark.parametrize(
    ("template", "drawn"),
    [
        ("{{ row.name }}", "&lt;Tea &amp; milk&gt;"),
        ("{{ 3 }} {{ row.name|length }}", "3 12"),
        ("{{ markup }}", "<i>"),
        ('{{ "x" if row.name else named(1) }}', "x"),
        ("{% set made %}<u>{{ row.name }}</u>{% endset %}{{ made }}", "<u>&lt;Tea &amp; milk&gt;</u>"),
        ("{{ named(row.name) }}", "<b>&lt;Tea &amp; milk&gt;</b>none"),
        ('{{ named(row.name, note="<") }}', "<b>&lt;Tea &amp; milk&gt;</b>&lt;"),
        ('{{ named(note="a", name="b") }}', "<b>b</b>a"),
        ("{% for one in [1, 2] %}{{ one }}{% if not loop.last %}, {% endif %}{% endfor %}", "1, 2"),
        ("{% block main %}{% for one in [1, 2] %}{{ named(one) }}{% endfor %}{% endblock %}",
         "<b>1</b>none<b>2</b>none"),
    ],
)  # fmt: skip
def test_what_is_put_out_is_escaped_once(template, drawn) -> None:
    imported = '{% from "macros" import named %}' + template
    assert _drawn(imported, row=Row(), markup=Markup("<i>")) == drawn


def test_text_and_markup_of_the_same_letters_are_told_apart() -> None:
    template = "{{ text }}{{ markup }}{{ text }}"
    assert _drawn(template, text="<i>", markup=Markup("<i>")) == "&lt;i&gt;<i>&lt;i&gt;"


@pytest.mark.parametrize("template", ["{{ row.nothing }}", "{{ nothing }}", "{{ nothing.name }}"])
def test_what_is_not_there_ends_the_page(template) -> None:
    with pytest.raises((AttributeError, UndefinedError)):
        _drawn(template, row=Row())


def test_a_macro_refuses_what_it_does_not_name() -> None:
    with pytest.raises(TypeError, match="other"):
        _drawn('{% from "macros" import named %}{{ named(1, other=2) }}')


def test_a_part_is_drawn_once_of_the_same_thing() -> None:
    draw, drawn = kept(), []

    def caller() -> Markup:
        drawn.append(1)
        return Markup("%s") % len(drawn)

    first, second = Row(), Row()
    assert [draw("a", of, caller=caller) for of in (first, first, second, first)] == list("1123")
    assert draw("b", first, caller=caller) == "4"


def test_what_is_made_of_a_thing_is_made_once_and_not_kept_for_ever(warehouse) -> None:
    published = read(warehouse)
    edition = edition_of(published)
    made = []
    things = [Row(str(number)) for number in range(KEPT + 1)]
    for thing in [*things, things[-1], things[0]]:
        edition.once(lambda *_: made.append(1), thing)
    assert edition.once(_name, things[0]) == "0"
    assert edition.once(_name, Row("0")) == "0"
    assert len(edition._made) == KEPT
    assert not edition.at(1)._made
    published.close()


def _name(_: object, row: Row) -> str:
    return row.name


def test_numbers_that_were_written_are_not_kept_for_ever() -> None:
    language = language_of("en_GB", "EUR")
    for number in range(REMEMBERED + 10):
        assert language.number(number).replace(",", "") == str(number)
    assert len(language._texts) <= REMEMBERED


def test_pages_make_no_cycles(warehouse, tmp_path) -> None:
    """The collector of cycles seldom runs while pages are made: what they leave must go by itself.

    Counted in a process that does nothing else, as those that build pages: here other tests leave theirs.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(_cycles, warehouse, tmp_path).result() == 0


def _cycles(warehouse: Path, out: Path) -> int:
    """Build the same pages twice, and return what the collector finds after the second time."""
    published = read(warehouse)
    edition = edition_of(published)
    work = next(iter(PAGES["kpis"].divided(edition, "kpis")))
    builder = Builder(edition, out)
    builder.build(work)
    gc.collect()
    gc.disable()
    builder.build(work)
    return gc.collect()
