"""What changes is written down and told by who listens: NOTIFY in every one lets commits wait for each other."""

from alembic import op

from migrations.guards import guard, unguard

revision = "0114"
down_revision = "0131"
branch_labels = None
depends_on = None

# It is not written to the log of the database: after a crash everybody who listens loads all of it anew.
_TABLE = """
    CREATE UNLOGGED TABLE happening (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_happening PRIMARY KEY,
        business_id uuid NOT NULL,
        payload varchar NOT NULL
    )
"""
_REWRITE = """
    DO $do$
    DECLARE
        body text;
    BEGIN
        body := pg_get_functiondef('tell_of_messages()'::regprocedure);
        body := replace(body, 'PERFORM pg_notify(''raseed_events'', told::text) FROM (',
                        'INSERT INTO happening (business_id, payload) '
                        'SELECT (told ->> ''business'')::uuid, told::text FROM (');
        EXECUTE body;
    END $do$;
    CREATE OR REPLACE FUNCTION tell_of_row() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO happening (business_id, payload) VALUES (NEW.business_id, jsonb_build_object(
                'topic', TG_ARGV[0], 'business', NEW.business_id, TG_ARGV[1], NEW.id)::text);
            RETURN NULL;
        END
    $body$
"""
_BACK = """
    DO $do$
    DECLARE
        body text;
    BEGIN
        body := pg_get_functiondef('tell_of_messages()'::regprocedure);
        body := replace(body, 'INSERT INTO happening (business_id, payload) '
                        'SELECT (told ->> ''business'')::uuid, told::text FROM (',
                        'PERFORM pg_notify(''raseed_events'', told::text) FROM (');
        EXECUTE body;
    END $do$;
    CREATE OR REPLACE FUNCTION tell_of_row() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            PERFORM pg_notify('raseed_events', jsonb_build_object(
                'topic', TG_ARGV[0], 'business', NEW.business_id, TG_ARGV[1], NEW.id)::text);
            RETURN NULL;
        END
    $body$
"""


def upgrade() -> None:
    """Make the table, and let the triggers write into it."""
    op.execute(_TABLE)
    guard("happening")
    op.execute(_REWRITE)


def downgrade() -> None:
    """Let them tell it themselves again."""
    op.execute(_BACK)
    unguard("happening")
    op.drop_table("happening")
