-- name: adoption_settings(source_tz)$
-- True, once this transaction sees every row or fails, has no time limit and some memory, and knows the zone.
-- param source_tz: str | None
SELECT set_config('row_security', 'off', true) IS NOT NULL
   AND set_config('statement_timeout', '0', true) IS NOT NULL
   AND set_config('work_mem', '128MB', true) IS NOT NULL
   AND set_config('maintenance_work_mem', '256MB', true) IS NOT NULL
   AND set_config('runinsights.original', CAST(CAST(to_regclass(quote_ident(current_schema()) || '.users_threads_runs')
                                               AS oid) AS text), true) IS NOT NULL
   AND set_config('runinsights.source_tz', coalesce(:source_tz, ''), true) IS NOT NULL AS made
