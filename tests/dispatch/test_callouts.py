"""A call-out on a real database: who is asked, who gets a place, who is told."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, connection, transaction

from dispatch.callouts import actions
from dispatch.callouts.models import Assignment, Wave
from dispatch.callouts.rules.replies import Reply
from dispatch.incidents.models import Incident, Need
from dispatch.journal.models import Entry
from dispatch.people.models import Reservation, Volunteer
from notifications.models import Message, Route
from notifications.tenancy import society
from tests.cast import NOW, Cast, flood, volunteers

LATER = NOW + dt.timedelta(minutes=5)


def launch(cast: Cast, *, people: int = 30, required: int = 2) -> UUID:
    volunteers(cast.libya, people)
    return actions.launch(incident_id=flood(cast.libya, required=required), confidence=0.9, by=None, now=NOW)


def say(assignment: Assignment, kind: str, minutes: int | None = None) -> str:
    return actions.answer(
        assignment_id=assignment.id, reply=Reply(kind, minutes), source=str(uuid4()), by=None, now=LATER
    )


def texts(assignment: Assignment) -> list[str]:
    rows = Message.objects.filter(subject=assignment.id).order_by("created_at", "id")
    return list(rows.values_list("dedupe_key", flat=True))


def test_the_nearest_are_asked_each_with_one_text(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        asked = Assignment.objects.order_by("distance_m")
        nearest = Volunteer.objects.order_by("phone")[: len(asked)]
        assert {a.volunteer_id for a in asked} == {v.id for v in nearest}
        assert Message.objects.filter(purpose="callout").count() == len(asked) > 2


def test_a_launch_is_one_journal_entry(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast)
        entry = Entry.objects.get(kind="callout.launched")
        assert entry.subject_id == call_out
        assert sum(entry.new["asked"].values()) == Assignment.objects.count()


def test_a_second_launch_of_the_same_incident_is_refused(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        incident = Need.objects.get().incident_id
        with pytest.raises(actions.AlreadyCalledOut):
            actions.launch(incident_id=incident, confidence=0.9, by=None, now=NOW)


def test_coming_up_to_the_limit_then_reserve(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast, required=2)
        first, second, third = Assignment.objects.order_by("distance_m")[:3]
        assert [say(first, "coming", 20), say(second, "coming")] == ["coming", "coming"]
        assert say(third, "coming") == "reserve"
        need = Need.objects.get()
        assert (need.filled, need.filled_at) == (2, LATER)


def test_when_full_the_silent_are_stood_down_and_who_had_no_text_yet_gets_none(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast, required=1)
        first, heard, unheard = Assignment.objects.order_by("distance_m")[:3]
        Message.objects.filter(subject=heard.id).update(state="delivered")
        say(first, "coming")
        assert not Assignment.objects.filter(state="asked").exists()
        assert any(key.startswith("stand_down") for key in texts(heard))
        assert texts(unheard) == [f"callout:{unheard.id}"]
        assert Message.objects.get(subject=unheard.id).state == "cancelled"


def test_a_place_given_back_goes_to_who_waits_longest(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast, required=1)
        first, second = Assignment.objects.order_by("distance_m")[:2]
        say(first, "coming")
        say(second, "coming")
        assert say(first, "declined") == "declined"
        second.refresh_from_db()
        assert second.state == "coming"
        assert Need.objects.get().filled == 1


def test_the_database_refuses_one_person_too_many(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast, required=1)
        ids = list(Assignment.objects.order_by("distance_m").values_list("id", flat=True)[:2])
        Assignment.objects.filter(id=ids[0]).update(state="coming")
        with pytest.raises(IntegrityError, match="need_never_over"), transaction.atomic():
            Assignment.objects.filter(id=ids[1]).update(state="coming")


def test_the_database_refuses_a_move_that_is_not_in_the_table(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        with pytest.raises(IntegrityError, match="no move from asked to arrived"), transaction.atomic():
            Assignment.objects.filter(id=Assignment.objects.all()[0].id).update(state="arrived")


def test_a_person_taken_elsewhere_is_not_counted_here(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        volunteer = Assignment.objects.order_by("distance_m")[0].volunteer
    with society(cast.egypt):
        volunteers(cast.egypt, 1)
        assert Volunteer.objects.get().person_key == volunteer.person_key
        actions.launch(incident_id=flood(cast.egypt, required=1), confidence=0.9, by=None, now=NOW)
        assert say(Assignment.objects.get(), "coming") == "coming"
    with society(cast.libya):
        assert say(Assignment.objects.get(volunteer=volunteer), "coming") == "declined"
        assert not Reservation.objects.exists(), "the other society's reservation must stay unseen"


def test_a_reserved_person_is_not_asked_again(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast, people=8, required=1)
        taken = Assignment.objects.order_by("distance_m")[0]
        say(taken, "coming")
        second = actions.launch(incident_id=flood(cast.libya, required=1), confidence=0.9, by=None, now=LATER)
        assert not Assignment.objects.filter(call_out_id=second, volunteer=taken.volunteer).exists()


def test_more_are_asked_when_many_decline_and_each_wave_says_why(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast, people=60, required=2)
        for assignment in Assignment.objects.all():
            say(assignment, "declined")
        assert actions.look(call_out_id=call_out, now=LATER) > 0
        assert [wave.reason["code"] for wave in Wave.objects.order_by("number")] == ["ask", "ask"]
        assert Assignment.objects.values("volunteer").distinct().count() == Assignment.objects.count()


def test_an_undelivered_call_makes_the_person_unreachable_and_a_late_yes_still_counts(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        first = Assignment.objects.order_by("distance_m")[0]
        actions.note_delivery(
            assignment_id=first.id, state="failed", reason={"code": "30003"}, at=LATER, now=LATER
        )
        first.refresh_from_db()
        assert (first.state, first.reason) == ("unreachable", {"code": "30003"})
        assert say(first, "coming") == "coming"


def test_a_failure_whose_news_was_lost_is_noted_at_the_next_look(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast)
        first = Assignment.objects.order_by("distance_m")[0]
        Message.objects.filter(subject=first.id).update(state="failed", reason="no_route")
        actions.look(call_out_id=call_out, now=LATER)
        first.refresh_from_db()
        assert (first.state, first.reason) == ("unreachable", {"code": "no_route"})


def test_an_unclear_answer_is_asked_back_twice_at_most(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        first = Assignment.objects.order_by("distance_m")[0]
        for _ in range(4):
            assert say(first, "unclear") == "asked"
        assert len([key for key in texts(first) if key.startswith("clarify")]) == 2


def test_arrival_and_home_safe_are_kept_and_a_call_for_help_stays_until_seen_to(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        first = Assignment.objects.order_by("distance_m")[0]
        assert [say(first, kind) for kind in ("coming", "arrived", "help", "safe")] == [
            "coming", "arrived", "arrived", "home_safe",
        ]  # fmt: skip
        first.refresh_from_db()
        assert first.help_at == LATER
        assert actions.seen_to(assignment_id=first.id, by=cast.users["dunya"].id, now=LATER)
        assert not actions.seen_to(assignment_id=first.id, by=cast.users["dunya"].id, now=LATER)


def test_closing_stands_down_the_waiting_and_a_late_yes_hears_it_is_over(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast)
        assert actions.close(call_out_id=call_out, by=None, now=LATER) == Assignment.objects.count()
        late = Assignment.objects.all()[0]
        assert say(late, "coming") == "stood_down"
        assert any(key.startswith("closed") for key in texts(late))
        assert actions.look(call_out_id=call_out, now=LATER) == 0


def test_somebody_on_the_way_can_still_decline_after_the_close(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast)
        first = Assignment.objects.order_by("distance_m")[0]
        say(first, "coming")
        actions.close(call_out_id=call_out, by=None, now=LATER)
        assert say(first, "declined") == "declined"
        assert Need.objects.get().filled == 0


def test_a_stand_down_by_a_person_stops_the_asking_until_a_person_asks_again(cast: Cast) -> None:
    by = cast.users["dunya"].id
    with society(cast.libya):
        call_out = launch(cast, people=90, required=2)
        actions.stand_down(call_out_id=call_out, need_id=None, by=by, now=LATER)
        assert actions.look(call_out_id=call_out, now=LATER) == 0
        need = Need.objects.get()
        assert actions.ask_more(call_out_id=call_out, need_id=need.id, count=3, by=by, now=LATER) == 3
        assert Need.objects.get().stopped_at is None


def test_somebody_stood_down_before_the_places_are_full_is_not_told_that_they_are(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast)
        Message.objects.update(state="delivered")
        actions.stand_down(call_out_id=call_out, need_id=None, by=None, now=LATER)
        told = Message.objects.filter(purpose="stand_down")[0].text
        assert "لم نعد بحاجة" in told
        assert "اكتمل" not in told


def test_a_yes_after_a_stand_down_or_the_hour_is_kept_in_reserve(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast)
        first, second = Assignment.objects.order_by("distance_m")[:2]
        too_late = NOW + dt.timedelta(hours=4)
        late = actions.answer(
            assignment_id=first.id, reply=Reply("coming"), source="x", by=None, now=too_late
        )
        assert late == "reserve"
        actions.stand_down(call_out_id=call_out, need_id=None, by=None, now=LATER)
        assert say(second, "coming") == "reserve"


def test_when_nobody_else_can_be_asked_the_reserve_is_called_in(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast, people=3, required=2)
        wished, late, third = Assignment.objects.order_by("distance_m")
        assert say(wished, "reserve") == "reserve"
        assert say(third, "declined") == "declined"
        actions.look(call_out_id=call_out, now=LATER)
        wished.refresh_from_db()
        assert wished.state == "coming"
        assert any(key.startswith("called_in") for key in texts(wished))
        assert say(late, "coming") == "coming"
        assert Need.objects.get().filled == 2


def test_two_call_outs_never_ask_the_same_silent_person(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast, people=60)
        actions.launch(incident_id=flood(cast.libya, required=2), confidence=0.9, by=None, now=NOW)
        asked = list(Assignment.objects.values_list("volunteer_id", flat=True))
        assert len(asked) == len(set(asked)) > 10


def test_a_society_asks_in_turn(committed: str, cast: Cast) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 60)
        incidents = [flood(cast.libya, required=2) for _ in range(4)]

    def call(incident: UUID) -> None:
        with society(cast.libya):
            actions.launch(incident_id=incident, confidence=0.9, by=None, now=NOW)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(call, incidents))
    with society(cast.libya):
        asked = list(Assignment.objects.values_list("volunteer_id", flat=True))
        assert len(asked) == len(set(asked)) > 20


def test_ending_an_incident_gives_its_people_back(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast)
        say(Assignment.objects.order_by("distance_m")[0], "coming")
        incident = Need.objects.get().incident_id
        with pytest.raises(actions.StillOpen):
            actions.end(incident_id=incident, by=None, now=LATER)
        actions.close(call_out_id=call_out, by=None, now=LATER)
        assert Reservation.objects.count() == 1
        assert actions.end(incident_id=incident, by=None, now=LATER)
        assert not Reservation.objects.exists()


def test_in_a_conflict_only_people_decide_on_further_calls(cast: Cast) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 60)
        incident = flood(cast.libya)
        Incident.objects.filter(id=incident).update(kind="conflict")
        call_out = actions.launch(incident_id=incident, confidence=0.9, by=None, now=NOW)
        for assignment in Assignment.objects.all():
            say(assignment, "declined")
        assert actions.look(call_out_id=call_out, now=LATER) == 0


def test_nobody_is_asked_after_the_hour_to_report_has_passed(cast: Cast) -> None:
    with society(cast.libya):
        call_out = launch(cast, people=60)
        for assignment in Assignment.objects.all():
            say(assignment, "declined")
        assert actions.look(call_out_id=call_out, now=NOW + dt.timedelta(hours=4)) == 0


@pytest.mark.parametrize("word", ["STOP", "إيقاف"])
def test_whoever_wants_no_more_texts_is_never_asked_again_and_not_answered(cast: Cast, word: str) -> None:
    with society(cast.libya):
        launch(cast)
        first = Assignment.objects.select_related("volunteer").order_by("distance_m")[0]
        before = Message.objects.count()
        assert actions.answer_text(from_number=first.volunteer.phone, text=word, source=uuid4(), now=LATER)
        first.refresh_from_db()
        assert first.state == "declined"
        assert Volunteer.objects.get(id=first.volunteer_id).opted_out_at == LATER
        assert Message.objects.count() == before


def test_a_number_that_unsubscribed_at_the_carrier_is_opted_out_here_too(cast: Cast) -> None:
    with society(cast.libya):
        launch(cast)
        first = Assignment.objects.order_by("distance_m")[0]
        actions.note_delivery(
            assignment_id=first.id, state="failed", reason={"code": "21610"}, at=LATER, now=LATER
        )
        assert Volunteer.objects.get(id=first.volunteer_id).opted_out_at == LATER


def test_where_no_reply_is_carried_the_first_text_holds_the_persons_own_link(cast: Cast) -> None:
    with society(cast.libya):
        Route.objects.update(answer_by="link")
        launch(cast)
        texts_sent = set(Message.objects.filter(purpose="callout").values_list("text", flat=True))
        assert len(texts_sent) == Assignment.objects.count()
        assert all("/a/" in text and "1+" not in text for text in texts_sent)


def test_who_lives_in_the_hazard_area_is_not_called(cast: Cast) -> None:
    with society(cast.libya):
        volunteers(cast.libya, 5)
        incident = flood(cast.libya, required=1)
        need = Need.objects.get()
        need.incident.hazard = MultiPolygon(Polygon.from_bbox((22.60, 32.70, 22.655, 32.80)), srid=4326)
        need.incident.save(update_fields=["hazard"])
        actions.launch(incident_id=incident, confidence=0.9, by=None, now=NOW)
        assert Assignment.objects.count() == 3
        assert Wave.objects.get().reason["excluded"] == {"home_in_hazard": 2}
