"""Who may do what in a society. Roles are few and literal; a permission is a word that views and API ask for."""

DISPATCHER, MANAGER, VOLUNTEER, SOCIETY_ADMIN = "dispatcher", "manager", "volunteer", "society_admin"
ROLES = (DISPATCHER, MANAGER, VOLUNTEER, SOCIETY_ADMIN)

MAY: dict[str, frozenset[str]] = {
    "see_home": frozenset(ROLES),
    "see_console": frozenset({DISPATCHER, MANAGER, SOCIETY_ADMIN}),
    "launch": frozenset({DISPATCHER, SOCIETY_ADMIN}),
    "answer_for": frozenset({DISPATCHER, SOCIETY_ADMIN}),
    "see_people": frozenset({DISPATCHER, MANAGER, SOCIETY_ADMIN}),
    "edit_people": frozenset({MANAGER, SOCIETY_ADMIN}),
    "see_readiness": frozenset({DISPATCHER, MANAGER, SOCIETY_ADMIN}),
    "see_routes": frozenset({MANAGER, SOCIETY_ADMIN}),
    "edit_routes": frozenset({SOCIETY_ADMIN}),
}

# Which journal entries a role may read, by the first word of their kind. What it may not see still counts in
# the numbers, so a gap on the wire is a gap and nothing else.
MAY_HEAR: dict[str, frozenset[str]] = {
    DISPATCHER: frozenset({"incident", "need", "callout", "assignment", "message", "volunteer", "claim"}),
    MANAGER: frozenset(
        {"incident", "need", "callout", "assignment", "message", "volunteer", "claim", "readiness"}
    ),
    SOCIETY_ADMIN: frozenset(
        {"incident", "need", "callout", "assignment", "message", "volunteer", "claim", "readiness", "route"}
    ),
    VOLUNTEER: frozenset(),
}


def may(role: str, what: str) -> bool:
    """Whether a role holds a permission; an unknown permission is a programming error (KeyError)."""
    return role in MAY[what]


def may_hear(role: str, kind: str) -> bool:
    """Whether a role may read journal entries of this kind ("assignment.moved")."""
    return kind.split(".", 1)[0] in MAY_HEAR.get(role, frozenset())


# Tables without row level security, each with the reason. A test walks the database and fails on any other.
UNTENANTED: dict[str, str] = {
    "django_migrations": "which migrations ran",
    "django_content_type": "names of models",
    "django_session": "sign-ins, by random key; opened before a society is known",
    "auth_permission": "names of permissions",
    "auth_group": "unused, part of Django's accounts",
    "auth_group_permissions": "unused, part of Django's accounts",
    "orgs_user": "people who sign in: an account may belong to several societies",
    "orgs_user_groups": "unused, part of Django's accounts",
    "orgs_user_user_permissions": "unused, part of Django's accounts",
    "account_emailaddress": "e-mail of accounts",
    "account_emailconfirmation": "e-mail of accounts",
    "mfa_authenticator": "second factors of accounts",
    "knox_authtoken": "hashed API tokens of accounts",
    "people_skill": "the taxonomy, the same for everybody",
    "geo_city": "cities, the same for everybody",
    "notifications_worker": "when each process was last seen; no society's data",
    "notifications_clock": "the one clock of the instance",
    "spatial_ref_sys": "coordinate systems of PostGIS",
}
