"""Set-up pages."""

from django.urls import path

from dispatch.orgs import views

urlpatterns = [path("setup/messages/", views.message_routes, name="setup-messages")]
