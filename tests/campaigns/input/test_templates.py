"""Texts with variables: nothing is sent with a gap, and a value is never run as code."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from smsmanager.campaigns import InputError, Texts
from smsmanager.campaigns._input.cell_values import UnfitValueError, value_text
from smsmanager.campaigns._input.templates import (
    MissingValueError,
    Template,
    language_name,
    plain_name,
)

HEADER = ("Phone", "First name", "Částka", "a.b", "100%")
steady = settings(deadline=None, database=None)


def render(text: str, *cells: Any, header: tuple[str, ...] = HEADER) -> str:
    return Template.parse(text).bind(header).render(cells)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {First name}.", "Hello Jana."),
        ("Hello {first_name}.", "Hello Jana."),
        ("Hello { FIRST NAME }.", "Hello Jana."),
        ("{castka} Kč", "12 Kč"),
        ("{Částka}{Částka}", "1212"),
        ("{{ {First name} }}", "{ Jana }"),
        ("{{Last name}}", "{Last name}"),
        ("}}{{", "}{"),
        ("100 %s %% {a.b}", "100 %s %% x"),
        ("{100%}", "y"),
        ("no variable", "no variable"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_rendered(text: str, expected: str) -> None:
    assert render(text, "777", "Jana", 12.0, "x", "y") == expected


def value_text_or_nothing(value: str) -> str:
    try:
        return value_text(value)
    except UnfitValueError:
        return ""


def test_a_value_is_inserted_unchanged() -> None:
    assert render("{First name}", "", "{Phone} %s {{ \\", "", "", "") == "{Phone} %s {{ \\"


def test_white_space_around_a_value_is_dropped() -> None:
    assert render("<{First name}>", "", "\u00a0 Jana \n", "", "", "") == "<Jana>"


@pytest.mark.parametrize("cell", ["", " ", "\u00a0", None, {"a": 1}, ["x"]])
def test_a_row_without_a_value_has_no_text(cell: Any) -> None:
    with pytest.raises(MissingValueError, match=r"\{First name\}") as caught:
        render("Hello {First name}.", "1", cell, "", "", "")
    assert caught.value.name == "First name"


def test_dates_have_their_iso_form() -> None:
    day = dt.date(2026, 1, 2)
    assert render("{Phone}", day, header=("Phone",)) == "2026-01-02"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("Hello {name", "single { at character 7"),
        ("Hello name}", "single } at character 11"),
        ("{{name}", "single } at character 7"),
        ("Hello {}", "without a name at character 7"),
        ("Hello { }", "without a name"),
        ("{a{b}}", "single { at character 1"),
    ],
)
def test_a_text_that_cannot_be_read(text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        Template.parse(text)
    assert str(caught.value).endswith("Nothing was sent.")


def test_all_unknown_variables_are_named_at_once() -> None:
    with pytest.raises(InputError, match=r"no column for \{x\}, \{y\}\. The columns are: a, b\."):
        Template.parse("{x} {y} {x} {a}").bind(("a", "b"))


def test_two_columns_of_one_name() -> None:
    with pytest.raises(InputError, match="More than one column is called name"):
        Template.parse("{name}").bind(("name", "name"))
    assert render("{Name}", "1", "2", header=("Name", "name")) == "1"


@given(st.text(alphabet="ab{} %", max_size=12))
@steady
def test_every_text_is_refused_or_rendered_whole(text: str) -> None:
    try:
        template = Template.parse(text)
    except InputError:
        return
    names = dict.fromkeys(template.names)
    header = tuple(names) or ("none",)
    try:
        bound = template.bind(header)
    except InputError:
        # Two spellings of the same name, such as {a} and {a%}.
        assert len({plain_name(name) for name in names}) < len(names)
        return
    rendered = bound.render(["V"] * len(header))
    unescaped = "".join(
        part for pair in zip(template.literals, ["V"] * 12, strict=False) for part in pair
    )
    assert rendered == unescaped[: len(rendered)]
    assert rendered.count("V") == len(template.names)


@given(st.text(max_size=20).filter(str.strip))
@steady
def test_a_text_with_doubled_braces_is_itself(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert render(doubled) == text


@given(st.text(max_size=20).filter(str.strip))
@steady
def test_any_value_arrives_unchanged(value: str) -> None:
    assume(value.strip() == value_text_or_nothing(value))
    assert render("[{v}]", value, header=("v",)) == f"[{value.strip()}]"


def test_names_are_compared_without_accents_case_and_punctuation() -> None:
    assert plain_name(" Křestní  JMÉNO: ") == "krestni_jmeno"
    assert plain_name("Телефон") == "телефон"
    assert plain_name("%") == "%"


def test_texts_by_language() -> None:
    texts = Texts.parse("Hello {a}", [("cs", "Ahoj {a}"), ("PT_BR ", "Oi {a}")])
    default, by_language = texts.bind(("a",))
    assert default is not None
    assert default.render(["x"]) == "Hello x"
    assert {name: text.render(["x"]) for name, text in by_language.items()} == {
        "cs": "Ahoj x",
        "pt-br": "Oi x",
    }
    assert language_name(" cs_CZ") == "cs-cz"


@pytest.mark.parametrize(
    ("default", "others", "problem"),
    [
        (None, [], "There is no text"),
        ("Hello", [("cs", "Ahoj"), ("CS", "Nazdar")], "two texts for the language cs"),
        ("Hello", [("cs", "{")], "The text for the language cs has a single {"),
    ],
)
def test_texts_that_make_no_sense(
    default: str | None, others: list[tuple[str, str]], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        Texts.parse(default, others)


def test_no_text_in_a_repr() -> None:
    template = Template.parse("Secret {a}")
    assert "Secret" not in repr(template)
    assert "Secret" not in repr(template.bind(("a",)))


MARKS = [
    *("{{%s}}", "{{ %s }}", "{{{%s}}}", "{{ %s | upper }}", "{{contact.%s}}", "${%s}"),
    *("%%(%s)s", "%%%s%%", "((%s))", "[%s]", "[[%s]]", "<%s>", "<<%s>>", "«%s»", "*|%s|*", "#%s#"),
    *("|%s|", "##%s##"),
]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("name", ["First name", "first_name", "FIRST NAME", "castka"])
def test_a_placeholder_of_another_program_is_refused(mark: str, name: str) -> None:
    for text in (f"Hello {mark % name}, 100 % of it.", f"{mark % name}", f"{{a.b}} %{mark % name}"):
        with pytest.raises(InputError, match="is a column") as caught:
            render(text, "777", "Jana", 12.0, "x", "y")
        assert "Nothing was sent" in str(caught.value)


def test_a_placeholder_of_a_shell_is_refused() -> None:
    with pytest.raises(InputError, match=r"has \$castka, and Částka is a column"):
        render("You owe $castka.", "", "", 1, "", "")


@pytest.mark.parametrize(
    "text",
    [
        "[info] {First name} (First name)",
        "100 % sure, 50 % off",
        "<3 {First name} >",
        "{{Last name}} $5 #1 |a| a.b phone",
        "[ {First name} ] <{First name}> #{{",
        "Order #{castka}, %{castka}",
        "First name: {First name}",
    ],
)
def test_a_text_that_is_not_a_placeholder_stays(text: str) -> None:
    render(text, "777", "Jana", 12.0, "x", "y")


@given(
    st.sampled_from(MARKS),
    st.text("abcž _-", min_size=1, max_size=8).filter(
        lambda name: plain_name(name) not in {"", "_"}
    ),
    st.text("xy %.,", max_size=6),
)
@steady
def test_no_column_is_sent_as_a_placeholder(mark: str, name: str, around: str) -> None:
    with pytest.raises(InputError):
        Template.parse(f"{around}{mark % name}{around}").bind((name, "other"))


def test_formats_of_dates_and_amounts() -> None:
    header = ("due", "amount", "a:b")
    cells = (dt.date(2026, 12, 1), 1234.5, "x")
    text = "{amount:# ##0,00} Kč do {Due: %-d. %-m. %Y} {a:b}"
    assert render(text, *cells, header=header) == "1 234,50 Kč do 1. 12. 2026 x"
    with pytest.raises(MissingValueError, match="is not a date or time") as caught:
        render("{amount:%d}", *cells, header=header)
    assert caught.value.name == "amount"
    with pytest.raises(InputError, match=r"\{amount:.2f\} has an invalid format"):
        render("{amount:.2f}", *cells, header=header)
    with pytest.raises(InputError, match=r"no column for \{x:0\}"):
        render("{x:0}", *cells, header=header)


def test_a_damaged_value_is_refused_by_the_name_of_its_column() -> None:
    with pytest.raises(MissingValueError, match="is an error value") as caught:
        render("{castka}", "", "", "#REF!", "", "")
    assert (caught.value.name, caught.value.reason) == (
        "Částka",
        "is an error value of a spreadsheet",
    )
