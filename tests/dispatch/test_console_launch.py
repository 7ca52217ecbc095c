"""Dropping an incident and launching its call-out from the dialog."""

import datetime as dt
import re
from typing import Any
from uuid import UUID

from django.test import Client

from dispatch.callouts.models import Assignment, CallOut
from dispatch.incidents.models import Incident, Need
from dispatch.people.actions import NewVolunteer, register
from dispatch.people.queries import skill_id
from notifications.models import Message
from notifications.tenancy import society
from tests.cast import DERNA, NOW, Cast, flood, volunteers
from tests.dispatch.test_console import HTMX, signed_in

FORM: dict[str, Any] = {
    "lon": DERNA[0],
    "lat": DERNA[1],
    "kind": "flood",
    "place_ar": "درنة",
    "place_en": "Derna",
    "urgency": "life",
    "radius_km": 50,
    "within_min": 120,
    "skill": ["search-and-rescue"],
    "required": ["2"],
    "where": ["site"],
}


def launch(client: Client, **changes: Any) -> Any:
    return client.post("/console/new/create/", FORM | changes, headers=HTMX)


def test_the_dialog_is_named_after_the_nearest_city(cast: Cast) -> None:
    page = signed_in("dunya").get(f"/console/new/?lon={DERNA[0]}&lat={DERNA[1]}").content.decode()
    assert 'name="place_en" value="Derna"' in page
    assert 'name="place_ar" value="درنة"' in page


def test_a_point_that_is_none_is_not_found(cast: Cast) -> None:
    assert signed_in("dunya").get("/console/new/?lon=x&lat=1").status_code == 404


def test_the_preview_asks_nobody_and_says_how_many_it_would(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 30)
    page = signed_in("dunya").post("/console/new/preview/", FORM).content.decode()
    number = re.search(r"Ask (\d+) people now", page)
    assert number is not None
    assert 2 <= int(number[1]) <= 30
    with society(cast.libya):
        assert not Incident.objects.exists()


def test_what_the_preview_announces_is_what_the_launch_does(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 60)
    dunya = signed_in("dunya")
    page = dunya.post("/console/new/preview/", FORM).content.decode()
    launch(dunya)
    with society(cast.libya):
        assert f"Ask {Assignment.objects.count()} people now" in page
        assert Message.objects.count() == Assignment.objects.count()


def test_the_preview_shows_the_very_text_that_leaves(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 60)
    dunya = signed_in("dunya")
    page = dunya.post("/console/new/preview/", FORM).content.decode()
    launch(dunya)
    with society(cast.libya):
        assert Message.objects.values_list("text", flat=True)[0] in page


def test_launching_leads_to_the_new_incident(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 5)
    answer = launch(signed_in("dunya"))
    with society(cast.libya):
        incident = Incident.objects.get()
        assert answer["HX-Redirect"] == f"/console/{incident.id}/"
        assert CallOut.objects.get().confidence == 0.9
        assert incident.title == {"ar": "فيضان درنة", "en": "Derna flood"}


def test_saving_opens_the_incident_and_asks_nobody(cast: Cast, at_one: None) -> None:
    launch(signed_in("dunya"), do="save")
    with society(cast.libya):
        assert Incident.objects.count() == 1
        assert not CallOut.objects.exists()


def test_a_saved_incident_can_be_called_out_later_but_once(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 5)
    dunya = signed_in("dunya")
    target = launch(dunya, do="save")["HX-Redirect"]
    assert dunya.post(f"{target}launch/", {"urgency": "urgent"}, headers=HTMX).status_code == 200
    assert dunya.post(f"{target}launch/", {"urgency": "urgent"}, headers=HTMX).status_code == 409
    with society(cast.libya):
        assert CallOut.objects.get().confidence == 0.8


def test_a_skill_named_twice_is_refused_in_words_and_nothing_is_opened(cast: Cast) -> None:
    twice = {"skill": ["logistics"] * 2, "required": ["1", "2"], "where": ["site"] * 2}
    answer = launch(signed_in("dunya"), **twice)
    assert answer.status_code == 409
    assert b"listed twice" in answer.content
    with society(cast.libya):
        assert not Incident.objects.exists()


def test_remote_and_on_site_are_kept_per_need(cast: Cast, at_one: None) -> None:
    two = {"skill": ["logistics", "data-entry"], "required": ["1", "2"], "where": ["site", "remote"]}
    launch(signed_in("dunya"), do="save", **two)
    with society(cast.libya):
        assert list(Need.objects.order_by("position").values_list("is_remote", flat=True)) == [False, True]


def test_a_manager_cannot_launch(cast: Cast) -> None:
    assert launch(signed_in("malik")).status_code == 403


def test_a_dialog_sent_twice_makes_one_call_out(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 60)
    dunya = signed_in("dunya")
    page = dunya.get(f"/console/new/?lon={DERNA[0]}&lat={DERNA[1]}").content.decode()
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', page)
    assert key is not None
    first, second = launch(dunya, key=key[1]), launch(dunya, key=key[1])
    assert first["HX-Redirect"] == second["HX-Redirect"]
    with society(cast.libya):
        assert (Incident.objects.count(), CallOut.objects.count()) == (1, 1)


def test_who_can_do_two_things_is_asked_for_one_of_them(cast: Cast, at_one: None) -> None:
    skills = ["search-and-rescue", "first-aid-medic"]
    with society(cast.libya):
        both: dict[UUID, dt.datetime | None] = {skill_id(code): None for code in skills}
        people = [
            NewVolunteer(
                "م", "تجريبي", f"+21891{n:07d}", dt.date(1990, 1, 1), DERNA[0], DERNA[1], skills=both
            )
            for n in range(20)
        ]
        register(society_id=cast.libya, people=people, by=None, now=NOW)
    two: dict[str, Any] = {"skill": skills, "required": ["3", "3"], "where": ["site", "site"]}
    dunya = signed_in("dunya")
    page = dunya.post("/console/new/preview/", FORM | two).content.decode()
    launch(dunya, **two)
    with society(cast.libya):
        assert f"Ask {Assignment.objects.count()} people now" in page


def test_a_need_whose_time_has_passed_is_not_in_the_forecast(cast: Cast, at_one: None) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 60)
        incident_id = flood(cast.libya)
        Need.objects.update(report_by=NOW)
    page = signed_in("dunya").get(f"/console/{incident_id}/launch/", headers=HTMX)
    assert b"Ask 0 people now" in page.content
