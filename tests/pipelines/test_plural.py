"""Numbers with their nouns."""

import pytest

from pipelines.plural import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 checks"), (1, "1 check"), (2, "2 checks"), (1126, "1,126 checks")],
)
def test_one_is_singular_and_thousands_are_marked(number: int, said: str) -> None:
    assert counted(number, "check") == said
