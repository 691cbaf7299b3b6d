"""Simulated people fill in forms as a browser would send them."""

from __future__ import annotations

import pytest

from headwater.world import forms

PAGE = """
<form action="/search"><input name="q"></form>
<form method="post" action="/things/new">
  <input type="hidden" name="form_token" value="t">
  <select name="offer"><option value="">none</option><option value="a">A</option></select>
  <select name="size"><option value="s">S</option><option value="m" selected>M</option></select>
  <input type="checkbox" name="agreed"><input type="radio" name="how" value="all" checked>
  <textarea name="words">hello</textarea>
</form><a href="/next">on</a>
"""


def test_a_form_is_read_with_what_a_browser_would_send() -> None:
    form = forms.form_to(PAGE, "/things/new")
    assert form.fields == {
        "form_token": "t",
        "offer": "",
        "size": "m",
        "agreed": "",
        "how": "all",
        "words": "hello",
    }


def test_a_field_that_is_not_there_cannot_be_filled_in() -> None:
    with pytest.raises(LookupError, match="colour"):
        forms.form_to(PAGE, "/things/new").filled(colour="red")


def test_a_search_form_changes_nothing_and_is_not_taken_for_one_that_does() -> None:
    with pytest.raises(LookupError, match="/search"):
        forms.form_to(PAGE, "/search")
