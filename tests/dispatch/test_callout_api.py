"""Incidents and call-outs over the API: the same as the pages, by role, and closed to the other society."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from dispatch.callouts.models import Assignment, CallOut
from dispatch.incidents.models import Incident, Need
from notifications.tenancy import society
from tests.cast import DERNA, NOW, Cast, flood, volunteers
from tests.dispatch.test_console import HTMX, people, signed_in, state

HAZARD: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[22.6, 32.7], [22.7, 32.7], [22.7, 32.8], [22.6, 32.7]]],
}
NEW: dict[str, Any] = {
    "kind": "flood",
    "title": {"en": "Derna flood", "ar": "فيضان درنة"},
    "place": {"en": "Derna", "ar": "درنة"},
    "lon": DERNA[0],
    "lat": DERNA[1],
    "hazard": HAZARD,
    "needs": [{"skill": "search-and-rescue", "required": 2, "report_by": "2023-09-11T04:00:00Z"}],
}


def api(cast: Cast, name: str) -> APIClient:
    client = APIClient()
    client.force_login(cast.users[name])
    return client


@pytest.fixture
def call_out(cast: Cast, called: UUID) -> UUID:
    with society(cast.libya):
        return CallOut.objects.values_list("id", flat=True).get()


def test_an_incident_is_opened_launched_and_read_back(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 8, start=20)
    dunya = api(cast, "dunya")
    made = dunya.post("/api/v1/incidents/", NEW, format="json")
    assert (made.status_code, made.json()["hazard"]["type"]) == (201, "MultiPolygon")
    launched = dunya.post("/api/v1/call-outs/", {"incident_id": made.json()["id"]}, format="json")
    assert launched.status_code == 201
    board = dunya.get(f"/api/v1/call-outs/{launched.json()['id']}/").json()
    # Four of the eight live inside the hazard: they get a welfare check, not a call-out.
    assert board["groups"]["silent"] == board["asked"] == 4
    assert board["verdict"]["open"] == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"lat": 95}, "lat"),
        ({"needs": []}, "needs"),
        ({"needs": NEW["needs"] * 2}, "needs"),
        ({"needs": [NEW["needs"][0] | {"skill": "juggling"}]}, "needs"),
        ({"needs": [NEW["needs"][0] | {"report_by": "2023-09-11T00:59:00Z"}]}, "needs"),
        ({"lon": "nan"}, "lon"),
        ({"hazard": {"type": "Point", "coordinates": [1, 2]}}, "hazard"),
        ({"hazard": {"type": "Polygon", "coordinates": []}}, "hazard"),
        (
            {
                "hazard": {
                    "type": "Polygon",
                    "coordinates": [[[1000, 5000], [1001, 5001], [1001, 5000], [1000, 5000]]],
                }
            },
            "hazard",
        ),
    ],
)
def test_what_is_wrong_with_a_new_incident_is_named(
    cast: Cast, at_one: None, change: dict[str, Any], field: str
) -> None:
    answer = api(cast, "dunya").post("/api/v1/incidents/", NEW | change, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    with society(cast.libya):
        assert not Incident.objects.exists()


def test_heights_of_a_hazard_are_left_out(cast: Cast, at_one: None) -> None:
    high = HAZARD | {"coordinates": [[[*point, 12.5] for point in HAZARD["coordinates"][0]]]}
    made = api(cast, "dunya").post("/api/v1/incidents/", NEW | {"hazard": high}, format="json")
    assert made.status_code == 201
    assert made.json()["hazard"]["coordinates"] == [HAZARD["coordinates"]]


def test_nobody_is_called_to_a_time_that_has_passed(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 8)
        incident_id = flood(cast.libya)
        Need.objects.update(report_by=NOW)
    launched = api(cast, "dunya").post("/api/v1/call-outs/", {"incident_id": str(incident_id)}, format="json")
    assert launched.status_code == 409
    assert "time to report by has passed" in launched.json()["message"]
    page = signed_in("dunya").post(f"/console/{incident_id}/launch/", {"urgency": "life"}, headers=HTMX)
    assert page.status_code == 409
    with society(cast.libya):
        assert not CallOut.objects.exists()


def test_a_second_launch_is_refused_with_the_reason(cast: Cast, called: UUID, call_out: UUID) -> None:
    answer = api(cast, "dunya").post("/api/v1/call-outs/", {"incident_id": str(called)}, format="json")
    assert answer.status_code == 409
    assert "already has an open call-out" in answer.json()["message"]


def test_people_are_listed_by_state_and_answered_for(cast: Cast, called: UUID, call_out: UUID) -> None:
    one, dunya = people(cast, called)[0], api(cast, "dunya")
    told = dunya.post(f"/api/v1/assignments/{one}/answer/", {"kind": "coming", "minutes": 20}, format="json")
    assert told.json() == {"state": "coming"}
    listed = dunya.get(f"/api/v1/call-outs/{call_out}/assignments/", {"state": "coming"}).json()
    assert [row["id"] for row in listed] == [str(one)]


def test_asking_standing_down_and_closing(cast: Cast, call_out: UUID) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 3, start=40)
        need = str(Need.objects.get().id)
    dunya, path = api(cast, "dunya"), f"/api/v1/call-outs/{call_out}"
    assert dunya.post(f"{path}/ask/", {"need_id": need, "count": 2}, format="json").json() == {"count": 2}
    assert dunya.post(f"{path}/stand-down/", {"need_id": need}, format="json").json() == {"count": 14}
    assert dunya.post(f"{path}/close/").json() == {"count": 0}
    assert dunya.get(f"{path}/").json()["state"] == "closed"
    refused = dunya.post(f"{path}/ask/", {"need_id": need, "count": 2}, format="json")
    assert refused.status_code == 409


READS = (
    "incidents/{incident}/",
    "incidents/{incident}/needs/",
    "call-outs/{call_out}/",
    "call-outs/{call_out}/assignments/",
)
WRITES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("call-outs/", {"incident_id": "{incident}"}),
    ("call-outs/{call_out}/ask/", {"need_id": "{incident}", "count": 1}),
    ("call-outs/{call_out}/stand-down/", {}),
    ("call-outs/{call_out}/close/", {}),
    ("assignments/{one}/answer/", {"kind": "coming"}),
)


def filled(text: str, cast: Cast, incident_id: UUID, call_out: UUID) -> str:
    return text.format(incident=incident_id, call_out=call_out, one=people(cast, incident_id)[0])


@pytest.mark.parametrize("path", READS)
def test_the_other_society_reads_nothing(cast: Cast, called: UUID, call_out: UUID, path: str) -> None:
    address = f"/api/v1/{filled(path, cast, called, call_out)}"
    assert api(cast, "dunya").get(address).status_code == 200
    assert api(cast, "eman").get(address).status_code == 404


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_the_other_society_changes_nothing(
    cast: Cast,
    called: UUID,
    call_out: UUID,
    path: str,
    body: dict[str, Any],
) -> None:
    given = {k: filled(v, cast, called, call_out) if isinstance(v, str) else v for k, v in body.items()}
    address = f"/api/v1/{filled(path, cast, called, call_out)}"
    assert api(cast, "eman").post(address, given, format="json").status_code == 404
    with society(cast.libya):
        assert CallOut.objects.get().state == "open"
        assert set(Assignment.objects.values_list("state", flat=True)) == {"asked"}


def test_the_other_societys_lists_are_empty(cast: Cast, call_out: UUID) -> None:
    assert api(cast, "eman").get("/api/v1/incidents/").json() == []
    assert api(cast, "eman").get("/api/v1/call-outs/").json() == []
    assert len(api(cast, "dunya").get("/api/v1/call-outs/").json()) == 1


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_a_manager_may_look_but_not_act(
    cast: Cast,
    called: UUID,
    call_out: UUID,
    path: str,
    body: dict[str, Any],
) -> None:
    address = f"/api/v1/{filled(path, cast, called, call_out)}"
    assert api(cast, "malik").post(address, body, format="json").status_code == 403
    assert api(cast, "malik").get(f"/api/v1/call-outs/{call_out}/").status_code == 200


def test_nobody_reads_without_signing_in(cast: Cast, call_out: UUID) -> None:
    assert APIClient().get(f"/api/v1/call-outs/{call_out}/").status_code in {401, 403}


def test_somebody_on_the_way_cannot_be_a_no_show_twice(cast: Cast, called: UUID, call_out: UUID) -> None:
    one, dunya = people(cast, called)[0], api(cast, "dunya")
    path = f"/api/v1/assignments/{one}/answer/"
    dunya.post(path, {"kind": "coming", "minutes": 5}, format="json")
    assert dunya.post(path, {"kind": "no_show"}, format="json").json() == {"state": "no_show"}
    assert dunya.post(path, {"kind": "no_show"}, format="json").status_code == 409
    assert state(cast, one) == "no_show"
