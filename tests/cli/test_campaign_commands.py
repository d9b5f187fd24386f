"""`smsmanager campaign`: from a file to an account of every row."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from smsmanager.campaigns import Phase, RowState, Update
from smsmanager.cli.campaign_address import CampaignAddress
from smsmanager.cli.commands.campaign_command import sending
from smsmanager.cli.commands.campaign_command.campaign_summary import exit_of_run
from smsmanager.cli.commands.campaign_command.run_options import read_window
from smsmanager.cli.exit_codes import Exit
from smsmanager.sandbox import Fault, MagicNumber, Sandbox
from tests.cli.conftest import COMMAND, TIME_LIMIT_S, Shell

TEXT = "Hello {name}, you owe {due}."


def test_from_a_file_to_the_end(shell: Shell, service: Sandbox, people: Path) -> None:
    done = shell("campaign", "run", people, "--text", TEXT)
    assert done.code == 1
    ending = done.out.partition("\nSent\n")[2]
    assert re.findall(r"^(\w+) +(\d+)", ending, re.MULTILINE) == [
        ("refused", "3"),
        ("accepted", "2"),
    ]
    assert sorted((m.to, m.body) for m in service.messages) == [
        ("420605123457", "Hello Eva, you owe 10."),
        ("420777123456", "Hello Jana, you owe 1 250."),
    ]
    refused = people.with_name("people.csv.refused.csv")
    assert f"Refused rows, each with its reason: {refused}" in done.err
    assert refused.read_text(encoding="utf-8-sig").count("\n") == 4
    assert people.with_name("people.csv.rehearsal.sqlite3").is_file()


def test_as_json(shell: Shell, service: Sandbox, people: Path) -> None:
    done = shell("campaign", "run", people, "--text", TEXT, "--json")
    document = done.document
    assert (done.code, document["exit_code"]) == (1, 1)
    assert document["preview"]["recipients"] == 2
    campaign = document["campaign"]
    assert campaign["ledger"] == f"{people}.rehearsal.sqlite3"
    assert (campaign["phase"], campaign["interrupted"], campaign["total"]) == ("finished", False, 5)
    assert campaign["counts"]["accepted"] == 2
    status = shell("campaign", "status", people, "--json")
    assert status.document["campaign"]["counts"] == campaign["counts"]
    assert status.document["campaign"]["source"] == "people.csv"


def test_the_options_of_every_message(shell: Shell, service: Sandbox, people: Path) -> None:
    done = shell(
        *("campaign", "run", people, "--text", TEXT, "--sender", "Shop", "--tag", "sale"),
        *("--at", "2030-01-07T08:00+01:00", "--type", "sms"),
        *("--callback", "https://example.com/hook", "--concurrency", "2", "--rate", "50"),
    )
    assert done.code == 1
    message = service.messages[0].message
    assert message["sender"] == "Shop"
    assert message["tag"] == "sale"
    assert message["flow"] == [{"sms": {"type": "sms"}}]
    assert message["datetime"] == "2030-01-07T07:00:00Z"
    assert message["callback"] == "https://example.com/hook"


def test_a_second_run_does_not_send_again(shell: Shell, service: Sandbox, people: Path) -> None:
    shell("campaign", "run", people, "--text", TEXT)
    done = shell("campaign", "run", people, "--text", TEXT)
    assert (done.code, done.out) == (3, "")
    assert f"smsmanager campaign status {people} --base-url {service.base_url}" in done.err
    assert len(list(service.messages)) == 2
    done = shell(
        "campaign", "run", people, "--text", TEXT, "--ledger", people.with_name("b.sqlite3")
    )
    assert done.code == 1
    assert len(service.messages) == 4
    # The suggested next steps are about the ledger that was used.
    ledger = people.with_name("b.sqlite3")
    assert f"campaign report --ledger {ledger} --base-url {service.base_url}\n" in done.out


def test_how_a_campaign_is_named_again() -> None:
    address = CampaignAddress.of("my people.csv")
    assert address.words == "'my people.csv'"
    assert address.ledger == address.visible_ledger == "my people.csv.campaign.sqlite3"
    url = "postgresql+psycopg://me:secret@host/db"
    address = CampaignAddress.of(url)
    assert (address.ledger, address.visible_ledger) == (url, "postgresql+psycopg://me@host/db")
    assert address.words == "postgresql+psycopg://me@host/db"
    named = CampaignAddress.of("x.csv", url, "may")
    assert named.words == "--ledger postgresql+psycopg://me@host/db --name may"
    assert CampaignAddress.of("a@b.sqlite3").visible_ledger == "a@b.sqlite3"
    asked = CampaignAddress.of("postgresql://host/db?user=me&password=secret&sslmode=require")
    assert asked.visible_ledger == "postgresql://host/db?user=me&sslmode=require"
    alone = CampaignAddress.of("postgresql://me:secret@host/db?password=secret")
    assert alone.visible_ledger == "postgresql://me@host/db"


def test_unknown_rows_are_sent_again_only_when_asked(
    shell: Shell, service: Sandbox, people: Path
) -> None:
    service.inject(Fault("reset", when="after"))
    done = shell("campaign", "run", people, "--text", TEXT)
    assert done.code == 4
    assert "may or may not have got the message" in done.out
    here = f"{people} --base-url {service.base_url}"
    assert f"smsmanager campaign status {here} --list unknown" in done.out
    assert shell("campaign", "status", people).code == 4
    listed = shell("campaign", "status", people, "--list", "unknown", "--json")
    rows = [json.loads(line) for line in listed.out.splitlines()]
    assert [row["row"] for row in rows] == [2, 4]
    assert {row["state"] for row in rows} == {"unknown"}
    assert shell("campaign", "resume", people, "--no-ask").code == 4
    assert len(service.messages) == 2
    done = shell("campaign", "resume", people, "--resend-unknown", "--no-ask")
    assert done.code == 1
    assert len(service.messages) == 4


def test_a_failure_stops_and_resume_goes_on(shell: Shell, service: Sandbox, people: Path) -> None:
    service.inject(Fault("status", status_code=400))
    done = shell("campaign", "run", people, "--text", TEXT, "--stop-after", "1")
    assert done.code == 5
    assert f"smsmanager campaign resume {people}" in done.out
    assert service.messages == ()
    done = shell("campaign", "resume", people, "--json")
    assert done.document["campaign"]["counts"]["accepted"] == 2
    assert done.code == 1


def test_rejected_rows(shell: Shell, service: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"phone,name\n{MagicNumber.REJECTED},Jana\n420777123456,Ota\n")
    done = shell("campaign", "run", path, "--text", "Hello {name}")
    assert done.code == 1
    listed = shell("campaign", "status", path, "--list", "rejected")
    assert listed.lines[0] == (
        "row,state,phone_number,message_id,reference,field,reason,finding,asked_at,candidates,cancellation"
    )
    assert listed.lines[1].startswith("2,rejected,420777777001,")


def test_no_row_can_be_sent(shell: Shell, service: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("phone\n12\n")
    done = shell("campaign", "run", path, "--text", "x")
    assert done.code == 3
    assert "no row can be sent" in done.err
    assert not path.with_name("people.csv.rehearsal.sqlite3").exists()
    done = shell("campaign", "run", path, "--text", "x", "--json")
    assert (done.code, done.document["campaign"]) == (3, None)


def test_rows_that_a_filter_hides_are_asked_about(
    shell: Shell, abroad: Sandbox, tmp_path: Path
) -> None:
    book = pytest.importorskip("openpyxl").Workbook()
    for cells in (["phone"], ["420777123456"], ["420777123457"], ["420777123458"]):
        book.active.append(cells)
    book.active.row_dimensions[3].hidden = True
    path = tmp_path / "people.xlsx"
    book.save(path)
    run = ("campaign", "run", path, "--text", "x")
    assert "2 recipients, about 2 parts, without 1 hidden row, through" in shell(*run).err
    assert "3 recipients, about 3 parts, through" in shell(*run, "--hidden-rows").err
    assert shell(*run, "--yes").code == 1
    assert sorted(message.to for message in abroad.messages) == ["420777123456", "420777123458"]


def test_a_real_campaign_asks_first(shell: Shell, abroad: Sandbox, people: Path) -> None:
    done = shell("campaign", "run", people, "--text", TEXT)
    assert done.code == 3
    assert f"2 recipients, about 2 parts, through {abroad.base_url}." in done.err
    assert abroad.requests == ()
    assert not people.with_name("people.csv.rehearsal.sqlite3").exists()
    assert shell("campaign", "run", people, "--text", TEXT, "--yes").code == 1
    assert len(abroad.messages) == 2


def test_from_standard_input(shell: Shell, service: Sandbox, tmp_path: Path) -> None:
    done = shell("campaign", "run", "-", "--text", "x", stdin="420777123456\n")
    assert done.code == 2
    assert "name one with --ledger" in done.err
    ledger = tmp_path / "ledger.sqlite3"
    done = shell("campaign", "run", "-", "--text", "x", "--ledger", ledger, stdin="420777123456\n")
    assert done.code == 0
    assert shell("campaign", "status", ledger).code == 0
    assert shell("campaign", "status").code == 2


def test_a_file_that_changes_behind_the_preview(
    shell: Shell, service: Sandbox, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm(*_: object, **__: object) -> None:
        people.write_text("Telefon;name;due\n420777999999;x;1\n")

    monkeypatch.setattr("smsmanager.cli.target.Target.confirm", confirm)
    done = shell("campaign", "run", people, "--text", TEXT)
    assert done.code == 3
    assert "people.csv has changed since the preview. Nothing was sent." in done.err
    assert service.requests == ()


def test_a_file_of_refused_rows_only_where_it_says_something(
    shell: Shell, service: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("phone\n420777123456\n")
    named = tmp_path / "refused.csv"
    assert shell("campaign", "run", path, "--text", "x").code == 0
    assert not path.with_name("people.csv.refused.csv").exists()
    ledger = tmp_path / "other.sqlite3"
    shell("campaign", "run", path, "--text", "x", "--ledger", ledger, "--refused", named)
    assert named.read_text(encoding="utf-8-sig") == "row,number,code,field,reason\n"


def test_the_report(shell: Shell, service: Sandbox, people: Path) -> None:
    shell("campaign", "run", people, "--text", TEXT)
    done = shell("campaign", "report", people)
    assert done.code == 0
    rows, page = done.lines
    assert rows == f"{people}.rehearsal.report.csv: 5 rows"
    assert page == f"{people}.rehearsal.report.html: open it in a browser"
    assert people.with_name("people.csv.rehearsal.report.csv").read_bytes().count(b"\n") == 6
    html = people.with_name("people.csv.rehearsal.report.html").read_text(encoding="utf-8")
    assert html.lower().startswith("<!doctype html>")
    assert "777123456" not in html
    document = shell("campaign", "report", people, "--json").document
    assert document["files"] == {"csv": None, "html": None}
    assert document["report"]
    for option in ("csv", "html"):
        one = people.with_name(f"only.{option}")
        assert (
            shell("campaign", "report", people, f"--{option}", one).lines[0].startswith(f"{one}:")
        )
    named = people.with_name("mine.csv")
    done = shell("campaign", "report", people, "--csv", named, "--json")
    assert done.document["files"]["csv"] == str(named)
    assert named.is_file()


def test_campaigns_that_are_not_there(shell: Shell, tmp_path: Path) -> None:
    for command in ("status", "resume", "report"):
        done = shell("campaign", command, tmp_path / "none.csv")
        assert (done.code, done.out) == (3, "")
        assert done.err.startswith("Error: ")


def test_a_state_that_there_is_not(shell: Shell, service: Sandbox, people: Path) -> None:
    shell("campaign", "run", people, "--text", TEXT)
    done = shell("campaign", "status", people, "--list", "lost")
    assert done.code == 2
    assert "The states are: refused, pending," in done.err


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("8:00-20:00 UTC", {"start": "08:00", "end": "20:00", "tz": "UTC"}),
        (
            "mon-wed,SUN 08:00-20:00 Europe/Prague",
            {
                "days": ["monday", "tuesday", "wednesday", "sunday"],
                "start": "08:00",
                "end": "20:00",
                "tz": "Europe/Prague",
            },
        ),
        ("saturday-monday UTC", {"days": ["saturday", "sunday", "monday"], "tz": "UTC"}),
    ],
)
def test_windows(text: str, window: dict[str, object]) -> None:
    assert read_window(text) == window


def test_a_window_that_makes_no_sense(shell: Shell, people: Path) -> None:
    for text in ("always", "mo-fr", "monday-"):
        done = shell("campaign", "run", people, "--text", "x", "--window", text)
        assert done.code == 2
        assert "is not a part of a window" in done.err


@pytest.mark.parametrize("option", ["--concurrency", "--rate", "--stop-after"])
def test_numbers_that_make_no_sense(shell: Shell, people: Path, option: str) -> None:
    for number in ("0", "-1", "inf", "nan", "many"):
        done = shell("campaign", "run", people, "--text", "x", option, number)
        assert done.code == 2
        assert f"'{option}'" in done.err
        assert "must be a" in done.err


def update(phase: Phase, **fields: object) -> Update:
    counts = dict.fromkeys(RowState, 0)
    return Update(phase, counts | {RowState.ACCEPTED: 300, RowState.PENDING: 700}, **fields)  # type: ignore[arg-type]


def test_the_bar_says_how_far_and_how_long() -> None:
    bar, task = sending.progress_bar()
    with bar:
        sending.show_update(bar, task, update(Phase.SENDING, rate=5200.0, remaining_s=100.0))
        shown = bar.tasks[0]
        assert (shown.completed, shown.total, shown.description) == (300, 1000, "sending")
        assert shown.fields["pace"] == "5,200/s, 100 s left"
        sending.show_update(bar, task, update(Phase.PAUSED, reason="the service asked for a pause"))
        assert bar.tasks[0].fields["pace"] == "the service asked for a pause"
        until = datetime(2030, 1, 7, 8, 0, 5).astimezone()
        sending.show_update(bar, task, update(Phase.PAUSED, resumes_at=until, reason="429"))
        assert bar.tasks[0].fields["pace"] == "until 08:00:05, 429"
        sending.show_update(bar, task, update(Phase.SENDING))
        assert bar.tasks[0].fields["pace"] == ""


def test_exit_codes_of_runs() -> None:
    counts = dict.fromkeys(RowState, 0)
    stopped = sending.End(update(Phase.STOPPED))
    finished = sending.End(update(Phase.FINISHED))
    accepted = counts | {RowState.ACCEPTED: 1}
    assert exit_of_run(finished, accepted) is Exit.OK
    assert exit_of_run(finished, accepted | {RowState.REFUSED: 1}) is Exit.INCOMPLETE
    assert exit_of_run(stopped, accepted | {RowState.PENDING: 1}) is Exit.STOPPED
    assert exit_of_run(stopped, accepted | {RowState.UNKNOWN: 1}) is Exit.UNKNOWN
    for number, code in (
        (2, Exit.INTERRUPTED),
        (15, Exit.TERMINATED),
        (1, Exit.HUNG_UP),
        (21, 130),
    ):
        assert exit_of_run(sending.End(None, number), accepted) == code


@pytest.mark.thorough
def test_runs_of_one_file_at_the_same_moment(service: Sandbox, people: Path) -> None:
    """One runs, the others get an error, and nobody gets the message twice."""
    people.write_text("phone\n420777123456\n420777123457\n")
    for turn in range(3):
        command = [
            "campaign",
            "run",
            str(people),
            "--text",
            "x",
            "--ledger",
            f"{people}.{turn}.sqlite3",
        ]
        running = [
            subprocess.Popen(
                [*COMMAND, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        said = [process.communicate(timeout=TIME_LIMIT_S)[1] for process in running]
        assert sorted(process.returncode for process in running) == [0, 3, 3], said
        assert not any("not expected" in each for each in said)
        assert len(service.messages) == 2 * (turn + 1)
