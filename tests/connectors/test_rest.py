import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connectors.errors import SourceBroken, SourceUnavailable
from scorecard.sources import Paging, RestTable
from tests.connectors.conftest import FakeCrm, Fault, Landing

DEALS = RestTable(path="/deals", primary_key=("id",))
PAGING = Paging(next="paging.next.after", param="after")


def settings(crm: FakeCrm, **others: Any) -> dict[str, Any]:
    return {"base_url": crm.url, "token": crm.token, "paging": PAGING, **others}


def test_all_pages_land(landing: Landing, crm: FakeCrm) -> None:
    crm.serve([{"id": 1}, {"id": 2}], [{"id": 3}], [{"id": 4}])
    assert [row["id"] for row in landing.rows(DEALS, **settings(crm))] == [1, 2, 3, 4]
    assert [request.get("after") for request in crm.requests] == [None, ["1"], ["2"]]


def test_fields_are_flattened_and_named_in_snake_case(landing: Landing, crm: FakeCrm) -> None:
    crm.serve(
        [
            {
                "id": "B",
                "companyName": "Abt",
                "address": {"postalCode": "007", "geo": {"lat": 1.5}},
                "fax": None,
            },
            {
                "id": "A",
                "companyName": "Ünal",
                "address": None,
                "fax": None,
                "lineItems": [{"productId": 1}],
                "extra": {},
            },
        ]
    )
    assert landing.rows(DEALS, **settings(crm)) == [
        {
            "id": "A", "address__geo__lat": None, "address__postal_code": None, "company_name": "Ünal", "extra": None,
            "fax": None, "line_items": '[{"productId":1}]',
        },
        {
            "id": "B", "address__geo__lat": 1.5, "address__postal_code": "007", "company_name": "Abt", "extra": None,
            "fax": None, "line_items": None,
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "kind", "landed"),
    [
        ([1, 2], "BIGINT", [1, 2]),
        ([1, 2.5], "DOUBLE", [1.0, 2.5]),
        ([1, "2b"], "VARCHAR", ["1", "2b"]),
        ([True, None], "BOOLEAN", [True, None]),
        ([True, 1], "VARCHAR", ["true", "1"]),
        ([2**53 + 1, 0.5], "VARCHAR", ["9007199254740993", "0.5"]),
        ([2**70, 1], "VARCHAR", ["1180591620717411303424", "1"]),
        (["2026-01-01", None], "VARCHAR", ["2026-01-01", None]),
        ([None, None], "VARCHAR", [None, None]),
        ([[1], "x"], "VARCHAR", ["[1]", "x"]),
    ],
)
def test_a_fields_type_is_settled_by_all_its_values(
    landing: Landing, crm: FakeCrm, values: list[Any], kind: str, landed: list[Any]
) -> None:
    """Dlt puts the second row's value into another column, `x__v_text`, where nobody looks for it."""
    crm.serve([{"id": 1, "x": values[0]}], [{"id": 2, "x": values[1]}])
    manifest = landing.load(DEALS, **settings(crm)).manifest
    assert manifest.columns == {"id": "BIGINT", "x": kind}
    assert [row["x"] for row in landing.landed(manifest)] == landed


def test_neither_order_of_rows_nor_of_fields_changes_the_hash(
    landing: Landing, crm: FakeCrm
) -> None:
    crm.serve([{"id": 1, "a": 1, "b": None}, {"id": 2, "c": "x"}])
    first = landing.load(DEALS, **settings(crm)).manifest
    crm.serve([{"c": "x", "id": 2}], [{"b": None, "a": 1, "id": 1}])
    again = landing.load(DEALS, **settings(crm))
    assert (again.outcome, again.manifest) == ("unchanged", first)


@pytest.mark.parametrize(
    ("status", "wait"),
    [(429, None), (500, None), (503, None), (429, "1"), (503, "1"), (429, "date")],
)
def test_a_busy_server_is_asked_again_when_it_says(
    landing: Landing, crm: FakeCrm, status: int, wait: str | None
) -> None:
    if wait == "date":
        wait = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    headers = {"Retry-After": wait} if wait else {}
    crm.serve([{"id": 1}], [{"id": 2}])
    crm.faults = [Fault(status, headers)]
    started = time.perf_counter()
    assert landing.load(DEALS, **settings(crm)).manifest.row_count == 2
    assert len(crm.requests) == 3
    assert (time.perf_counter() - started > 0.9) == bool(headers)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500),
        Fault(429, {"Retry-After": "7200"}),
        Fault(503, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}),
    ],
)
def test_a_server_that_stays_busy_is_unavailable(
    landing: Landing, crm: FakeCrm, fault: Fault
) -> None:
    crm.faults = [fault] * 10
    with pytest.raises(SourceUnavailable, match=f"status {fault.status}"):
        landing.load(DEALS, **settings(crm))


def test_a_server_that_is_down_is_unavailable_at_once(landing: Landing) -> None:
    started = time.perf_counter()
    with pytest.raises(SourceUnavailable, match="does not answer"):
        landing.load(DEALS, base_url="http://127.0.0.1:1", retry_delay_seconds=5)
    assert time.perf_counter() - started < 5


def test_a_refused_token_is_broken(landing: Landing, crm: FakeCrm) -> None:
    with pytest.raises(SourceBroken, match=r"refuses the token \(status 401\)"):
        landing.load(DEALS, **settings(crm, token="another"))


def test_a_cursor_that_does_not_advance_is_refused(landing: Landing, crm: FakeCrm) -> None:
    """Dlt follows a server that ignores the cursor until the night is over, or loads the rows again and again."""
    crm.page = lambda _: {
        "results": [{"id": len(crm.requests)}],
        "paging": {"next": {"after": "7"}},
    }  # type: ignore[method-assign]
    with pytest.raises(SourceBroken, match=r"does not advance \(7\)"):
        landing.load(DEALS, **settings(crm))
    assert len(crm.requests) == 2


def test_a_page_that_comes_twice_is_refused(landing: Landing, crm: FakeCrm) -> None:
    """Measured with dlt alone: 30 rows landed, 20 of them distinct, without a word."""
    crm.serve([{"id": 1}, {"id": 2}], [{"id": 3}], [{"id": 1}, {"id": 2}])
    with pytest.raises(SourceBroken, match="the same page twice"):
        landing.load(DEALS, **settings(crm))


def test_a_redirect_to_another_server_is_refused(landing: Landing, crm: FakeCrm) -> None:
    """The token must not follow."""
    other = FakeCrm()
    try:
        crm.faults = [Fault(302, {"Location": f"{other.url}/deals"})]
        with pytest.raises(SourceBroken, match="redirects to another one"):
            landing.load(DEALS, **settings(crm))
        assert other.requests == []
    finally:
        other.close()


def test_a_redirect_on_the_same_server_is_followed(landing: Landing, crm: FakeCrm) -> None:
    crm.serve([{"id": 1}])
    crm.faults = [Fault(302, {"Location": "/v2/deals"})]
    assert landing.load(DEALS, **settings(crm)).manifest.row_count == 1


def test_a_path_that_is_a_whole_address_is_refused(landing: Landing, crm: FakeCrm) -> None:
    with pytest.raises(SourceBroken, match="whole address"):
        landing.load(
            RestTable(path="https://elsewhere.example/deals", primary_key=("id",)), **settings(crm)
        )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>Please sign in</html>", "is not JSON"),
        (b'{"data": []}', "has no `results`"),
        (b'{"results": null}', "holds no list of rows"),
        (b'{"results": [1]}', "something else than objects"),
        (b'{"results": [{"id": NaN}]}', "is not JSON"),
    ],
)
def test_an_answer_of_another_shape_is_refused(
    landing: Landing, crm: FakeCrm, body: bytes, problem: str
) -> None:
    """Dlt takes an answer without the list for an empty one: every row would be gone in silence."""
    crm.faults = [Fault(200, {}, body)]
    with pytest.raises(SourceBroken, match=problem):
        landing.load(DEALS, **settings(crm))


def test_a_list_without_paging_lands(landing: Landing, crm: FakeCrm) -> None:
    crm.pages = [[{"id": 1}, {"id": 2}]]
    table = RestTable(path="deals", rows="$", primary_key=("id",), params={"limit": 5})
    assert landing.load(table, base_url=crm.url, token=crm.token).manifest.row_count == 2
    assert crm.requests == [{"limit": ["5"]}]


def test_an_empty_collection_lands_with_its_key(landing: Landing, crm: FakeCrm) -> None:
    crm.serve([])
    manifest = landing.load(DEALS, **settings(crm)).manifest
    assert (manifest.row_count, manifest.columns) == (0, {"id": "VARCHAR"})


CHANGES = RestTable(path="/deals", primary_key=("id",), cursor="updatedAt", cursor_param="since")


def test_an_increment_asks_from_the_greatest_value_in_the_servers_own_form(
    landing: Landing, crm: FakeCrm
) -> None:
    """As text 10:00:00Z comes after 10:00:00.5Z, and rows would be missed."""
    crm.serve(
        [
            {"id": 1, "updatedAt": "2026-01-01T10:00:00Z", "n": 1.5},
            {"id": 2, "updatedAt": "2026-01-01T10:00:00.5Z", "n": 2},
        ]
    )
    first = landing.load(CHANGES, **settings(crm)).manifest
    assert first.cursor_value == "2026-01-01T10:00:00.5Z"

    crm.serve([{"id": 2, "updatedAt": "2026-01-01T10:00:00.5Z", "n": 2}])
    assert landing.load(CHANGES, since=first, **settings(crm)).outcome == "unchanged"
    assert crm.requests[-1] == {"since": ["2026-01-01T10:00:00.5Z"]}

    crm.serve(
        [
            {"id": 1, "updatedAt": "2026-01-01T10:00:00Z", "n": 1.5},
            {"id": 2, "updatedAt": "2026-01-01T10:00:00.5Z", "n": 2},
            {"id": 3, "updatedAt": "2026-01-01T13:00:00+02:00", "n": 3},
        ]
    )
    second = landing.load(CHANGES, since=first, **settings(crm)).manifest
    assert [row["id"] for row in landing.landed(second)] == [2, 3]
    assert second.cursor_value == "2026-01-01T13:00:00+02:00"
    assert second.columns["n"] == "DOUBLE"  # as in the load before, though only whole numbers came


def test_an_increment_without_any_row_keeps_the_cursor(landing: Landing, crm: FakeCrm) -> None:
    crm.serve([{"id": 1, "updatedAt": "2026-01-01"}])
    first = landing.load(CHANGES, **settings(crm)).manifest
    crm.serve([])
    assert landing.load(CHANGES, since=first, **settings(crm)).outcome == "unchanged"
    landing.next_night()
    second = landing.load(CHANGES, since=first, **settings(crm)).manifest
    assert (second.row_count, second.cursor_value, second.columns) == (
        0,
        "2026-01-01",
        first.columns,
    )
