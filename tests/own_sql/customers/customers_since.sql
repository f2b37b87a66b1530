-- name: customers_since(since)
-- Customers that came at or after a time; none for None.
-- param since: datetime | None = None
-- returns: tags: list[str | None], name!
SELECT id, name, tags FROM customers WHERE created_at >= :since ORDER BY id
