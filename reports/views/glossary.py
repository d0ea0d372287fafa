"""The glossary: the method's terms in plain language, one definition each, and the scorecard's own names with what they mean.

Not here: how the numbers are computed (the method page), what tables and columns mean (the dictionary).
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from reports.edition import Edition, Frame
from reports.words.text import Part, later, say, say_count, say_parts

PAGE = "glossary.html"

TERMS: dict[str, tuple[str, str]] = {
    "actual": (later("Actual"), later("What a KPI was measured to be in a period.")),
    "as_of": (
        later("As of"),
        later("The day whose knowledge a release holds. What came later is in a later release."),
    ),
    "at_risk": (
        later("At risk"),
        later(
            "Status of a score from {low} up to {high}: not yet off track, not on track either. A KPI may have edges of its own."
        ),
    ),
    "balance": (
        later("Balance"),
        later(
            "100 less the distance from the best perspective’s score to the worst one’s. 100 means that all stand alike; the pages name the two that lie furthest apart."
        ),
    ),
    "bands": (
        later("Bands"),
        later("The three parts of the scale from 0 to 100: off track, at risk, on track."),
    ),
    "baseline": (
        later("Baseline"),
        later(
            "Of a usual range: the first twelve periods, from which it is computed. Of a target: the value from which progress is counted."
        ),
    ),
    "bullet": (
        later("Bullet graph"),
        later(
            "A bar for the score on a scale of three bands. The thick tick is the target, the thin one the red flag; longer is better in every row."
        ),
    ),
    "comment": (
        later("Comment"),
        later("What a person wrote of a KPI and a month. Causes stand in comments alone."),
    ),
    "contract": (
        later("Contract"),
        later(
            "What the data of a source must keep to. A load that breaks it is not used; the last good one is."
        ),
    ),
    "contribution": (
        later("Contribution"),
        later(
            "The part that one child or unit has in a change or a gap. All parts add up to the whole exactly."
        ),
    ),
    "coverage": (
        later("Coverage"),
        later(
            "The share of the weight that has a score, all the way down. Below {coverage} a parent has no score, so that missing data never make it look better."
        ),
    ),
    "definition": (
        later("Definition"),
        later(
            "How a KPI is computed and scored. A change of it is told as the reason where numbers move."
        ),
    ),
    "derived": (
        later("Derived KPI"),
        later("A KPI that is computed from other numbers, anew for every unit and period."),
    ),
    "gap": (
        later("Gap"),
        later("How far the actual lies from the target, with its sign."),
    ),
    "gate": (
        later("Gate"),
        later(
            "A minimum. While a KPI or objective with a gate lies below it, its parent is at best at risk, whatever its score."
        ),
    ),
    "headline": (
        later("Headline month"),
        later(
            "The last month that had closed when the release was made. The scorecard is of this month."
        ),
    ),
    "held_back": (
        later("Held back"),
        later(
            "A row that breaks a rule: it is kept with the reason, and does not count. The rest of its load does."
        ),
    ),
    "initiative": (
        later("Initiative"),
        later("A project that is to move an objective, with an owner, dates and milestones."),
    ),
    "interval": (
        later("Interval of 95%"),
        later(
            "Beside a survey’s value: so far may it lie from the true one by chance. Were people asked again and again, about 95 of 100 such intervals would hold the true value."
        ),
    ),
    "kpi": (
        later("KPI"),
        later("Key performance indicator: a number that tells whether an objective is met."),
    ),
    "lag": (
        later("Lag"),
        later(
            "How many months after its cause an effect is expected. It is declared before anybody looks."
        ),
    ),
    "leading": (
        later("Leading KPI"),
        later(
            "A KPI that moves before the result does. The others are lagging: they tell the result."
        ),
    ),
    "link": (
        later("Link"),
        later(
            "An arrow of the strategy map: the assumption that one objective helps another. The data support it, do not support it, or are too few. A correlation is no proof of cause."
        ),
    ),
    "load": (
        later("Load"),
        later("What one reading of a source brought: rows, kept as they came."),
    ),
    "measure": (
        later("Measure"),
        later(
            "The query or the form that yields the numbers; a KPI is a measure under an objective."
        ),
    ),
    "no_data": (
        later("No data"),
        later(
            "Nothing came for the period. The KPI has no score and is left out, so coverage falls."
        ),
    ),
    "no_target": (
        later("No target"),
        later("The value is shown, but there is nothing to score it with."),
    ),
    "objective": (
        later("Objective"),
        later("What the organisation wants to reach, in one sentence. KPIs tell how far it is."),
    ),
    "off_track": (later("Off track"), later("Status of a score below {low}.")),
    "on_track": (later("On track"), later("Status of a score of {high} or more.")),
    "perspective": (
        later("Perspective"),
        later(
            "A side from which the organisation is looked at, such as finance, customers, processes and people."
        ),
    ),
    "points_lost": (
        later("Points lost"),
        later(
            "What a KPI costs the scorecard of 100 points: its share of the weight times what its score lacks of 100."
        ),
    ),
    "provisional": (
        later("Provisional"),
        later(
            "The period is still open, or its data do not reach its end yet. The value is shown and never scored."
        ),
    ),
    "red_flag": (
        later("Red flag"),
        later("The value from which a KPI is off track. It scores 33.33; the target scores 66.67."),
    ),
    "release": (
        later("Release"),
        later(
            "One published state of the scorecard. Equal content has an equal name; nothing of it changes later."
        ),
    ),
    "restated": (
        later("Restated"),
        later(
            "A number that is another now than was reported before. Both numbers stand on the KPI’s page with the reason: late data, or a changed definition, target, weight or unit tree."
        ),
    ),
    "roll_up": (
        later("Rolling up"),
        later(
            "How scores of KPIs become those of objectives, perspectives and the scorecard: by weight."
        ),
    ),
    "rule": (
        later("Scoring rule"),
        later("How an actual becomes a score. The method page tells each one that is in use."),
    ),
    "score": (
        later("Score"),
        later(
            "How well a KPI, objective, perspective or the whole does, from 0 to 100; more is always better."
        ),
    ),
    "scorecard": (
        later("Scorecard"),
        later("Perspectives, objectives and KPIs of one organisation, with their scores."),
    ),
    "signal": (
        later("Signal"),
        later(
            "A change that is more than chance: a point outside the usual range, eight in a row on one side of the mean, or three of four near the same limit. Everything else is called no change."
        ),
    ),
    "source": (later("Source"), later("A system, a file or a form that the data come from.")),
    "stale": (
        later("Stale"),
        later(
            "Nothing good came for the period, so the last good value stands in, with its date, for as long as the KPI’s definition allows."
        ),
    ),
    "status": (
        later("Status"),
        later(
            "What a score or the state of its data is called. Shape, word and colour say the same."
        ),
    ),
    "strategy_map": (
        later("Strategy map"),
        later("The objectives in their perspectives, with arrows for what is to help what."),
    ),
    "suppressed": (
        later("Suppressed"),
        later(
            "Held back, because too few people answered and the number would reveal them, or because it would let another such number be worked out."
        ),
    ),
    "target": (
        later("Target"),
        later(
            "The value that is to be reached. A period is scored with the target that was valid at its end."
        ),
    ),
    "unit": (
        later("Unit"),
        later("A part of the organisation: a region, a shop, a department. Units stand in a tree."),
    ),
    "unit_tree": (
        later("Unit tree"),
        later(
            "Which units stand under which, and from when. A move changes what is counted together."
        ),
    ),
    "unverified": (
        later("Unverified"),
        later("What came broke its contract for too long. There is no score until good data come."),
    ),
    "usual_range": (
        later("Usual range"),
        later(
            "Where a KPI’s values lie by chance alone: the mean of its first twelve periods, plus and minus 2.66 times their mean difference from one to the next. Also called the limits of an XmR chart."
        ),
    ),
    "weight": (
        later("Weight"),
        later("How much a KPI, objective or perspective counts among its siblings."),
    ),
    "year_to_date": (
        later("Year to date"),
        later("From the first day of the fiscal year to the end of the headline month."),
    ),
}
"""Each term's word and its definition, by the name of its place on the page."""

_STATUSES = (
    "on_track",
    "at_risk",
    "off_track",
    "no_data",
    "stale",
    "unverified",
    "no_target",
    "suppressed",
)
_SCORED = ("score", "coverage", "gate", "usual_range", "signal", "restated", "provisional")
TERMS_ON: Mapping[str, tuple[str, ...]] = {
    "front": ("balance", "points_lost", *_SCORED, *_STATUSES),
    "period": ("balance", "points_lost", *_SCORED, *_STATUSES),
    "span": ("points_lost", *_SCORED, *_STATUSES),
    "node": (*_SCORED, "weight", "link", *_STATUSES),
    "kpi": (
        "actual", "target", "red_flag", "gap", "contribution", "year_to_date", "definition", "load", *_SCORED, *_STATUSES,
    ),
    "strategy_map": ("objective", "link", "lag", *_STATUSES),
    "heat_map": ("score", "kpi", *_STATUSES),
    "initiatives": ("initiative", "objective"),
    "initiative": ("initiative", "objective", *_STATUSES[:3]),
    "quality": ("source", "load", "contract", "held_back", "stale", "unverified", "measure"),
    "releases": ("release", "restated", "headline", "as_of", "definition", "unit_tree"),
}  # fmt: skip
"""The terms that each kind of page uses, by the name of its template; its foot links them."""


@dataclass(frozen=True)
class TermItem:
    """A term with its one definition."""

    id: str
    word: str
    definition: str


@dataclass(frozen=True)
class OwnItem:
    """A name that the organisation gave, with what it says it means."""

    name: str
    href: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class GlossaryPage:
    """The glossary."""

    frame: Frame
    lede: tuple[Part, ...]
    terms: tuple[TermItem, ...]
    own_heading: str
    own: tuple[OwnItem, ...]


def glossary_page(edition: Edition) -> GlossaryPage:
    """Return the glossary, in the alphabetical order of the language in use."""
    terms = tuple(sorted(_terms(edition), key=lambda item: alphabetical(item.word)))
    own = tuple(sorted(_own(edition), key=lambda item: (alphabetical(item.name), item.href)))
    return GlossaryPage(
        frame=edition.frame(
            title=say("Glossary"),
            finding=say_count("Glossary: {count} term", "Glossary: {count} terms", len(terms)),
            page=PAGE,
        ),
        lede=say_parts(
            "What the words of these pages mean, in plain language. How the numbers are computed stands on the page {method}.",
            method=Part(say("Method"), edition.href("method.html")),
        ),
        terms=terms,
        own_heading=say_count(
            "{count} name of this scorecard, as the organisation explains it",
            "{count} names of this scorecard, as the organisation explains them",
            len(own),
        ),
        own=own,
    )


@lru_cache(maxsize=512)
def alphabetical(word: str) -> tuple[str, str]:
    """Return what a word is sorted by: its letters without accents, whatever their case; then the word itself."""
    parted = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in parted if not unicodedata.combining(letter)), word


def term_links(root: str, names: Iterable[str]) -> tuple[Part, ...]:
    """Return terms as links to their definitions, in alphabetical order; `root` is the way up to the site's root."""
    found = sorted(
        ((say(TERMS[name][0]), name) for name in names), key=lambda pair: alphabetical(pair[0])
    )
    return tuple(Part(word, f"{root}{PAGE}#{name}") for word, name in found)


def terms_on(root: str, kind: str) -> tuple[Part, ...]:
    """Return the terms that a kind of page uses, as links; none where it explains itself."""
    return term_links(root, TERMS_ON.get(kind, ()))


def _terms(edition: Edition) -> Iterable[TermItem]:
    scorecard, language = edition.strategy.scorecard, edition.language
    settings = {
        "high": language.number(scorecard.on_track_edge, 2),
        "low": language.number(scorecard.at_risk_edge, 2),
        "coverage": language.percent(scorecard.min_coverage),
    }
    for name, (word, definition) in TERMS.items():
        yield TermItem(name, say(word), say(definition, **settings))


def _own(edition: Edition) -> Iterable[OwnItem]:
    """Yield the perspectives, objectives and KPIs that say what they mean."""
    strategy = edition.strategy
    for side in strategy.perspectives.values():
        if side.question:
            yield OwnItem(
                side.perspective_name,
                edition.perspective_href(side.perspective_id),
                say("Perspective"),
                side.question,
            )
    for goal in strategy.objectives.values():
        if goal.description:
            yield OwnItem(
                goal.objective_name,
                edition.objective_href(goal.objective_id),
                say("Objective"),
                goal.description,
            )
    for kpi in strategy.kpis.values():
        if kpi.description:
            href = edition.kpi_href(kpi.kpi_id, edition.organisation_id)
            yield OwnItem(kpi.kpi_name, href, say("KPI"), kpi.description)
