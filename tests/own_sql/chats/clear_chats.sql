-- name: clear_chats()#
-- Removes all chats, by a script with a body in dollar quotes.
DO $$
BEGIN
  DELETE FROM chats WHERE email = 'nobody';
END
$$;
DELETE FROM chats;
