-- name: sample_rows()#
-- A few rows: NULL in every column that takes it, customers without orders, orders without lines.

INSERT INTO customers (name, email, born, home, tags, scores, profile, level, notes, active, referred_by, created_at)
VALUES
  ('Ada', 'ada@example.com', '1990-05-01', ROW('Main 1', 'Brno', 60200), '{vip,"",NULL}', '{1,NULL,3}',
    '{"city": "Brno", "age": 35, "none": null}', '3', '{"a": 1}', true, NULL, '2026-01-01 10:00:00+00'),
  ('Bob', NULL, NULL, NULL, '{}', NULL, '{}', 'null', NULL, true, 1, '2026-01-02 10:00:00+00'),
  ('Cyd', 'cyd@example.com', NULL, ROW(NULL, NULL, NULL), '{new}', '{}', 'null', 'null', 'null', false, 2,
    '2026-01-03 10:00:00+00'),
  ('Dan 7', NULL, '2001-12-31', ROW('Side 2', NULL, NULL), '{NULL}', '{NULL}', '[1, null]', '7', NULL, false, NULL,
    '2026-01-04 10:00:00+00'),
  ('Eve', 'eve@example.com', NULL, NULL, '{}', NULL, '{"age": null}', 'null', NULL, true, NULL,
    '2026-01-05 10:00:00+00');

INSERT INTO products (code, title, price, discount, weight, season, on_sale, "Odd Name", "class", "count", picture, valid_until)
VALUES
  ('P1', 'Pen', 2.50, 0.5, 0.01, '[2026-01-01,2026-06-01)', '[2026-02-01,)', 'odd', 'A', 5, '\x0102', '2027-01-01 00:00:00+00'),
  ('P2', 'Pad', 4, NULL, NULL, 'empty', NULL, NULL, 'A', 0, NULL, DEFAULT),
  ('P3', 'Ink', 0, 0, NULL, '(,)', 'empty', NULL, 'B', 3, NULL, DEFAULT),
  ('P4', 'Bag', 20, NULL, 1.5, '(,2026-03-01)', NULL, NULL, 'B', 1, NULL, '-infinity');

INSERT INTO orders (customer_id, state, previous_state, placed_at, shipped_at, local_time, pickup, wait, total, coupon, token)
VALUES
  (1, 'paid', 'new', '2026-02-01 08:00:00+00', '2026-02-03 08:00:00+00', '2026-02-01 09:00:00', '12:30', '2 days', 6.50, 'WELCOME',
    '00000000-0000-0000-0000-000000000001'),
  (1, 'new', NULL, '2026-02-02 08:00:00+00', NULL, NULL, NULL, NULL, 0, NULL, '00000000-0000-0000-0000-000000000002'),
  (2, 'sent', NULL, '2026-02-03 08:00:00+00', NULL, NULL, NULL, NULL, 4, NULL, '00000000-0000-0000-0000-000000000003'),
  (3, 'returned', 'sent', '2026-03-03 08:00:00+00', NULL, NULL, NULL, NULL, 12, 'X', '00000000-0000-0000-0000-000000000004');

INSERT INTO order_lines (order_id, line_no, code, quantity, unit_price)
VALUES (1, 1, 'P1', 1, 2.50), (1, 2, 'P2', 1, NULL), (3, 1, 'P2', 1, 4), (3, 2, NULL, 2, NULL), (4, 1, NULL, 3, NULL);

INSERT INTO reviews (code, customer_id, stars, body)
VALUES ('P1', 1, 5, 'Good'), ('P1', NULL, 1, NULL), ('P2', 2, 3, NULL), ('P4', NULL, 2, 'Heavy');

INSERT INTO chats (email, thread_id, run_id, prompt, timestamp, sentiment)
VALUES
  ('ada@example.com', 't1', 'r1', 'Where is my pen?', '2026-02-01 10:00:00', true),
  ('ada@example.com', 't1', 'r2', NULL, NULL, NULL),
  ('ada@example.com', 't2', 'r3', NULL, NULL, false),
  ('cyd@example.com', 't3', 'r4', 'Refund', '2026-03-03 10:00:00', NULL);

INSERT INTO odds ("Value", value, "left", "order by") VALUES (NULL, 1, 1, NULL), (2, 2, 2, 2);
