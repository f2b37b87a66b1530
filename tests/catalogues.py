"""What a schema is made of, so that two of them can be compared."""

from __future__ import annotations

import re

from clients import raw_connection

POSTGRES = """
    WITH ours AS (SELECT c.* FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace)
    SELECT 'relation', c.relname::text, '', concat_ws(' ', c.relkind, c.relpersistence, c.reloptions, c.relacl,
           c.relrowsecurity, CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END)
    FROM ours AS c
    UNION ALL
    SELECT 'column', c.relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull,
           a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), l.collname, a.attacl)
    FROM ours AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
    WHERE c.relkind IN ('r', 'v')
    UNION ALL
    SELECT 'constraint', coalesce(t.relname, ''), o.conname, concat_ws(' ', pg_get_constraintdef(o.oid), o.convalidated)
    FROM pg_constraint AS o LEFT JOIN pg_class AS t ON t.oid = o.conrelid
    WHERE o.connamespace = current_schema()::regnamespace AND o.contype <> 'n'
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL
    SELECT 'trigger', c.relname, t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
    FROM pg_trigger AS t JOIN ours AS c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, '', pg_get_functiondef(p.oid) || ' ' || coalesce(p.proacl::text, '')
    FROM pg_proc AS p WHERE p.pronamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'version', version::text, '', to_jsonb(v) ->> 'checksum' FROM runinsights_schema AS v
    ORDER BY 1, 2, 3
"""
SQLITE = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


def whole_catalogue(url: str) -> set[tuple[str, ...]]:
    """Every relation, column, constraint, index, trigger and function of ours, whatever their order."""
    if url.startswith("postgres"):
        with raw_connection(url) as run:
            return {tuple(str(value) for value in row) for row in run(POSTGRES)}
    with raw_connection(url) as run:
        found: set[tuple[str, ...]] = set()
        for kind, name, text in run(SQLITE):
            if kind == "table":
                columns = run(f"SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{name}')")
                found |= {("column", name, *(str(value) for value in column)) for column in columns}
            else:
                found.add((kind, name, re.sub(r"\s+", " ", text or "")))
        versions = run("SELECT version, checksum FROM runinsights_schema")
        return found | {("version", str(version), str(checksum)) for version, checksum in versions}
