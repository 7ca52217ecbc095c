"""Row level security as one SQL function, so that every tenant table is protected in the same words.

`owner` needs a policy of its own: under plain FORCE a data migration updates nothing in silence and a
foreign key that is violated validates.
"""

from django.db import migrations

PROTECT = """
CREATE FUNCTION public.protect(t regclass, shared boolean DEFAULT false, col text DEFAULT 'society_id')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  mine text := format('%I = nullif(current_setting(''app.society'', true), '''')::uuid', col);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY owner_all ON %s TO owner USING (true) WITH CHECK (true)', t);
  EXECUTE format('CREATE POLICY society_rows ON %s TO app USING (%s) WITH CHECK (%s)', t, mine, mine);
  IF shared THEN
    EXECUTE format('CREATE POLICY shared_rows ON %s FOR SELECT TO app USING (%I IS NULL)', t, col);
  END IF;
END $$;
"""

# A reference between two rows of one society: with the society in the key nothing can point across.
TIE = """
CREATE FUNCTION public.tie(t regclass, col text, target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (society_id, %I) REFERENCES %s (society_id, id)',
                 t, left(t::text || '_' || col, 58) || '_tie', col, target);
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(PROTECT, "DROP FUNCTION public.protect(regclass, boolean, text)"),
        migrations.RunSQL(TIE, "DROP FUNCTION public.tie(regclass, text, regclass)"),
    ]
