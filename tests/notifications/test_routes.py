"""What is promised about answers, and secrets at rest."""

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings

from notifications import routes, vault
from notifications.ids import uuid7


@pytest.mark.parametrize("country", ["SA", "QA", "MA", "TR", "EG", "AE", "OM", "DZ", "LY", "PS"])
def test_countries_from_which_no_replies_are_carried_say_so(country: str) -> None:
    explained = routes.explain(country, "twilio")
    assert explained.code == "replies_not_carried"
    assert "two_way" not in explained.answers


@pytest.mark.parametrize("country", ["SY", "IR", "CU"])
def test_countries_not_served_leave_only_a_gateway(country: str) -> None:
    assert routes.explain(country, "twilio").answers == ("local_gateway",)


def test_where_links_are_forbidden_none_is_offered() -> None:
    assert "link" not in routes.explain("AE", "twilio").answers


def test_a_gateway_that_speaks_the_provider_s_api_may_carry_replies() -> None:
    assert routes.explain("LY", "twilio", "local_gateway").code == "gateway"


def test_a_way_of_answering_that_does_not_work_is_refused_at_set_up() -> None:
    with pytest.raises(routes.Unsuitable, match="replies_not_carried"):
        routes.setup_route(
            society_id=uuid7(), country="LY", provider="twilio", sender="+218910000001", account="AC",
            token="t", answer_by="two_way",
        )  # fmt: skip


@pytest.mark.parametrize("country", ["LY", "GB"])
@pytest.mark.parametrize("way", ["voice_dtmf", "whatsapp"])
def test_a_way_of_answering_nobody_would_hear_is_refused_at_set_up(country: str, way: str) -> None:
    with pytest.raises(routes.Unsuitable) as refused:
        routes.setup_route(
            society_id=uuid7(), country=country, provider="twilio", sender="+218910000001", account="AC",
            token="t", answer_by=way,
        )  # fmt: skip
    assert refused.value.explanation.code == "not_built"
    assert way not in refused.value.explanation.answers


def test_a_secret_sealed_with_an_older_key_still_opens(settings: LazySettings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.NAFEER_FIELD_KEYS = [old]
    sealed = vault.seal("token")
    settings.NAFEER_FIELD_KEYS = [new, old]
    assert vault.unseal(sealed) == "token"
    settings.NAFEER_FIELD_KEYS = [new]
    with pytest.raises(vault.Unreadable, match="add the old key back"):
        vault.unseal(sealed)
