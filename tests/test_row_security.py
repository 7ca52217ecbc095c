"""Every table is one society's rows under forced row level security, or stands in UNTENANTED with a reason."""

import pytest

from dispatch.orgs.rules import UNTENANTED
from tests.cast import owner_sql

# A table is safe when security is enabled and forced and every policy that app can use says, word for word, that the
# row is the society's own; besides it only the reading of shared rows (no society at all) is allowed.
OWN = r"^\((society_id|id) = \(NULLIF\(current_setting\('app.society'::text, true\), ''::text\)\)::uuid\)$"
UNSAFE = f"""
SELECT CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p') AND NOT (
  c.relrowsecurity AND c.relforcerowsecurity
  AND EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname
              AND 'app' = ANY (p.roles) AND p.cmd = 'ALL')
  AND NOT EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname
                  AND p.roles && '{{app,public}}' AND NOT (
                    (p.cmd = 'ALL' AND p.qual ~ $own${OWN}$own$ AND p.with_check ~ $own${OWN}$own$)
                    OR (p.cmd = 'SELECT' AND p.qual = '(society_id IS NULL)'))))
"""
# References between tenant tables that do not carry the society in their key.
LOOSE = """
SELECT c.conrelid::regclass::text || '.' || c.conname FROM pg_constraint c
WHERE c.contype = 'f' AND NOT EXISTS (
  SELECT FROM unnest(c.conkey) k JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k
  WHERE a.attname = 'society_id')
AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attname = 'society_id')
AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.confrelid AND a.attname = 'society_id')
"""
VIEWS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('v', 'm') AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
AND c.relname NOT IN ('geography_columns', 'geometry_columns')
"""
# A policy whose door reaches beyond one society belongs to the role door or owner, never to app.
DOORS = """
SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'door' AND (NOT p.prosecdef OR p.proowner <> 'door'::regrole OR p.proconfig IS NULL
  OR NOT EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%%'))
"""


def names(sql: str) -> set[str]:
    return {str(row[0]) for row in owner_sql(sql)}


def test_every_table_is_protected_or_named_with_a_reason(committed: str) -> None:
    assert names(UNSAFE) == set(UNTENANTED)
    assert all(UNTENANTED.values())


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE planted (society_id uuid)",
        "CREATE TABLE planted (society_id uuid); ALTER TABLE planted ENABLE ROW LEVEL SECURITY",
        "CREATE TABLE planted (society_id uuid); ALTER TABLE planted ENABLE ROW LEVEL SECURITY;"
        " ALTER TABLE planted FORCE ROW LEVEL SECURITY; CREATE POLICY all_rows ON planted TO app USING (true)",
        "CREATE TABLE planted (society_id uuid); SELECT protect('planted');"
        " CREATE POLICY wide ON planted TO app USING (true)",
        "CREATE TABLE planted (society_id uuid); SELECT protect('planted');"
        " CREATE POLICY wide ON planted FOR INSERT TO app WITH CHECK (true)",
        "CREATE TABLE planted (society_id uuid); SELECT protect('planted');"
        " CREATE POLICY wide ON planted FOR SELECT TO app USING (society_id IS NULL OR true)",
        "CREATE TABLE planted (society_id uuid); SELECT protect('planted');"
        " CREATE POLICY wide ON planted TO PUBLIC USING (true)",
    ],
)
def test_a_table_without_full_protection_is_seen(committed: str, table: str) -> None:
    owner_sql(table)
    try:
        assert names(UNSAFE) == {*UNTENANTED, "planted"}
    finally:
        owner_sql("DROP TABLE planted")


def test_a_table_in_another_schema_is_seen(committed: str) -> None:
    owner_sql("CREATE TABLE door.planted (society_id uuid)")
    try:
        assert "door.planted" in names(UNSAFE)
    finally:
        owner_sql("DROP TABLE door.planted")


def test_references_between_tenant_tables_carry_the_society(committed: str) -> None:
    assert names(LOOSE) == set()


def test_a_loose_reference_is_seen(committed: str) -> None:
    owner_sql("CREATE TABLE planted (society_id uuid, need_id uuid REFERENCES incidents_need (id))")
    try:
        assert len(names(LOOSE)) == 1
    finally:
        owner_sql("DROP TABLE planted")


def test_views_show_what_their_reader_may_see(committed: str) -> None:
    assert names(VIEWS) == set()


def test_doors_run_as_door_with_a_fixed_search_path(committed: str) -> None:
    assert len(names("SELECT proname FROM pg_proc WHERE pronamespace = 'door'::regnamespace")) >= 6
    assert names(DOORS) == set()
