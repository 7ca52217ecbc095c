"""People by page and by API: who sees what, what can be decided, and what the other society learns (nothing)."""

import datetime as dt
from uuid import UUID

import pytest
from django.test import Client

from dispatch.people import actions, queries
from dispatch.people.models import Callable, SkillClaim
from dispatch.people.rules import mask, standing, valid_until
from notifications.ids import uuid7
from notifications.models import Route
from notifications.tenancy import society
from tests.cast import DERNA, NOW, Cast, volunteers

JSON = "application/json"


@pytest.fixture
def person(cast: Cast) -> UUID:
    """A Libyan volunteer with search-and-rescue, nearest of three."""
    with society(cast.libya):
        return volunteers(cast.libya, 3)[0]


@pytest.fixture
def claim(cast: Cast, person: UUID) -> UUID:
    """That volunteer's claim to be a nurse, which nobody has looked at."""
    with society(cast.libya):
        nurse = queries.skill_id("nurse")
        return actions.claim(society_id=cast.libya, volunteer_id=person, skill_id=nurse, by=None, now=NOW)


def signed_in(client: Client, cast: Cast, name: str) -> Client:
    client.force_login(cast.users[name])
    return client


def test_the_nearest_come_first_with_their_distance(cast: Cast, person: UUID, client: Client) -> None:
    place = {"skill": "search-and-rescue", "lon": str(DERNA[0]), "lat": str(DERNA[1]), "limit": "2"}
    body = signed_in(client, cast, "dunya").get("/api/v1/people/nearest", place).json()
    assert body["people"][0]["volunteer_id"] == str(person)
    assert [round(near["metres"], -2) for near in body["people"]] == [0, 900]


def test_an_unknown_skill_is_named(cast: Cast, client: Client) -> None:
    place = {"skill": "knitting", "lon": str(DERNA[0]), "lat": str(DERNA[1])}
    answer = signed_in(client, cast, "dunya").get("/api/v1/people/nearest/", place)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["skill"])


def test_the_other_society_finds_nobody(cast: Cast, person: UUID, client: Client) -> None:
    eman = signed_in(client, cast, "eman")
    place = {"skill": "search-and-rescue", "lon": str(DERNA[0]), "lat": str(DERNA[1])}
    assert eman.get("/api/v1/people/nearest", place).json()["people"] == []
    assert eman.get("/api/v1/people/").json()["total"] == 0


@pytest.mark.parametrize("path", ["/people/{}/", "/api/v1/people/{}/"])
def test_the_other_societys_people_are_unknown(cast: Cast, person: UUID, client: Client, path: str) -> None:
    assert signed_in(client, cast, "dunya").get(path.format(person)).status_code == 200
    assert signed_in(client, cast, "eman").get(path.format(person)).status_code == 404


def test_the_other_societys_claims_cannot_be_settled(
    cast: Cast, person: UUID, claim: UUID, client: Client
) -> None:
    with society(cast.egypt):
        theirs = volunteers(cast.egypt, 1, start=500)[0]
    malik = signed_in(client, cast, "malik")
    for whose in (theirs, uuid7()):
        assert malik.post(f"/api/v1/people/{whose}/claims/{claim}/verify/", {}, JSON).status_code == 404
        assert malik.post(f"/people/{whose}/claims/{claim}/", {"act": "verify"}).status_code == 404


@pytest.mark.parametrize("path", ["/people/", "/readiness/", "/setup/messages/"])
def test_strangers_are_asked_to_sign_in(db: None, client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/accounts/login/?next={path.replace('/', '%2F')}",
    )


def test_phones_are_masked_for_who_does_not_edit_people(cast: Cast, person: UUID, client: Client) -> None:
    seen = {}
    for name in ("dunya", "malik"):
        signed_in(client, cast, name)
        seen[name] = client.get(f"/api/v1/people/{person}/").json()["phone"]
        assert (seen[name] in client.get("/people/").content.decode()) is True
    assert seen == {"dunya": "+2189••••••00", "malik": "+218910000000"}


def test_a_masked_number_cannot_be_searched_out(cast: Cast, person: UUID, client: Client) -> None:
    path = "/api/v1/people/?q=910000000"
    assert signed_in(client, cast, "malik").get(path).json()["total"] == 1
    assert signed_in(client, cast, "dunya").get(path).json()["total"] == 0


def test_a_verified_claim_makes_callable_until_it_lapses(
    cast: Cast, person: UUID, claim: UUID, client: Client
) -> None:
    answer = signed_in(client, cast, "malik").post(
        f"/api/v1/people/{person}/claims/{claim}/verify/", {}, JSON
    )
    [nurse] = [c for c in answer.json()["claims"] if c["skill"] == "nurse"]
    assert nurse["state"] == "verified"
    with society(cast.libya):
        row = Callable.objects.get(volunteer_id=person, skill__code="nurse")
        assert row.expires_at == dt.datetime.fromisoformat(nurse["expires_at"])


def test_a_revoked_skill_is_called_no_more(cast: Cast, person: UUID, client: Client) -> None:
    with society(cast.libya):
        held = SkillClaim.objects.get(volunteer_id=person).id
    assert (
        signed_in(client, cast, "malik")
        .post(f"/people/{person}/claims/{held}/", {"act": "revoke"})
        .status_code
        == 302
    )
    with society(cast.libya):
        assert not Callable.objects.filter(volunteer_id=person).exists()


def test_a_dispatcher_settles_no_claim(cast: Cast, person: UUID, claim: UUID, client: Client) -> None:
    dunya = signed_in(client, cast, "dunya")
    assert dunya.post(f"/api/v1/people/{person}/claims/{claim}/verify/", {}, JSON).status_code == 403
    assert dunya.post(f"/people/{person}/claims/{claim}/", {"act": "verify"}).status_code == 403


def test_hours_are_saved_as_they_are_ticked(cast: Cast, person: UUID, client: Client) -> None:
    ticked = [0, 25, 167]
    signed_in(client, cast, "malik").post(f"/people/{person}/availability/", {"hours": ticked})
    hours = client.get(f"/api/v1/people/{person}/").json()["weekly_hours"]
    assert [n for n, on in enumerate(hours) if on == "1"] == ticked


def test_a_leave_ends_at_the_societys_own_time(cast: Cast, person: UUID, client: Client) -> None:
    given = {"hours": list(range(168)), "unavailable_until": "2030-01-01T08:00"}
    signed_in(client, cast, "malik").post(f"/people/{person}/availability/", given)
    found = client.get(f"/api/v1/people/{person}/").json()
    assert dt.datetime.fromisoformat(found["unavailable_until"]) == dt.datetime(2030, 1, 1, 6, tzinfo=dt.UTC)
    assert found["state"] == "away"


def test_a_leave_that_is_no_date_is_refused_and_nothing_saved(
    cast: Cast, person: UUID, client: Client
) -> None:
    given = {"hours": [1], "unavailable_until": "tomorrow"}
    answer = signed_in(client, cast, "malik").post(f"/people/{person}/availability/", given)
    assert answer.status_code == 422
    assert client.get(f"/api/v1/people/{person}/").json()["weekly_hours"] == "1" * 168


def test_hours_of_another_length_are_refused(cast: Cast, person: UUID, client: Client) -> None:
    path = f"/api/v1/people/{person}/availability/"
    answer = signed_in(client, cast, "malik").put(path, {"weekly_hours": "1" * 167}, JSON)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["weekly_hours"])


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", 3),
        ("skill=nurse", 1),
        ("claims=waiting", 1),
        ("skill=nurse&claims=lapsed", 0),
        ("specialty=medical", 1),
    ],
)
def test_the_list_is_narrowed_by_skill_and_claim(
    cast: Cast, claim: UUID, client: Client, query: str, total: int
) -> None:
    assert signed_in(client, cast, "dunya").get(f"/api/v1/people/?{query}").json()["total"] == total


def test_a_page_beyond_the_last_is_empty_and_no_error(cast: Cast, person: UUID, client: Client) -> None:
    answer = signed_in(client, cast, "dunya").get("/people/?page=99")
    assert answer.status_code == 200


def test_the_set_up_page_is_for_managers(cast: Cast, client: Client) -> None:
    assert signed_in(client, cast, "dunya").get("/setup/messages/").status_code == 403
    assert signed_in(client, cast, "malik").get("/setup/messages/").status_code == 200


def test_a_month_that_is_shorter_ends_a_day_earlier() -> None:
    assert valid_until(dt.datetime(2024, 8, 31, tzinfo=dt.UTC), 18) == dt.datetime(2026, 2, 28, tzinfo=dt.UTC)
    assert valid_until(NOW, None) is None


def test_a_mask_keeps_the_length_and_the_last_two_digits() -> None:
    assert mask("+218910000001") == "+2189••••••01"


def test_the_firmest_reason_is_said() -> None:
    facts = {"opted_out": False, "adult": True, "verified": True, "taken": True, "away": True}
    assert standing(**facts) == "taken"
    assert standing(**facts | {"opted_out": True}) == "opted_out"
    assert standing(**facts | {"taken": False, "away": False}) == "ready"


def test_the_set_up_page_says_why_a_gateway_carries_the_texts(cast: Cast, client: Client) -> None:
    with society(cast.libya):
        Route.objects.create(
            society_id=cast.libya, provider="twilio", sender="+218910000001", account="AC1", sealed_token="x",
            answer_by="local_gateway", webhook_key="only-the-provider-knows", active=True,
        )  # fmt: skip
    page = (
        signed_in(client, cast, "malik").get("/setup/messages/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    )
    assert "Twilio does not carry replies from Libya" in page
    assert "/webhooks/twilio/only-the-provider-knows/inbound/" in page
