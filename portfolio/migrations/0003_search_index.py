"""The full-text index over search entries: a GIN index on PostgreSQL, an FTS5 table kept by triggers on SQLite."""

from django.db import migrations

POSTGRES = [
    """CREATE INDEX portfolio_search_words ON portfolio_searchentry USING gin (
        (setweight(to_tsvector('english'::regconfig, COALESCE(title, '')), 'A')
         || setweight(to_tsvector('english'::regconfig, COALESCE(body, '')), 'B')))""",
]
SQLITE = [
    """CREATE VIRTUAL TABLE portfolio_search_fts USING fts5(
        title, body, content='portfolio_searchentry', content_rowid='id', tokenize='porter unicode61')""",
    """CREATE TRIGGER portfolio_search_insert AFTER INSERT ON portfolio_searchentry BEGIN
        INSERT INTO portfolio_search_fts(rowid, title, body) VALUES (new.id, new.title, new.body); END""",
    """CREATE TRIGGER portfolio_search_delete AFTER DELETE ON portfolio_searchentry BEGIN
        INSERT INTO portfolio_search_fts(portfolio_search_fts, rowid, title, body)
        VALUES ('delete', old.id, old.title, old.body); END""",
    """CREATE TRIGGER portfolio_search_update AFTER UPDATE ON portfolio_searchentry BEGIN
        INSERT INTO portfolio_search_fts(portfolio_search_fts, rowid, title, body)
        VALUES ('delete', old.id, old.title, old.body);
        INSERT INTO portfolio_search_fts(rowid, title, body) VALUES (new.id, new.title, new.body); END""",
]
POSTGRES_BACK = ["DROP INDEX IF EXISTS portfolio_search_words"]
SQLITE_BACK = [
    "DROP TRIGGER IF EXISTS portfolio_search_update",
    "DROP TRIGGER IF EXISTS portfolio_search_delete",
    "DROP TRIGGER IF EXISTS portfolio_search_insert",
    "DROP TABLE IF EXISTS portfolio_search_fts",
]


def forward(apps, schema_editor):
    run(schema_editor, POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE)


def back(apps, schema_editor):
    run(schema_editor, POSTGRES_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


def run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0002_api_keys")]

    operations = [migrations.RunPython(forward, back)]
