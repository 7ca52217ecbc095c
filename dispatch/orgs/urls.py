"""Set-up pages, and the pages of an account: signing in and out, password, second factor.

Administrators make accounts and the service sends no e-mail, so the pages of allauth that need one have no address.
"""

from allauth.account import views as account
from django.urls import include, path

from dispatch.orgs import views

urlpatterns = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("setup/messages/", views.message_routes, name="setup-messages"),
]
