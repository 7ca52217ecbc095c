"""Accounts: what an administrator's accounts can do for themselves, and nothing that needs an e-mail."""

import pytest
from django.test import Client

from dispatch.orgs.models import Membership, User
from notifications.tenancy import society
from tests.cast import PASSWORD, Cast
from tests.dispatch.test_console import signed_in

ABSENT = ("signup/", "password/reset/", "password/reset/done/", "email/", "confirm-email/", "login/code/")


@pytest.fixture
def volunteer(cast: Cast) -> Client:
    user = User.objects.create_user(username="salma", password=PASSWORD)
    with society(cast.libya):
        Membership.objects.create(society_id=cast.libya, user=user, role="volunteer")
    return signed_in("salma")


@pytest.mark.parametrize("path", ABSENT)
def test_pages_that_need_an_email_have_no_address(cast: Cast, path: str) -> None:
    for client in (Client(), signed_in("dunya")):
        assert client.get(f"/accounts/{path}").status_code == 404
        assert client.post(f"/accounts/{path}", {"email": "nobody@example.org"}).status_code == 404


@pytest.mark.parametrize("path", ["password/change/", "2fa/", "2fa/totp/activate/", "logout/"])
def test_a_member_reaches_the_pages_of_the_own_account(cast: Cast, path: str) -> None:
    assert signed_in("dunya").get(f"/accounts/{path}", follow=True).status_code == 200


def test_a_member_changes_the_password(cast: Cast) -> None:
    new = {"oldpassword": PASSWORD, "password1": "another-horse-1", "password2": "another-horse-1"}
    assert signed_in("dunya").post("/accounts/password/change/", new).status_code == 302
    assert Client().login(username="dunya", password="another-horse-1")


def test_a_volunteer_reads_that_calls_come_by_text(volunteer: Client) -> None:
    page = volunteer.get("/", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert b"Calls reach you by text" in page.content
    arabic = volunteer.get("/", headers={"Accept-Language": "ar"}).content.decode()
    assert "النداءات تصلك برسالة نصية" in arabic


def test_the_menu_offers_a_role_only_what_it_may_open(volunteer: Client) -> None:
    page = volunteer.get("/").content.decode()
    for path in ("/console/", "/readiness/", "/people/"):
        assert volunteer.get(path).status_code == 403
        assert f'href="{path}"' not in page
    assert 'href="/people/"' in signed_in("dunya").get("/console/").content.decode()


def test_every_role_learns_from_the_api_who_it_is(volunteer: Client) -> None:
    for client, role in ((volunteer, "volunteer"), (signed_in("dunya"), "dispatcher")):
        assert client.get("/api/v1/me/").json()["role"] == role
    assert Client().get("/api/v1/me/").status_code == 403
