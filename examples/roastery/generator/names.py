"""Invented names of people and firms.

Not here: anything that would tell them apart; two people may share a name.
"""

from random import Random

_FIRST = (
    "Anna", "Béla", "Clara", "Daniel", "Elif", "Fatma", "Georg", "Hanna", "Ines", "Jürgen", "Käthe", "Lukas", "Mia",
    "Noah", "Özlem", "Paula", "Quirin", "Rosa", "Søren", "Thérèse", "Ulf", "Vera", "Wiebke", "Yannick", "Zoë",
)  # fmt: skip
_LAST = (
    "Albrecht", "Böhm", "Çelik", "Dörfler", "Engel", "Fürst", "Groß", "Hübner", "Ibsen", "Jäger", "Köhler", "Lücke",
    "Möller", "Nuñez", "Olbrich", "Prüfer", "Raabe", "Schäfer", "Thürmer", "Ullmann", "Vogt", "Weiß", "Yilmaz", "Zöller",
)  # fmt: skip
_KIND = ("Café", "Rösterei-Bar", "Kantine", "Hotel", "Feinkost", "Bäckerei")
_WORD = (
    "Morgenrot",
    "Zum Anker",
    "Lindenhof",
    "Nordlicht",
    "Alte Post",
    "Am Markt",
    "Sonnenseite",
    "Kranich",
    "Elbe 7",
)


def person(draw: Random) -> tuple[str, str]:
    """Give a first and a last name."""
    return draw.choice(_FIRST), draw.choice(_LAST)


def wholesaler(draw: Random) -> str:
    """Give the name of a firm that buys coffee."""
    return f"{draw.choice(_KIND)} {draw.choice(_WORD)}"
