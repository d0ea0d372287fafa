"""The words of the pages: one catalogue, one file per language."""

from gettext import NullTranslations
from pathlib import Path

import pytest

from reports.words import text
from reports.words.text import Part, say, say_count, say_parts, speaking, spoken

GERMAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "{kpi} fell to {value}"
msgstr "Auf {value} fiel {kpi}"

msgid "{count} KPI"
msgid_plural "{count} KPIs"
msgstr[0] "{count} Kennzahl"
msgstr[1] "{count} Kennzahlen"
"""


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add German, as a translator would: one file."""
    (tmp_path / "de.po").write_text(GERMAN, encoding="utf-8")
    monkeypatch.setattr(text, "LANGUAGES", tmp_path)
    text._read.cache_clear()


def test_a_text_is_english_where_no_language_is_in_use() -> None:
    assert say("{kpi} fell to {value}", kpi="On time", value="91 %") == "On time fell to 91 %"
    assert say_count("{count} KPI", "{count} KPIs", 1) == "1 KPI"
    assert say_count("{count} KPI", "{count} KPIs", 3) == "3 KPIs"


@pytest.mark.usefixtures("german")
def test_a_language_is_one_file_and_orders_its_words_itself() -> None:
    with speaking("de"):
        assert say("{kpi} fell to {value}", kpi="Umsatz", value="3") == "Auf 3 fiel Umsatz"
        assert say_count("{count} KPI", "{count} KPIs", 3) == "3 Kennzahlen"
        link = Part("Umsatz", href="kpis/sales.html")
        assert say_parts("{kpi} fell to {value}", kpi=link, value="3") == (
            Part("Auf "), Part("3"), Part(" fiel "), link,
        )  # fmt: skip
    assert say("{kpi} fell to {value}", kpi="Umsatz", value="3") == "Umsatz fell to 3"


@pytest.mark.usefixtures("german")
def test_a_language_without_a_catalogue_is_english() -> None:
    assert spoken("de") == "de"
    assert spoken("nl") == "en"
    with speaking("nl"):
        assert isinstance(text._translations(), NullTranslations)
        assert say("Scorecard") == "Scorecard"


def test_braces_in_what_is_named_stay_as_they_are() -> None:
    assert say("{kpi}: {value}", kpi="{value}", value="{x!r}") == "{value}: {x!r}"


def test_a_text_that_names_what_is_not_given_fails() -> None:
    with pytest.raises(KeyError, match="value"):
        say("{kpi} fell to {value}", kpi="Umsatz")
