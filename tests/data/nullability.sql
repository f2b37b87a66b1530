-- Statements over the tables of test_nullability.py, each below its columns: ! is proven never to be NULL, ? may be NULL.

-- base tables and views --
-- id! name! note?
SELECT id, name, note FROM p;
-- id! p_id? label! note? n!
SELECT * FROM c;
-- id! name! note? n? at! seen? tags! data! more? feel! mail? ok! maybe? price! span! duo? label!
SELECT p.*, c.label FROM p JOIN c ON c.p_id = p.id;
-- id? label?
SELECT id, label FROM seen_p;
-- mail?
SELECT mail FROM p;
-- cid! mail?
SELECT c.id AS cid, p.mail FROM c LEFT JOIN p ON p.id = c.p_id;
-- id! word!
SELECT "Id" AS id, "select" AS word FROM "Odd";
-- id!
SELECT o."Id" AS id FROM "Odd" AS o;
-- id! x!
SELECT id, x FROM parent;
-- id! x!
SELECT id, x FROM ONLY parent;
-- id! x!
SELECT id, x FROM parts;
-- id? name?
SELECT id, name FROM other.p;
-- x!
SELECT a.x FROM p AS a (x, y);
-- id! p_id? label! note? n!
TABLE c;
-- a?
SELECT (duo).a AS a FROM p;
-- x?
SELECT (p).id AS x FROM p;
-- whole? id!
SELECT p AS whole, id FROM p;

-- outer joins --
-- id! label?
SELECT p.id, c.label FROM p LEFT JOIN c ON c.p_id = p.id;
-- id? label!
SELECT p.id, c.label FROM p RIGHT JOIN c ON c.p_id = p.id;
-- id? label?
SELECT p.id, c.label FROM p FULL JOIN c ON c.p_id = p.id;
-- id! label?
SELECT p.id, c.label FROM p LEFT OUTER JOIN c ON false;
-- id! label!
SELECT p.id, c.label FROM p CROSS JOIN c;
-- id! label!
SELECT p.id, c.label FROM p, c;
-- x? y? z!
SELECT a.id AS x, b.id AS y, c.id AS z FROM p AS a LEFT JOIN p AS b ON b.id = a.n RIGHT JOIN c ON c.n = b.id;
-- x! y! z!
SELECT a.id AS x, b.id AS y, c.id AS z FROM p AS a LEFT JOIN p AS b ON b.id = a.n JOIN c ON c.n = b.id;
-- x! y! z!
SELECT a.id AS x, b.name AS y, c.id AS z FROM p AS a LEFT JOIN p AS b ON b.id = a.n JOIN c ON c.n = b.id;
-- x! y?
SELECT a.id AS x, b.id AS y FROM p AS a LEFT JOIN p AS b ON b.id = a.n JOIN c ON c.n = b.id OR true;
-- x! y? z?
SELECT a.id AS x, b.id AS y, c.id AS z FROM p AS a LEFT JOIN (p AS b JOIN c ON c.n = b.id) ON b.id = a.n;
-- x! y? z?
SELECT a.id AS x, b.id AS y, c.id AS z FROM p AS a LEFT JOIN p AS b LEFT JOIN c ON c.n = b.id ON b.id = a.n;
-- x! y?
SELECT a.id AS x, b.id AS y FROM (p AS a LEFT JOIN p AS b ON b.id = a.n) JOIN c ON true;
-- label? id!
SELECT s.label, p.id FROM p LEFT JOIN (SELECT label, p_id FROM c) AS s ON s.p_id = p.id;
-- id?
SELECT s.id FROM (SELECT c.id FROM p LEFT JOIN c ON c.p_id = p.id) AS s;
-- id?
WITH s AS (SELECT c.id FROM p LEFT JOIN c ON c.p_id = p.id) SELECT s.id FROM s;
-- id! label?
SELECT id, label FROM p LEFT JOIN c USING (id);
-- id! name?
SELECT id, name FROM p RIGHT JOIN c USING (id);
-- id! name? label?
SELECT id, name, label FROM p FULL JOIN c USING (id);
-- n? name?
SELECT n, name FROM p FULL JOIN c USING (n);
-- n! id!
SELECT n, p.id FROM p JOIN c USING (n);
-- n? pn? cn?
SELECT n, p.n AS pn, c.n AS cn FROM p LEFT JOIN c USING (n);
-- n! pn? cn!
SELECT n, p.n AS pn, c.n AS cn FROM c LEFT JOIN p USING (n);
-- a! b? b?
SELECT * FROM bare AS x JOIN bare AS y USING (a);
-- id! x!
SELECT id, x FROM parent NATURAL LEFT JOIN (SELECT 1 AS id, 2 AS y) AS z;
-- id! label?
SELECT * FROM (SELECT id FROM p) AS x NATURAL FULL JOIN (SELECT id, label FROM c) AS y;
-- x?
SELECT s.x FROM p CROSS JOIN LATERAL (SELECT p.note AS x) AS s;
-- x!
SELECT s.x FROM p CROSS JOIN LATERAL (SELECT p.name AS x) AS s;
-- x?
SELECT s.x FROM p LEFT JOIN LATERAL (SELECT c.label AS x FROM c WHERE c.p_id = p.id) AS s ON true;
-- x!
SELECT s.x FROM p LEFT JOIN LATERAL (SELECT count(*) AS x FROM c WHERE c.p_id = p.id) AS s ON true;
-- x?
SELECT s.x FROM p LEFT JOIN LATERAL (SELECT count(*) AS x FROM c WHERE c.p_id = p.id) AS s ON p.ok;
-- x?
SELECT s.x FROM p LEFT JOIN LATERAL (SELECT count(*) AS x FROM c WHERE c.p_id = p.id GROUP BY p_id) AS s ON true;
-- x?
SELECT s.x FROM p LEFT JOIN LATERAL (SELECT count(*) AS x FROM c HAVING count(*) > 5) AS s ON true;
-- x?
SELECT s.x FROM p LEFT JOIN LATERAL (SELECT count(*) AS x FROM c LIMIT 0) AS s ON true;
-- x?
SELECT s.x FROM p LEFT JOIN LATERAL (SELECT count(*) AS x FROM c OFFSET 1) AS s ON true;
-- x?
SELECT s.x FROM p LEFT JOIN (SELECT sum(n) AS x, p_id FROM c GROUP BY p_id) AS s ON s.p_id = p.id;
-- id! a?
SELECT g.id, b.a FROM p AS g, bare AS b LEFT JOIN c ON c.id = b.a;
-- id?
SELECT x.id FROM (VALUES (1), (2)) AS v (k) LEFT JOIN p AS x ON x.id = v.k;

-- WHERE --
-- note!
SELECT note FROM p WHERE note IS NOT NULL;
-- x!
SELECT note AS x FROM p WHERE note IS NOT NULL AND ok;
-- note?
SELECT note FROM p WHERE note IS NOT NULL OR ok;
-- note!
SELECT note FROM p WHERE note = 'x' OR note = 'y';
-- note!
SELECT note FROM p WHERE NOT (note IS NULL);
-- note?
SELECT note FROM p WHERE NOT (note IS NULL AND ok);
-- note!
SELECT note FROM p WHERE NOT (note IS NULL OR ok);
-- note?
SELECT note FROM p WHERE note IS NULL;
-- n!
SELECT n FROM p WHERE n > 0;
-- n!
SELECT n FROM p WHERE n IN (1, 2);
-- n!
SELECT n FROM p WHERE n NOT IN (1, 2);
-- n?
SELECT n FROM p WHERE n NOT IN (SELECT id FROM c WHERE false);
-- n!
SELECT n FROM p WHERE n IN (SELECT id FROM c);
-- n!
SELECT n FROM p WHERE n = ANY (ARRAY[1, 2]);
-- n?
SELECT n FROM p WHERE NOT n = ANY (ARRAY[]::int[]);
-- n?
SELECT n FROM p WHERE n <> ALL (ARRAY[]::int[]);
-- n!
SELECT n FROM p WHERE n BETWEEN 1 AND 3;
-- n!
SELECT n FROM p WHERE n NOT BETWEEN 5 AND 7;
-- note!
SELECT note FROM p WHERE lower(note) = 'x';
-- note!
SELECT note FROM p WHERE note LIKE 'x';
-- note?
SELECT note FROM p WHERE note IS DISTINCT FROM 'x';
-- maybe!
SELECT maybe FROM p WHERE maybe;
-- maybe!
SELECT maybe FROM p WHERE NOT maybe;
-- maybe!
SELECT maybe FROM p WHERE maybe IS TRUE;
-- maybe?
SELECT maybe FROM p WHERE maybe IS NOT TRUE;
-- note! n!
SELECT note, n FROM p WHERE (note, n) = ('x', 2);
-- more?
SELECT more FROM p WHERE more ->> 'k' IS NULL;
-- note?
SELECT note FROM p WHERE coalesce(note, 'x') = 'x';
-- label! id!
SELECT c.label, p.id FROM p LEFT JOIN c ON c.p_id = p.id WHERE c.id IS NOT NULL;
-- note?
SELECT c.note FROM p LEFT JOIN c ON c.p_id = p.id WHERE c.id IS NOT NULL;
-- p_id!
SELECT c.p_id FROM p LEFT JOIN c ON c.p_id = p.id WHERE c.label > '';
-- name!
SELECT p.name FROM p RIGHT JOIN c ON c.p_id = p.id WHERE p.id = 1;
-- name! label?
SELECT p.name, c.label FROM p FULL JOIN c ON c.p_id = p.id WHERE p.id = 1;
-- note! other!
SELECT a.note, b.note AS other FROM p AS a JOIN p AS b ON a.note = b.note;
-- note!
SELECT s.note FROM (SELECT note FROM p WHERE note IS NOT NULL) AS s;
-- note!
SELECT note FROM (SELECT note FROM p) AS s WHERE note IS NOT NULL;
-- n!
SELECT n FROM p WHERE p.n > (SELECT min(n) FROM c WHERE c.note = 'note');
-- x? note?
SELECT gone(name) AS x, note FROM p WHERE gone(note) = 'x' OR true;

-- aggregates --
-- x! y! z!
SELECT count(*) AS x, count(note) AS y, count(*) FILTER (WHERE ok) AS z FROM p;
-- x!
SELECT count(DISTINCT note) AS x FROM p GROUP BY ok;
-- a? b? c? d?
SELECT sum(n) AS a, max(id) AS b, array_agg(id) AS c, string_agg(name, ',') AS d FROM p;
-- b? n!
SELECT max(id) AS b, count(*) AS n FROM p GROUP BY ();
-- ok! a! b! c! d!
SELECT ok, sum(id) AS a, max(id) AS b, avg(id) AS c, min(name) AS d FROM p GROUP BY ok;
-- a! b! d!
SELECT bool_or(ok) AS a, array_agg(id) AS b, string_agg(name, ',' ORDER BY id) AS d FROM p GROUP BY ok;
-- a? b?
SELECT sum(n) AS a, max(note) AS b FROM p GROUP BY ok;
-- a?
SELECT sum(id) FILTER (WHERE n > 1) AS a FROM p GROUP BY ok;
-- b!
SELECT max(note) AS b FROM p WHERE note IS NOT NULL GROUP BY ok;
-- b?
SELECT max(note) AS b FROM p WHERE note IS NOT NULL;
-- note? x!
SELECT note, count(*) AS x FROM p GROUP BY note;
-- a? b!
SELECT stddev(id) AS a, var_pop(id) AS b FROM p GROUP BY ok;
-- a!
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id) AS a FROM p GROUP BY ok;
-- a?
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS a FROM p GROUP BY ok;
-- a?
SELECT mode() WITHIN GROUP (ORDER BY name) AS a FROM p;
-- id? s?
SELECT id, sum(n) AS s FROM c GROUP BY ROLLUP (id);
-- id? label? x!
SELECT id, label, count(*) AS x FROM c GROUP BY CUBE (id, label);
-- id? x!
SELECT id, count(*) AS x FROM c GROUP BY GROUPING SETS ((id), ());
-- id? g!
SELECT id, GROUPING(id) AS g FROM c GROUP BY ROLLUP (id);
-- k? x!
SELECT coalesce(note, '') AS k, count(*) AS x FROM c GROUP BY ROLLUP (coalesce(note, ''));
-- k? x!
SELECT coalesce(note, '') AS k, count(*) AS x FROM c GROUP BY ROLLUP (1);
-- k? x!
SELECT 'all' AS k, count(*) AS x FROM c GROUP BY ROLLUP (k);
-- k? l!
SELECT label AS k, coalesce(label, 'all') AS l FROM c GROUP BY ROLLUP (label);
-- x?
SELECT (SELECT c.id) AS x FROM c GROUP BY ROLLUP (id);
-- label! x?
SELECT label, (SELECT sum(c.n) FROM p WHERE id = 1) AS x FROM c GROUP BY label;
-- x?
SELECT (SELECT count(c.n) FROM p WHERE false) AS x FROM c;
-- x!
SELECT count(*) AS x FROM p HAVING count(*) > 100;
-- x?
SELECT (SELECT count(*) FROM p HAVING count(*) > 100) AS x;
-- t?
SELECT s.t FROM (SELECT sum(n) AS t FROM c) AS s;
-- id! t?
SELECT c.id, s.t FROM c LEFT JOIN (SELECT count(*) AS t FROM p) AS s ON c.id = 1;
-- a! b!
SELECT min(at) AS a, max(feel) AS b FROM p GROUP BY ok HAVING count(*) > 0;
-- x!
SELECT sum(count(*)) OVER () AS x FROM p GROUP BY ok;

-- subqueries --
-- x?
SELECT (SELECT id FROM p LIMIT 1) AS x;
-- x!
SELECT (SELECT count(*) FROM p) AS x;
-- x?
SELECT (SELECT max(id) FROM p) AS x;
-- x! y? z?
SELECT (SELECT 1) AS x, (SELECT 1 WHERE false) AS y, (SELECT 1 LIMIT 0) AS z;
-- x?
SELECT (SELECT unnest(ARRAY[]::int[])) AS x;
-- x! y!
SELECT EXISTS (SELECT 1 FROM p) AS x, ARRAY(SELECT note FROM p) AS y;
-- x! y?
SELECT (SELECT p.name) AS x, (SELECT p.note) AS y FROM p;
-- x? y! z?
SELECT n IN (SELECT n FROM p) AS x, id IN (SELECT id FROM p) AS y, id IN (SELECT n FROM p) AS z FROM c;

-- expressions --
-- a! b? c! d! e?
SELECT id + 1 AS a, n + 1 AS b, id * price AS c, -id AS d, id / nullif(n, 0) AS e FROM p WHERE id > 1;
-- a! b? c!
SELECT name || 'x' AS a, name || note AS b, id || name AS c FROM p;
-- a! b? c? d! e!
SELECT id = 1 AS a, n = 1 AS b, id < n AS c, name LIKE 'a' AS d, name ~ 'a' AS e FROM p;
-- a! b! c! d!
SELECT n IS NULL AS a, n IS DISTINCT FROM 1 AS b, maybe IS TRUE AS c, maybe IS UNKNOWN AS d FROM p;
-- a? b?
SELECT data IS JSON AS a, more::text IS JSON AS b FROM p;
-- a? b! c! d?
SELECT ok AND maybe AS a, ok OR ok AS b, NOT ok AS c, NOT maybe AS d FROM p;
-- a! b? c? d!
SELECT id IN (1, 2) AS a, id IN (1, NULL) AS b, n IN (1) AS c, id NOT IN (1, 2) AS d FROM p;
-- a? b! c?
SELECT id = ANY (ARRAY[1, NULL]) AS a, id BETWEEN 1 AND 2 AS b, id BETWEEN 1 AND n AS c FROM p;
-- a? b?
SELECT (id, n) = (1, NULL) AS a, ROW(id, n) = ROW(1, 2) AS b FROM p;
-- a! b? c! d?
SELECT coalesce(note, 'x') AS a, coalesce(note, NULL) AS b, coalesce(n, id) AS c, nullif(id, 1) AS d FROM p;
-- a! b?
SELECT greatest(n, id) AS a, least(n, NULL) AS b FROM p;
-- a? b! c?
SELECT CASE WHEN ok THEN 1 END AS a, CASE WHEN ok THEN 1 ELSE 2 END AS b, CASE WHEN ok THEN n ELSE 1 END AS c FROM p;
-- a! b!
SELECT CASE WHEN n IS NOT NULL THEN n ELSE 0 END AS a, CASE WHEN n IS NULL THEN 0 ELSE n END AS b FROM p;
-- a? b! c?
SELECT CASE WHEN n > 1 THEN 0 ELSE n END AS a, CASE n WHEN 1 THEN 2 ELSE 3 END AS b, CASE n WHEN 1 THEN n ELSE 0 END AS c FROM p;
-- a?
SELECT CASE WHEN n IS NULL AND ok THEN 0 ELSE n END AS a FROM p;
-- a!
SELECT CASE WHEN n IS NULL OR ok THEN 0 ELSE n END AS a FROM p;
-- a! b! c! d! e!
SELECT id::text AS a, note::int AS b, price::int8 AS c, name::varchar AS d, '1'::int AS e FROM p WHERE id = 2 AND note = '1';
-- a! b! c!
SELECT feel::text AS a, 'sad'::mood AS b, name::email AS c FROM p;
-- a! b?
SELECT data::text AS a, more::text AS b FROM p;
-- a? b? c? d?
SELECT (data -> 'x')::text AS a, data ->> 'k' AS b, data -> 'k' AS c, data #>> '{k}' AS d FROM p;
-- a? b? c! d! e?
SELECT tags[1] AS a, tags[2] AS b, ARRAY[id, n] AS c, cardinality(tags) AS d, array_length(tags, 1) AS e FROM p;
-- a! b? c! d! e!
SELECT lower(name) AS a, upper(note) AS b, length(name) AS c, trim(name) AS d, replace(name, 'a', 'b') AS e FROM p;
-- a? b? c!
SELECT lower(span) AS a, upper(span) AS b, isempty(span) AS c FROM p;
-- a! b? c! d!
SELECT substring(name from 1 for 1) AS a, substring(name from 'z') AS b, substr(name, 1) AS c, left(name, 1) AS d FROM p;
-- a? b? c!
SELECT substring(name, 'z') AS a, regexp_match(name, 'z') AS b, regexp_replace(name, 'z', '') AS c FROM p;
-- a! b? c! d!
SELECT concat(note, n) AS a, concat_ws(note, 'a') AS b, concat_ws(',', note) AS c, format('x', note) AS d FROM p;
-- a?
SELECT concat(VARIADIC NULL::text[]) AS a;
-- a! b! c! d! e!
SELECT now() AS a, current_date AS b, CURRENT_TIMESTAMP AS c, current_user AS d, gen_random_uuid() AS e;
-- a? b? c?
SELECT current_schema() AS a, current_setting('nope.x', true) AS b, to_regclass('nope') AS c;
-- a! b? c! d!
SELECT date_trunc('day', at) AS a, date_trunc('day', seen) AS b, at + interval '1 day' AS c, at AT TIME ZONE 'UTC' AS d FROM p;
-- a! b? c! d?
SELECT extract(epoch FROM at) AS a, extract(month FROM at) AS b, date_part('year', at) AS c, date_part('month', at) AS d FROM p;
-- a? b? c?
SELECT to_char(at, 'YYYY') AS a, to_char(1, '9') AS b, to_date('2026', 'YYYY') AS c FROM p;
-- a! b! c? d!
SELECT round(price, 2) AS a, abs(id) AS b, scale(price) AS c, mod(id, 2) AS d FROM p;
-- a! b! c? d!
SELECT jsonb_build_object('a', note) AS a, to_jsonb(name) AS b, to_jsonb(note) AS c, jsonb_typeof(data) AS d FROM p;
-- a? b? c? d?
SELECT gone(name) AS a, lcase(name) AS b, md5(name) AS c, md5(id) AS d FROM p;
-- a! b! c! d? e! f! g! h!
SELECT 1 AS a, 'x' AS b, true AS c, NULL AS d, 1.5 AS e, E'x' AS f, $$x$$ AS g, interval '1 day' AS h;
-- a? b?
SELECT '(1,1),(2,2)'::lseg # '(5,5),(6,6)'::lseg AS a, '[(0,0),(1,1)]'::path + '((0,0),(1,1))'::path AS b;
-- a?
SELECT CASE WHEN true THEN (SELECT note FROM p WHERE id = 1) ELSE 'x' END AS a;
-- a! b? c!
SELECT position('a' in name) AS a, overlay(name placing 'x' from 1) AS b, starts_with(name, 'o') AS c FROM p;

-- windows --
-- a! b! c! d!
SELECT row_number() OVER () AS a, rank() OVER (ORDER BY n) AS b, ntile(2) OVER (ORDER BY id) AS c, count(*) OVER () AS d FROM p;
-- a? b? c!
SELECT lag(id) OVER (ORDER BY id) AS a, lead(id, 1) OVER (ORDER BY id) AS b, lag(id, 1, 0) OVER (ORDER BY id) AS c FROM p;
-- a? b?
SELECT lag(n, 1, 0) OVER (ORDER BY id) AS a, nth_value(id, 9) OVER (ORDER BY id) AS b FROM p;
-- a! b?
SELECT first_value(id) OVER w AS a, first_value(n) OVER w AS b FROM p WINDOW w AS (ORDER BY n);
-- a! b? c?
SELECT sum(id) OVER (ORDER BY id) AS a, sum(n) OVER () AS b, sum(id) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) AS c FROM p;
-- a!
SELECT sum(id) OVER (ORDER BY id ROWS 1 PRECEDING) AS a FROM p;
-- a!
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS a FROM p;
-- a?
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE CURRENT ROW) AS a FROM p;
-- a?
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS a FROM p;
-- a? b!
SELECT sum(id) FILTER (WHERE n > 1) OVER () AS a, count(*) FILTER (WHERE n > 1) OVER () AS b FROM p;
-- a?
SELECT sum(id) OVER w AS a FROM p WINDOW w AS (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING);

-- set operations and VALUES --
-- id!
SELECT id FROM p UNION ALL SELECT n FROM c;
-- id?
SELECT id FROM p UNION SELECT NULL;
-- n!
SELECT n FROM p INTERSECT SELECT n FROM c;
-- id!
SELECT id FROM p EXCEPT SELECT n FROM p;
-- n?
SELECT n FROM p EXCEPT SELECT id FROM p;
-- id?
SELECT id FROM p EXCEPT SELECT n FROM c UNION SELECT n FROM p;
-- n?
SELECT n FROM p UNION SELECT id FROM c INTERSECT SELECT id FROM c;
-- id! name?
SELECT id, name FROM p UNION ALL (SELECT id, note FROM c ORDER BY id LIMIT 1);
-- column1! column2?
VALUES (1, 'a'), (2, NULL);
-- a! b?
SELECT * FROM (VALUES (1, NULL), (2, 'x')) AS v (a, b);
-- id?
WITH c AS (SELECT note AS id FROM p) SELECT id FROM p UNION ALL SELECT length(id) FROM c;

-- CTEs --
-- id?
WITH c AS (SELECT NULL::int AS id) SELECT id FROM c;
-- id?
WITH c AS (SELECT NULL::int AS id) SELECT s.id FROM (SELECT id FROM c) AS s;
-- id! note!
WITH p AS (SELECT id, note FROM p WHERE note IS NOT NULL) SELECT id, note FROM p;
-- x! y?
WITH a (x, y) AS (SELECT id, note FROM p) SELECT x, y FROM a;
-- id!
WITH a AS MATERIALIZED (SELECT id FROM p), b AS (SELECT id FROM a) SELECT b.id FROM b;
-- x!
WITH RECURSIVE t (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t WHERE x < 3) SELECT x FROM t;
-- x? y?
WITH RECURSIVE t (x, y) AS (SELECT 1, 1 UNION ALL SELECT y, NULL FROM t WHERE x < 2) SELECT x, y FROM t LIMIT 9;
-- id! n!
WITH RECURSIVE t AS (SELECT id, n FROM c UNION SELECT c.id, c.n FROM t JOIN c ON c.p_id = t.id) SELECT id, n FROM t;
-- id! p_id?
WITH RECURSIVE t AS (SELECT id, p_id FROM c UNION SELECT c.id, t.id FROM t JOIN c ON c.p_id = t.id) SELECT id, p_id FROM t;
-- id?
WITH RECURSIVE a AS (SELECT id FROM p), p AS (SELECT NULL::int AS id) SELECT id FROM a;
-- n?
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 2) SEARCH DEPTH FIRST BY n SET o SELECT n FROM t;

-- set-returning functions --
-- g!
SELECT g FROM generate_series(1, 3) AS g;
-- x!
SELECT g.n + 1 AS x FROM generate_series(1, 3) AS g (n);
-- u?
SELECT u FROM unnest(ARRAY[1, NULL]) AS u;
-- id! tag?
SELECT id, unnest(tags) AS tag FROM p;
-- a? b?
SELECT generate_series(1, 2) AS a, generate_series(1, 3) AS b;
-- a!
SELECT generate_series(1, 2) AS a;
-- id! tag?
SELECT p.id, t.tag FROM p, unnest(p.tags) AS t (tag);
-- k? v?
SELECT d.k, d.v FROM p, jsonb_each(CASE WHEN jsonb_typeof(data) = 'object' THEN data ELSE '{}' END) AS d (k, v);
-- n! id?
SELECT g.n, p.id FROM generate_series(1, 3) AS g (n) LEFT JOIN p ON p.id = g.n;
-- a? b?
SELECT z.a, z.b FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS z (a, b);
-- n! o!
SELECT g.n, g.o FROM generate_series(5, 6) WITH ORDINALITY AS g (n, o);

-- changes --
-- id! note? m!
INSERT INTO c (id, label, n) VALUES (9, 'x', 1) RETURNING id, note, n + 1 AS m;
-- id! note?
INSERT INTO c AS k (id, label, n) SELECT id, name, 1 FROM p ON CONFLICT (id) DO UPDATE SET note = NULL RETURNING k.id, note;
-- id! p_id? label! note? n!
INSERT INTO c (id, label, n) VALUES (1, 'x', 1) ON CONFLICT DO NOTHING RETURNING *;
-- id! note?
UPDATE p SET note = NULL WHERE note IS NOT NULL RETURNING id, note;
-- id! p_id! note?
UPDATE p SET n = 1 FROM c WHERE c.p_id = p.id RETURNING p.id, c.p_id, c.note;
-- id! x? a?
UPDATE p SET n = 1 FROM bare AS b LEFT JOIN c ON c.id = b.a WHERE p.id = 1 RETURNING p.id, c.id AS x, b.a;
-- id! note!
DELETE FROM c WHERE note IS NOT NULL RETURNING id, note;
-- id! p_id! label! note? n! name! other?
DELETE FROM c USING p WHERE p.id = c.p_id RETURNING c.*, p.name, p.note AS other;
-- id! note?
WITH d AS (DELETE FROM c RETURNING id, note) SELECT id, note FROM d;
-- id! x?
WITH d AS (UPDATE c SET n = 2 WHERE id = 1 RETURNING id) SELECT p.id, d.id AS x FROM p LEFT JOIN d ON d.id = p.id;
-- id? label?
INSERT INTO seen_c (id, label, n) VALUES (7, 'x', 1) RETURNING id, label;

-- rows, quantifiers, grouping sets beside plain keys, joins under a name --
-- a! b? c? d!
SELECT (id, name) = (1, 'x') AS a, (id, note) = (1, 'x') AS b, (id, n) < (1, 2) AS c, (id, 1) <> (1, 2) AS d FROM p;
-- a! b? c? d?
SELECT id > ALL (SELECT id FROM c) AS a, id > ALL (SELECT p_id FROM c) AS b, n = ANY (SELECT id FROM c) AS c, id = ALL (ARRAY[n]) AS d FROM p;
-- label! note? s!
SELECT label, note, sum(n) AS s FROM c GROUP BY label, ROLLUP (note);
-- label! n? x!
SELECT label, n, count(*) AS x FROM c GROUP BY label, CUBE (n);
-- a? s?
SELECT label AS a, max(n) AS s FROM c GROUP BY ROLLUP (1);
-- label? id?
SELECT label, id FROM c GROUP BY ROLLUP (label), id, ROLLUP (id);
-- id! line? x?
SELECT p.id, j.label AS line, j.x FROM p LEFT JOIN (c JOIN (SELECT 1 AS x) AS o ON true) AS j ON j.p_id = p.id;
-- id! line! x!
SELECT p.id, j.label AS line, j.x FROM p JOIN (c JOIN (SELECT 1 AS x) AS o ON true) AS j ON j.p_id = p.id;
-- id! v? i!
SELECT p.id, u.v, u.i FROM p, unnest(p.tags) WITH ORDINALITY AS u (v, i);
-- id! v? i?
SELECT p.id, u.v, u.i FROM p LEFT JOIN unnest(p.tags) WITH ORDINALITY AS u (v, i) ON true;
-- id! n? w?
SELECT p.id, t.n, t.w FROM p CROSS JOIN ROWS FROM (generate_series(1, 3), unnest(ARRAY['a', 'b'])) AS t (n, w);
-- a! b?
SELECT count(*) OVER () AS a, sum(id) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) AS b FROM p;
-- id!
MERGE INTO c USING p ON c.id = p.id WHEN MATCHED THEN UPDATE SET note = NULL RETURNING c.id;
-- id! name? note?
MERGE INTO c USING p ON c.id = p.id WHEN MATCHED THEN UPDATE SET note = NULL RETURNING c.id, p.name, c.note;

-- words that look like something else --
-- x? y?
SELECT id <=> n AS x, id == n AS y FROM p;
-- user! x?
SELECT "user", "user" IS NOT NULL AND NULL AS x FROM words WHERE "user" IS NOT NULL;
-- user?
SELECT "user" FROM words WHERE user IS NOT NULL;
-- a? b?
SELECT note NOTNULL AND NULL AS a, note AS b FROM p WHERE note ISNULL;
-- note!
SELECT note FROM p WHERE note NOTNULL;
-- note! n!
SELECT note, n FROM p WHERE note !~~ 'y' AND n << 1 >= 0 AND n > 0;
-- a! b?
SELECT 'a\' AS a, note AS b FROM p;
-- a? b!
SELECT date(at) AS a, name AS b FROM p WHERE date(seen) IS NOT NULL;
-- x? id!
SELECT a.note AS x, a.id FROM p AS a, p AS semi JOIN c ON c.id = semi.id;
-- id! x?
WITH x AS (INSERT INTO c (id, label, n) VALUES (8, 'x', 1) ON CONFLICT DO NOTHING RETURNING id) SELECT p.id, (SELECT id FROM x) AS x FROM p;
-- id! name! label?
SELECT id, name, label FROM p LEFT JOIN (SELECT 1 AS z, id FROM c) AS q USING (id) LEFT JOIN c USING (id);
-- id! name?
SELECT id, name FROM (SELECT id FROM c) AS q FULL JOIN p USING (id) WHERE id IS NOT NULL;
-- id! label!
SELECT DISTINCT ON (label) id, label FROM c ORDER BY label, id;
-- a! b?
SELECT s.a, s.b FROM (SELECT DISTINCT id AS a, n AS b FROM p ORDER BY 1 LIMIT 2 OFFSET 1) AS s;
-- x?
SELECT x FROM p LEFT JOIN LATERAL (SELECT 1 AS x UNION ALL SELECT 2) AS u ON p.ok IS NULL;
-- x!
SELECT x FROM p LEFT JOIN LATERAL (SELECT 1 AS x UNION ALL SELECT 2) AS u ON true;
-- id! x?
UPDATE p SET n = v.k FROM (VALUES (1, NULL), (2, 'b')) AS v (k, x) WHERE v.k = p.id RETURNING id, v.x;
-- x! y?
SELECT CASE WHEN count(*) > 0 THEN 1 ELSE 2 END AS x, CASE WHEN sum(n) > 0 THEN sum(n) ELSE 0 END AS y FROM c;
-- a! b!
SELECT 1 AS a, (VALUES (2)) AS b;
-- n?
SELECT s.n FROM (SELECT n FROM c UNION ALL SELECT n FROM p) AS s;
-- x?
SELECT (jsonb_array_elements('[null, 1]')) AS x;

-- a? b?
SELECT at::time AS a, at::timetz AS b FROM p;

-- a? b? c? d!
SELECT CASE WHEN note IS NOT NULL THEN first_value(note) OVER (ORDER BY id) ELSE '' END AS a,
  CASE WHEN note IS NOT NULL THEN lag(note, 1, '') OVER (ORDER BY id) ELSE '' END AS b,
  CASE WHEN note IS NULL THEN '' ELSE last_value(note) OVER w END AS c, CASE WHEN note IS NULL THEN '' ELSE note END AS d
FROM p WINDOW w AS (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);

-- a?
SELECT generate_series(1, 1) AS a FROM p ORDER BY unnest(tags);

-- a?
SELECT DISTINCT ON (generate_series(1, 3)) generate_series(1, 1) AS a;

-- a?
SELECT generate_series(1, 1) AS a WINDOW w AS (ORDER BY generate_series(1, 3));

-- a! id!
SELECT generate_series(1, 2) AS a, id FROM p ORDER BY lower(name), id;

-- a? b? c?
SELECT (SELECT 1 ORDER BY generate_series(1, 0)) AS a, (SELECT count(*) FROM c ORDER BY unnest(ARRAY[]::int[])) AS b,
  ((SELECT 1) ORDER BY generate_series(1, 0)) AS c;

-- a! b?
SELECT first_value(id) OVER w AS a, first_value(id) OVER "W" AS b
FROM p WINDOW "W" AS (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING), w AS (ORDER BY id);

-- größe! É! ü!
SELECT id AS Größe, id AS É, name AS "ü" FROM p;
