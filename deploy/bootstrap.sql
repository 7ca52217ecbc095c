-- Run by a superuser in a new, empty database: the roles (of the whole cluster), extensions, schemas and grants
-- that migrations count on. Plain SQL without psql commands, and safe to run again. Passwords are set elsewhere.
--
--   owner  migrates and owns every table; has its own policy on each, since FORCE binds it too
--   app    runs web, sender and ticker; owns nothing and cannot bypass row level security
--   door   owns the SECURITY DEFINER functions that act before a society is known; nobody logs in as it

DO $$
BEGIN
  -- A cluster has one set of roles and two databases may be made at once, so a role that appears meanwhile is fine.
  BEGIN
    CREATE ROLE owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    CREATE ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  BEGIN
    CREATE ROLE door NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END;
  IF NOT pg_has_role('owner', 'door', 'MEMBER') THEN
    GRANT door TO owner;
  END IF;
  EXECUTE format('ALTER DATABASE %I OWNER TO owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO app', current_database());
END
$$;

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO owner;
GRANT USAGE ON SCHEMA public TO app, door;

CREATE SCHEMA IF NOT EXISTS door AUTHORIZATION owner;
GRANT USAGE ON SCHEMA door TO app;
GRANT USAGE, CREATE ON SCHEMA door TO door;

ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT USAGE ON SEQUENCES TO app;
