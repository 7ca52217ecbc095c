"""What a dispatcher does: ask more, stand down, close, answer for somebody, see to an alarm."""

from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from dispatch.callouts import actions, queries
from dispatch.callouts.forms import AnswerForm, AskForm, StandDownForm
from dispatch.callouts.rules import moves
from dispatch.callouts.rules.replies import Reply
from dispatch.callouts.rules.urgency import BY_HAND
from dispatch.callouts.views.access import WARNING, acting, allowed, said
from notifications import clock
from notifications.ids import uuid7

# Where each word of AnswerForm leads; "arrived" and "safe" are words of the reply grammar, not states.
LEADS = {
    "coming": moves.COMING,
    "declined": moves.DECLINED,
    "reserve": moves.RESERVE,
    "arrived": moves.ARRIVED,
    "safe": moves.HOME_SAFE,
    "no_show": moves.NO_SHOW,
}


CONFIRMED = frozenset({"stand_down", "close"})


@require_POST
@allowed("launch")
def ask_more(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Ask so many more people for one need."""
    call_out_id, form = _call_out(incident_id), AskForm(request.POST)
    if not form.is_valid():
        return said(request, incident_id, gettext("Say for which need, and a number from 1 to 500."), WARNING)
    try:
        asked = actions.ask_more(
            call_out_id=call_out_id,
            need_id=form.cleaned_data["need"],
            count=form.cleaned_data["more"],
            by=acting(request).user_id,
            now=clock.now(),
        )
    except actions.NotOpen:
        words = gettext("Nobody was asked: the call-out has ended or the places are filled.")
        return said(request, incident_id, words, WARNING)
    except actions.NobodyLeft:
        words = gettext(
            "Nobody was asked: no other person with this skill can be asked within the radius now."
        )
        return said(request, incident_id, words, WARNING)
    words = ngettext("%(n)s more person is being asked.", "%(n)s more people are being asked.", asked)
    return said(request, incident_id, words % {"n": asked})


@require_GET
@allowed("launch")
def confirm(request: HttpRequest, incident_id: UUID, what: str) -> HttpResponse:
    """The dialog that asks before people are stood down or the call-out is closed."""
    board = queries.board(incident_id, now=clock.now())
    if what not in CONFIRMED or board is None or board.call_out_id is None:
        raise Http404
    return render(
        request, f"console/confirm_{what}.html", {"board": board, "need": request.GET.get("need", "")}
    )


@require_POST
@allowed("launch")
def stand_down(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Stand down the waiting of one need or of all."""
    call_out_id, form = _call_out(incident_id), StandDownForm(request.POST)
    if not form.is_valid():
        return said(request, incident_id, gettext("Choose a need from the list, or all."), WARNING)
    count = actions.stand_down(
        call_out_id=call_out_id,
        need_id=form.cleaned_data["need"],
        include_coming=form.cleaned_data["include_coming"],
        by=acting(request).user_id,
        now=clock.now(),
    )
    words = ngettext(
        "%(n)s person was stood down with thanks.", "%(n)s people were stood down with thanks.", count
    )
    return said(request, incident_id, words % {"n": count})


@require_POST
@allowed("launch")
def close(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Close the call-out; everybody waiting hears that it is over."""
    count = actions.close(call_out_id=_call_out(incident_id), by=acting(request).user_id, now=clock.now())
    words = ngettext(
        "The call-out is closed; %(n)s waiting person was thanked.",
        "The call-out is closed; %(n)s waiting people were thanked.",
        count,
    )
    return said(request, incident_id, words % {"n": count})


@require_POST
@allowed("launch")
def end_incident(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Close an incident whose call-out is closed."""
    try:
        actions.end(incident_id=incident_id, by=acting(request).user_id, now=clock.now())
    except actions.StillOpen:
        return said(request, incident_id, gettext("Close the call-out first, then the incident."), WARNING)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return said(request, incident_id, gettext("The incident is closed."))


@require_GET
@allowed("see_console")
def person(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """One person of a call-out: the facts, and what may be set for them."""
    found = queries.assignment(assignment_id, now=clock.now())
    if found is None:
        raise Http404
    row, _, incident_id = found
    may = [kind for kind in BY_HAND if moves.allowed(row.state, LEADS[kind])]
    context = {
        "person": row,
        "incident_id": incident_id,
        "may": may if acting(request).may("answer_for") else [],
    }
    return render(request, "console/person.html", context)


@require_POST
@allowed("answer_for")
def answer(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Set for a person what they said by phone or at the gate."""
    found, form = queries.assignment(assignment_id, now=clock.now()), AnswerForm(request.POST)
    if found is None:
        raise Http404
    row, _, incident_id = found
    if not form.is_valid() or not moves.allowed(row.state, LEADS[form.cleaned_data["kind"]]):
        words = gettext("Nothing was changed: this person's state has moved on. Look again.")
        return said(request, incident_id, words, WARNING)
    kind, now, by = form.cleaned_data["kind"], clock.now(), acting(request).user_id
    if kind == "no_show":
        actions.mark_no_show(assignment_id=assignment_id, by=by, now=now)
    else:
        reply = Reply(kind, form.cleaned_data["minutes"] if kind == "coming" else None)
        # Every press that changes something is answered; a second press of the same button changes nothing.
        actions.answer(assignment_id=assignment_id, reply=reply, source=f"desk:{uuid7()}", by=by, now=now)
    return said(request, incident_id, gettext("Noted for %(name)s.") % {"name": row.name})


@require_POST
@allowed("answer_for")
def seen_to(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Somebody's call for help has been seen to."""
    found = queries.assignment(assignment_id, now=clock.now())
    if found is None:
        raise Http404
    row, _, incident_id = found
    if not actions.seen_to(assignment_id=assignment_id, by=acting(request).user_id, now=clock.now()):
        return said(request, incident_id, gettext("This alarm was seen to already."), WARNING)
    return said(request, incident_id, gettext("The alarm of %(name)s is seen to.") % {"name": row.name})


def _call_out(incident_id: UUID) -> UUID:
    call_out_id = queries.latest_call_out(incident_id)
    if call_out_id is None:
        raise Http404
    return call_out_id
