"""The drivers' doors: how statements run on psycopg and SQLite connections, and how their errors become ours."""
