"""The original's sixteen uses of its table: which tests hold each to its contract, by name."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

SECTIONS: dict[str, dict[str, list[str]]] = {
    "1 schema": {
        "test_migrate.py": [
            "test_a_second_migration_changes_nothing",
            "test_of_eight_processes_at_once_one_makes_the_schema_and_none_fails",
            "test_of_four_processes_that_migrate_at_once_one_works_in_every_round",
            "test_the_catalogue_has_the_columns_and_index_names_of_the_contract",
        ],
        "test_legacy_statements.py": ["test_the_set_up_finds_its_table_and_may_add_its_indexes"],
        "test_original_defects.py": [
            "test_one_instant_is_stored_as_many_times_as_there_are_zones",
            "test_a_window_of_an_hour_scans_every_run",
            "test_run_numbers_end_at_two_billion",
        ],
    },
    "2 create a run": {
        "conformance/test_create_run.py": ["*"],
        "test_legacy_statements.py": [
            "test_the_upsert_stores_a_run_and_its_thread",
            "test_the_upsert_that_would_change_the_owner_is_refused",
        ],
        "test_original_defects.py": [
            "test_another_user_takes_a_run_with_its_vote",
            "test_whoever_attaches_a_run_to_a_thread_passes_the_ownership_check",
            "test_a_retry_moves_the_time_and_wipes_the_prompt",
            "test_a_retry_changes_the_title_and_the_order_of_the_list",
            "test_the_form_of_a_uuid_makes_another_run_that_votes_never_find",
            "test_a_long_key_is_trimmed_to_somebody_elses",
        ],
        "test_summary_torture.py": [
            "test_of_two_users_who_race_for_a_run_id_exactly_one_owns_it",
            "test_of_two_users_who_race_for_a_thread_id_exactly_one_owns_it",
        ],
        "conformance/test_operator.py": ["test_a_thread_without_an_owner_is_not_claimed_by_a_run"],
    },
    "3 list threads": {
        "conformance/test_threads.py": [
            "test_a_title_is_the_first_prompt_cut_by_code_points",
            "test_threads_come_latest_run_first_then_by_code_points_of_their_id",
            "test_paging_misses_and_repeats_no_thread_while_writers_add_runs",
        ],
        "conformance/test_thread_filters.py": [
            "test_an_offset_skips_threads_of_the_same_order_with_or_without_a_limit",
            "test_the_total_counts_the_threads_of_all_pages",
        ],
        "conformance/test_histories.py": ["*"],
        "test_plans.py": ["test_a_page_of_threads_is_read_in_index_order_without_a_sort"],
        "test_ledger_races.py": [
            "test_pages_over_5_000_tied_times_miss_and_repeat_no_thread_while_others_write",
        ],
        "test_original_defects.py": [
            "test_a_new_run_between_two_pages_shows_one_thread_twice_and_hides_one",
            "test_an_offset_without_a_limit_is_ignored",
            "test_a_first_run_without_a_prompt_hides_the_title",
            "test_the_total_and_the_page_are_of_two_moments",
        ],
    },
    "4 count threads": {
        "conformance/test_threads.py": ["test_the_count_is_the_length_of_the_list"],
        "test_state_machine.py": ["*"],
        "test_legacy_statements.py": ["test_the_count_reads_the_same_as_ours"],
    },
    "5 delete a thread's runs": {
        "test_legacy_statements.py": ["test_the_deletion_of_a_thread_leaves_it_free_for_new_runs"],
        "test_original_defects.py": ["test_count_then_delete_says_nothing_is_there_while_a_row_is"],
        "test_state_machine.py": ["*"],
    },
    "6 vote": {
        "conformance/test_set_sentiment.py": ["*"],
        "test_legacy_statements.py": ["test_a_raw_vote_leaves_an_event_and_none_when_it_changes_nothing"],
        "test_summary_torture.py": [
            "test_twenty_equal_votes_at_once_leave_one_event",
            "test_two_opposite_votes_at_once_end_with_the_later_one",
            "test_the_later_of_two_opposite_votes_counts_in_whatever_order_they_arrive",
        ],
        "test_original_defects.py": [
            "test_a_stranger_changes_a_vote",
            "test_an_older_click_that_arrives_late_wins",
            "test_a_changed_vote_leaves_no_trace",
            "test_text_counts_as_a_vote_and_infinity_as_a_time",
        ],
    },
    "7 read votes": {
        "conformance/test_runs.py": ["*"],
        "test_legacy_statements.py": ["test_votes_are_read_as_they_were_written"],
    },
    "8 delete a thread": {
        "conformance/test_delete_thread.py": ["*"],
        "test_checkpoints_deleted.py": ["*"],
        "conformance/test_operator.py": [
            "test_a_thread_that_holds_runs_of_several_owners_is_deleted_by_an_operator_alone",
        ],
        "test_summary_torture.py": ["test_once_delete_thread_has_returned_no_run_of_the_thread_exists"],
        "test_original_defects.py": [
            "test_who_attaches_to_a_thread_and_deletes_it_takes_the_owners_checkpoints",
            "test_a_deletion_that_fails_halfway_is_half_a_deletion",
            "test_a_late_create_brings_a_deleted_thread_back",
            "test_a_table_of_another_schema_passes_for_ours",
        ],
    },
    "9 debug a run id": {
        "test_fastapi.py": ["test_debug_says_what_the_owner_may_know"],
        "conformance/test_operator.py": ["test_an_operator_sees_any_run_with_its_owner"],
        "test_original_defects.py": [
            "test_a_stranger_learns_that_a_run_exists",
            "test_a_run_in_capitals_is_not_found_by_its_owner",
        ],
    },
    "10 feedback": {
        "test_fastapi.py": [
            "test_feedback_votes_and_a_comment_alone_leaves_the_vote",
            "test_feedback_without_anything_in_it_is_a_400",
            "test_absent_and_foreign_are_the_same_byte_for_byte",
            "test_an_outage_is_a_503_of_every_endpoint_and_never_an_empty_answer",
        ],
    },
    "11 all threads": {
        "test_fastapi.py": [
            "test_all_threads_come_by_thread_id_with_votes_only_where_there_are_any",
            "test_two_thousand_threads_take_one_statement_for_their_runs",
            "test_two_users_never_share_an_answer",
            "test_an_unchanged_answer_is_a_304_and_a_vote_or_deletion_shows_at_once",
            "test_a_failed_load_is_named_and_an_outage_is_an_error",
        ],
    },
    "12 run ids of a thread": {
        "test_fastapi.py": ["test_run_ids_are_uuids_alone_and_whole_threads_keep_every_id"],
        "test_original_defects.py": ["test_runs_of_one_transaction_have_no_order"],
    },
    "13 set-up hook": {
        "test_migrate.py": [
            "test_a_role_that_may_not_create_is_denied",
            "test_a_schema_newer_than_the_package_is_a_mismatch",
        ],
        "test_checkpoints_deleted.py": ["test_without_langgraphs_tables_the_counts_are_0"],
    },
    "14 ownership": {
        "conformance/test_threads.py": ["test_a_thread_is_owned_by_the_owner_of_its_runs_alone"],
        "conformance/test_owners.py": ["test_to_another_tenant_everything_looks_absent"],
        "conformance/test_bad_input.py": ["test_an_owner_that_is_empty_too_long_or_no_text"],
        "conformance/test_failures.py": ["*"],
        "test_original_defects.py": ["test_an_empty_owner_is_an_owner_like_any_other"],
    },
    "15 one thread": {
        "test_langgraph.py": [
            "test_a_cancelled_run_and_a_failed_one_move_no_vote",
            "test_position_counts_only_where_no_id_was_stored_and_the_numbers_agree",
        ],
        "test_fastapi_end_to_end.py": ["test_ask_list_vote_revote_comment_delete_and_nothing_is_left"],
    },
    "16 test data": {
        "test_legacy_statements.py": [
            "test_test_data_makes_its_thread_and_can_be_cleaned_up",
            "test_statements_may_share_a_transaction",
        ],
        "test_original_defects.py": ["test_test_data_of_others_goes_with_a_clean_up"],
    },
}


@lru_cache
def names_in(file: str) -> frozenset[str]:
    """The tests that a file has."""
    path = TESTS / file
    if not path.is_file():
        return frozenset()
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def test_there_are_sixteen_sections() -> None:
    assert [int(section.split()[0]) for section in SECTIONS] == list(range(1, 17))


@pytest.mark.parametrize("section", SECTIONS)
def test_every_test_that_is_named_for_a_section_exists(section: str) -> None:
    missing = [
        f"{file}: {name}"
        for file, names in SECTIONS[section].items()
        for name in names
        if not names_in(file) or (name != "*" and name not in names_in(file))
    ]
    assert missing == []


def test_every_defect_of_the_original_is_named_in_a_section() -> None:
    file = "test_original_defects.py"
    named = {name for files in SECTIONS.values() for name in files.get(file, [])}
    assert names_in(file) - named == set()
