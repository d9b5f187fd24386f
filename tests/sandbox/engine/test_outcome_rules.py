"""Outcomes by rule."""

from __future__ import annotations

from typing import Any

import pytest

from smsmanager.sandbox import MagicNumber, Outcome, Rule, Sandbox
from tests.sandbox.conftest import NUMBER, message_to, post, send

SECOND = "421905123456"


def states(sandbox: Sandbox) -> list[str]:
    sandbox.settle()
    return [str(message.state) for message in sandbox.messages]


@pytest.mark.parametrize(
    ("rule", "hits"),
    [
        (Rule("failed"), [True, True, True]),
        (Rule("failed", to="777 123 456"), [True, False, True]),
        (Rule("failed", tag="LOGIN"), [True, False, False]),
        (Rule("failed", tag="login,transactional"), [True, False, False]),
        (Rule("failed", tag="!"), [False, False, False]),
        (Rule("failed", containing="CODE"), [True, True, False]),
        (Rule("failed", to=NUMBER, containing="sale"), [False, False, True]),
        (Rule("failed", channel="viber"), [False, False, False]),
        (Rule("failed", times=2), [True, True, False]),
    ],
)
def test_a_rule_hits_what_matches_all_it_names(
    still: Sandbox, rule: Rule, hits: list[bool]
) -> None:
    still.rules.add(rule)
    send(still, NUMBER, body="Your code", tag="login,transactional")
    send(still, SECOND, body="Your code", tag="transactional")
    send(still, NUMBER, body="Sale")

    assert states(still) == ["failed" if hit else "delivered" for hit in hits]


def test_the_newest_rule_is_asked_first_and_goes_before_magic_numbers(still: Sandbox) -> None:
    still.rules.add(Rule("undelivered"))
    rule_id = still.rules.add(Rule("seen", to=MagicNumber.FAILED))
    send(still, MagicNumber.FAILED, flow=[{"viber": {}}])
    assert states(still) == ["seen"]

    assert still.rules.remove(rule_id)
    assert not still.rules.remove(rule_id)
    send(still, MagicNumber.FAILED)
    assert states(still) == ["seen", "undelivered"]
    assert still.rules.clear() == 1
    send(still, MagicNumber.FAILED)
    assert states(still) == ["seen", "undelivered", "failed"]


def test_rules_decide_what_the_answer_says(still: Sandbox) -> None:
    still.rules.add(Rule("not_taken", containing="spam"))
    still.rules.add(Rule("unconfirmed", tag="lost"))
    assert send(still, body="Spam!") == []
    assert send(still, tag="lost") == []
    assert len(send(still)) == 1

    assert [str(message.status) for message in still.messages] == [
        "rejected",
        "unconfirmed",
        "accepted",
    ]
    assert states(still) == ["not_taken", "delivered", "delivered"]


def test_a_rule_rejects_with_any_code(still: Sandbox) -> None:
    still.rules.add(Rule(Outcome("rejected", code=131026, info="Not on WhatsApp")))
    still.rules.add(Rule(Outcome("rejected", code=304), to=SECOND))
    send(still, NUMBER, SECOND)
    still.settle()

    assert [message.result_info for message in still.messages] == [
        "[131026] Not on WhatsApp",
        "[304] Number is blacklisted or opted out",
    ]


def test_a_rule_replies_and_takes_its_time(still: Sandbox) -> None:
    still.rules.add(Rule(Outcome("delivered", delay_s=120, reply="Who is it?")))
    send(still)
    still.advance(119)
    assert still.messages[0].state == "sent"
    still.settle()

    (reply,) = still.incoming
    assert (reply.body, reply.sender) == ("Who is it?", NUMBER)


def test_chances_are_the_same_with_each_seed() -> None:
    def run(seed: int) -> list[str]:

        with Sandbox(clock="manual", seed=seed) as sandbox:
            sandbox.rules.add(Rule("failed", probability=0.5))
            message = message_to(*[NUMBER] * 10)
            for _ in range(5):
                post(sandbox, message)
            return states(sandbox)

    found = run(3)
    assert 5 < found.count("failed") < 45
    assert run(3) == found != run(4)


WRONG: list[tuple[Any, str]] = [
    (None, "A rule must be a JSON object"),
    ({}, "outcome is missing"),
    ({"outcome": 5}, "outcome is missing, or not a text"),
    ({"outcome": "lost"}, "outcome must be one of delivered, "),
    ({"outcome": "failed", "number": "1"}, "A rule can only have the fields outcome, to, "),
    ({"outcome": "failed", "to": 5}, "to must be a string"),
    ({"outcome": "failed", "code": "5"}, "code must be a whole number"),
    ({"outcome": "failed", "code": -1}, "code must be between 0"),
    ({"outcome": "failed", "info": 5}, "info must be a string"),
    ({"outcome": "failed", "reply": "x" * 1001}, "reply must have at most 1000 characters"),
    ({"outcome": "failed", "delay_s": "1"}, "delay_s must be a number"),
    ({"outcome": "failed", "delay_s": -1}, "delay_s must be between 0"),
    ({"outcome": "failed", "times": 0}, "times must be between 1 and"),
    ({"outcome": "failed", "times": 1.0}, "times must be a whole number"),
    ({"outcome": "failed", "probability": 0}, "probability must be above 0"),
    ({"outcome": "failed", "probability": "1"}, "probability must be a number"),
]


@pytest.mark.parametrize(("value", "problem"), WRONG)
def test_a_rule_that_makes_no_sense_is_refused(value: Any, problem: str) -> None:
    with pytest.raises((TypeError, ValueError), match=problem):
        Rule.from_json(value)


def test_a_rule_comes_back_as_it_was_given() -> None:
    given = {"outcome": "rejected", "code": 307, "to": NUMBER, "times": 2, "probability": 0.5}
    assert Rule.from_json(given).as_json() == given
