"""The server's own functions that are known to give NULL for NULL alone, or never."""

from __future__ import annotations

TEXT, INT, BIGINT, NUMERIC, FLOAT, BOOL = 25, 23, 20, 1700, 701, 16
TIMESTAMPTZ, TIMESTAMP, DATE, TIME, TIMETZ, INTERVAL, UUID = 1184, 1114, 1082, 1083, 1266, 1186, 2950
JSON, JSONB, BYTEA, UNKNOWN, NAME = 114, 3802, 17, 705, 19
FIRST = -1  # the type of the first argument


def _words(result: int | None, words: str) -> dict[str, int | None]:
    return dict.fromkeys(words.split(), result)


# Strict in every overload, and without a NULL of their own. Not among them, for instance: to_char (infinity), scale
# (NaN), lower and upper of a range (unbounded), array_length (empty), date_part (fields of infinity), area (open path).
STRICT = {
    **_words(
        TEXT,
        "lower upper initcap btrim ltrim rtrim lpad rpad left right repeat replace reverse translate md5 substr"
        " split_part chr to_hex encode quote_ident quote_literal regexp_replace jsonb_typeof"
        " json_typeof jsonb_pretty overlay pg_size_pretty",
    ),
    **_words(
        INT,
        "length char_length character_length octet_length bit_length strpos ascii cardinality jsonb_array_length"
        " json_array_length hashtext width_bucket get_byte regexp_count regexp_instr",
    ),
    **_words(BOOL, "starts_with isfinite isempty regexp_like lower_inc upper_inc lower_inf upper_inf"),
    **_words(FIRST, "abs ceil ceiling floor round trunc sign mod gcd lcm trim_scale jsonb_strip_nulls"),
    **_words(None, "power sqrt cbrt exp ln log log10 div degrees radians factorial"),
    **_words(FLOAT, "random sin cos tan asin acos atan atan2 sind cosd tand"),
    **_words(INTERVAL, "age justify_days justify_hours justify_interval"),
    **_words(BYTEA, "decode sha224 sha256 sha384 sha512 convert_to"),
    **_words(BIGINT, "nextval setval currval hashtextextended"),
    **_words(JSONB, "jsonb_set jsonb_insert to_jsonb"),
    **_words(JSON, "to_json"),
    **_words(DATE, "make_date"),
    **_words(None, "date_trunc timezone to_tsvector plainto_tsquery websearch_to_tsquery ts_rank"),
    **_words(None, "pg_advisory_lock pg_advisory_xact_lock"),
}
TEXT_ONLY = frozenset({"lower", "upper"})

# Never NULL, whatever the arguments.
ALWAYS = {
    **_words(TEXT, "concat quote_nullable version"),
    **_words(TIMESTAMPTZ, "now clock_timestamp statement_timestamp transaction_timestamp"),
    **_words(UUID, "gen_random_uuid uuidv4 uuidv7"),
    **_words(FLOAT, "pi"),
    **_words(INT, "pg_backend_pid num_nulls num_nonnulls"),
    **_words(JSONB, "jsonb_build_object jsonb_build_array"),
    **_words(JSON, "json_build_object json_build_array"),
    **_words(NAME, "current_database"),
    **_words(BIGINT, "txid_current"),
    **_words(None, "pg_typeof"),
}
FIRST_DECIDES = {"concat_ws": TEXT, "format": TEXT, "current_setting": TEXT}
RANKS = {**_words(BIGINT, "row_number rank dense_rank"), **_words(FLOAT, "percent_rank cume_dist")}

COUNTS = frozenset({"count", "regr_count"})
OF_ANY_ROW = {"array_agg": None, "json_agg": JSON, "jsonb_agg": JSONB}
OF_ANY_VALUE: dict[str, int | None] = {
    **_words(FIRST, "max min bit_and bit_or bit_xor"),
    **_words(BOOL, "bool_and bool_or every"),
    **_words(None, "sum avg var_pop stddev_pop"),
    "string_agg": TEXT,
}
ORDERED = frozenset({"percentile_cont", "percentile_disc", "mode"})
AGGREGATES = COUNTS | set(OF_ANY_ROW) | set(OF_ANY_VALUE)
EDGES = frozenset({"first_value", "last_value"})
SHIFTS = frozenset({"lag", "lead"})

# Fields that an infinite time has; the others are NULL there.
MONOTONIC = frozenset({"epoch", "year", "decade", "century", "millennium"})
