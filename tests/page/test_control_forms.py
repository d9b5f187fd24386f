"""The forms for rules and faults: whole, and read as they are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsmanager.sandbox import Fault, Outcome, Rule, Sandbox
from smsmanager.sandbox._operations.faults import KINDS, PendingFault
from smsmanager.sandbox.engine.records.message_outcome import OutcomeKind
from smsmanager.sandbox.page._control_forms import FAULT_FIELDS, FAULTS, OUTCOMES, RULE_FIELDS
from smsmanager.sandbox.page._control_forms import given as given_by
from smsmanager.sandbox.page._forms import FormError

if TYPE_CHECKING:
    import httpx

    from smsmanager.sandbox.page._control_forms import Field

VALUES = {
    "outcome": "failed",
    "to": "420777123456",
    "channel": "viber",
    "tag": "a",
    "times": "2",
    "containing": "parcel",
    "delay_s": "1.5",
    "code": "7",
    "info": "broken",
    "reply": "YES",
    "probability": "25",
    "kind": "status",
    "status_code": "503",
    "location": "https://example.com/",
    "when": "after",
    "body": "html",
    "retry_after": "3",
}


def test_the_forms_offer_everything_that_the_json_has() -> None:
    rule = {field.name for part in (Rule, Outcome) for field in attrs.fields(part)} - {"kind"}
    fault = {field.name for part in (Fault, PendingFault) for field in attrs.fields(part)}
    assert {field.name for field in RULE_FIELDS} == rule
    assert {field.name for field in FAULT_FIELDS} == fault - {"fault", "id"}
    assert {*OUTCOMES} == {*get_args(OutcomeKind)}
    assert {*FAULTS} == {*KINDS}
    for fields in (RULE_FIELDS, FAULT_FIELDS):
        kinds = {value for value, _ in fields[0].choices}
        assert all({*field.only_for} <= kinds for field in fields)


@given(st.sampled_from([*OUTCOMES, *FAULTS]), st.sets(st.sampled_from([*VALUES])))
def test_whatever_is_filled_in_is_right(kind: str, filled: set[str]) -> None:
    """Fields that have no meaning for the choice are left out, so that no form must be emptied first."""
    is_rule = kind in OUTCOMES
    fields = RULE_FIELDS if is_rule else FAULT_FIELDS
    needed = {"status_code", "location", "delay_s"} - (set() if not is_rule else {"delay_s"})
    form = {name: value if name in filled | needed else "" for name, value in VALUES.items()}
    form[fields[0].name] = kind
    found = given_by(form, "rule" if is_rule else "fault", fields)
    made = Rule.from_json(found) if is_rule else PendingFault.from_json(found)
    assert made.times == (2 if "times" in filled else None)
    assert made.probability == (0.25 if "probability" in filled else 1)


def test_a_rule_by_its_fields() -> None:
    rule = Rule.from_json(given_by(VALUES, "rule", RULE_FIELDS))
    outcome = Outcome("failed", code=7, info="broken", delay_s=1.5, reply="YES")
    assert rule == Rule(
        outcome,
        to="420777123456",
        tag="a",
        containing="parcel",
        channel="viber",
        times=2,
        probability=0.25,
    )


def test_a_fault_by_its_fields() -> None:
    pending = PendingFault.from_json(given_by(VALUES, "fault", FAULT_FIELDS))
    fault = Fault("status", status_code=503, body="html", retry_after=3, when="after")
    assert pending == PendingFault(fault, 2, 0.25)


@pytest.mark.parametrize(
    ("fields", "name", "value", "said"),
    [
        (RULE_FIELDS, "times", "1.5", "How many times: enter a whole number."),
        (RULE_FIELDS, "times", "9" * 5000, "How many times: enter a whole number."),
        (RULE_FIELDS, "delay_s", "soon", "Seconds until the last report: enter a number."),
        (RULE_FIELDS, "probability", "0", "Share, in per cent: enter a number above 0"),
        (RULE_FIELDS, "probability", "nan", "Share, in per cent: enter a number above 0"),
        (FAULT_FIELDS, "status_code", "x", "Status of the answer: enter a whole number."),
    ],
)
def test_what_is_no_number_is_told_by_its_label(
    fields: tuple[Field, ...], name: str, value: str, said: str
) -> None:
    with pytest.raises(FormError) as caught:
        given_by({**VALUES, name: value}, "json", fields)
    assert said in caught.value.detail


def test_forms_over_http(http: httpx.Client, sandbox: Sandbox) -> None:
    answer = http.post("/rules", data={"outcome": "undelivered", "to": "777123456", "here": "/"})
    assert answer.status_code == 303
    answer = http.post("/faults", data={"kind": "hang", "times": "", "here": "/"})
    assert answer.status_code == 303
    assert [active.rule.to for active in sandbox.rules] == ["777123456"]
    assert [pending.times for pending in sandbox._service.faults.pending()] == [None]
    quiet = {"accept": "text/plain"}
    for path, form, said in (
        ("/rules", {"outcome": "seen", "delay_s": "-1"}, "Seconds until the last report must be"),
        (
            "/faults",
            {"kind": "status", "status_code": "99"},
            "Status of the answer must be between",
        ),
        ("/faults", {"kind": "redirect"}, "Target address must be a string"),
        ("/rules", {"rule": '{"outcome": "seen", "delay_s": -1}'}, "delay_s must be"),
    ):
        answer = http.post(path, data=form, headers=quiet)
        assert answer.status_code == 400
        assert answer.text.startswith(said)
