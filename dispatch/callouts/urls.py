"""The console, its parts and actions, the volunteer's link, and the API of call-outs."""

from django.urls import path

from dispatch.callouts import api
from dispatch.callouts.views import acting, console, launching, link

ONE = "console/<uuid:incident_id>/"
API = "api/v1/call-outs/"
PERSON = "console/person/<uuid:assignment_id>/"
urlpatterns = [
    path("", console.home, name="home"),
    path("console/", console.console, name="console"),
    path("console/alarms/", console.alarms, name="console_alarms"),
    path("console/new/", launching.new, name="launch_new"),
    path("console/new/row/", launching.need_row, name="launch_row"),
    path("console/new/preview/", launching.preview, name="launch_preview"),
    path("console/new/create/", launching.create, name="launch_create"),
    path(ONE, console.incident, name="console_incident"),
    path(f"{ONE}part/<slug:name>/", console.part, name="console_part"),
    path(f"{ONE}map/", console.map_data, name="console_map"),
    path(f"{ONE}launch/", launching.again, name="launch_again"),
    path(f"{ONE}ask/", acting.ask_more, name="ask_more"),
    path(f"{ONE}confirm/<slug:what>/", acting.confirm, name="confirm"),
    path(f"{ONE}stand-down/", acting.stand_down, name="stand_down"),
    path(f"{ONE}close/", acting.close, name="close_call_out"),
    path(f"{ONE}end/", acting.end_incident, name="end_incident"),
    path(PERSON, acting.person, name="person_in_call_out"),
    path(f"{PERSON}answer/", acting.answer, name="answer_for"),
    path(f"{PERSON}seen-to/", acting.seen_to, name="seen_to"),
    path("a/<str:token>", link.link, name="link"),
    path(API, api.CallOuts.as_view()),
    path(f"{API}<uuid:call_out_id>/", api.CallOut.as_view()),
    path(f"{API}<uuid:call_out_id>/ask/", api.Ask.as_view()),
    path(f"{API}<uuid:call_out_id>/stand-down/", api.StandDown.as_view()),
    path(f"{API}<uuid:call_out_id>/close/", api.Close.as_view()),
    path(f"{API}<uuid:call_out_id>/assignments/", api.Assignments.as_view()),
    path("api/v1/assignments/<uuid:assignment_id>/answer/", api.Answer.as_view()),
]
