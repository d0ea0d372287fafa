"""The CRM's stand-in answers as the CRM would: bearer token, pages by cursor, changes since, 429 once."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import requests

from examples.roastery.crm_server import PAGE_SIZE, serving

TOKEN = "token-of-the-test"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def api(roastery_data: Path) -> Iterator[str]:
    with serving(roastery_data / "crm", token=TOKEN) as address:
        yield address


def get(address: str, **params: Any) -> requests.Response:
    return requests.get(address, params=params, headers=HEADERS, timeout=10)


def every_page(address: str, **params: Any) -> list[dict[str, Any]]:
    """Follow the cursors to the end."""
    rows: list[dict[str, Any]] = []
    while True:
        page = get(address, **params).json()
        rows += page["results"]
        if "paging" not in page:
            return rows
        params["after"] = page["paging"]["next"]["after"]


def test_pages_hold_every_row_once(api: str, roastery_data: Path) -> None:
    rows = every_page(f"{api}/customers", limit=999)
    expected = json.loads((roastery_data / "crm" / "customers.json").read_text("utf-8"))
    assert len(rows) == len(expected) > 5000
    assert {row["id"] for row in rows} == {row["id"] for row in expected}


def test_rows_come_oldest_change_first(api: str) -> None:
    changes = [row["updatedAt"] for row in every_page(f"{api}/tickets")]
    assert changes == sorted(changes)


def test_only_changes_since_are_given(api: str) -> None:
    rows = every_page(f"{api}/survey-responses", updated_since="2026-09-01T00:00:00Z")
    assert rows
    assert min(row["updatedAt"] for row in rows) >= "2026-09-01"


def test_objects_are_nested_and_in_camel_case(api: str) -> None:
    (row,) = get(f"{api}/customers", limit=1).json()["results"]
    assert {"createdAt", "homeUnit", "contact"} <= row.keys()
    assert "@example.org" in row["contact"]["email"]


def test_the_second_page_of_orders_is_refused_once(api: str) -> None:
    first = get(f"{api}/orders").json()
    after = first["paging"]["next"]["after"]
    refused = get(f"{api}/orders", after=after)
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused.headers["Retry-After"] == "1"
    assert len(get(f"{api}/orders", after=after).json()["results"]) == PAGE_SIZE


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}])
def test_without_the_token_nothing_is_told(api: str, header: dict[str, str]) -> None:
    response = requests.get(f"{api}/customers", headers=header, timeout=10)
    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert "results" not in response.json()


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("customers", {"after": "no-cursor"}, HTTPStatus.BAD_REQUEST),
        ("customers", {"after": "ZnJvbTotNQ=="}, HTTPStatus.BAD_REQUEST),
        ("customers", {"limit": PAGE_SIZE + 1}, HTTPStatus.BAD_REQUEST),
        ("invoices", {}, HTTPStatus.NOT_FOUND),
    ],
)
def test_wrong_requests_are_refused(
    api: str, path: str, params: dict[str, Any], status: HTTPStatus
) -> None:
    assert get(f"{api}/{path}", **params).status_code == status
