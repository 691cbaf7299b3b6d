"""Reading pages as a person does: the forms on them, and the links."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form on a page: where it goes, and what stands in its fields."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)

    def filled(self, **values: str) -> dict[str, str]:
        """Fill in some fields and leave the others as the page has them."""
        unknown = set(values) - set(self.fields)
        if unknown:
            raise LookupError(f"the form {self.action} has no field {sorted(unknown)}")
        return {**self.fields, **values}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._area: str | None = None
        self._choice: str | None = None
        self._is_first_option = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self.forms and given.get("name"):
            self._field(tag, given)
        elif tag == "option" and self._choice and self.forms:
            self._option(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._choice = None

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1].fields[self._area] += data

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name, fields = given["name"], self.forms[-1].fields
        is_choice = given.get("type") in ("radio", "checkbox")
        if tag == "textarea":
            self._area = name
            fields[name] = ""
        elif tag == "select":
            self._choice = name
            self._is_first_option = True
            fields.setdefault(name, "")
        elif is_choice and "checked" not in given:
            fields.setdefault(name, "")
        else:
            fields[name] = given.get("value", "on" if is_choice else "")

    def _option(self, given: dict[str, str]) -> None:
        assert self._choice is not None
        if "selected" in given or self._is_first_option:
            self.forms[-1].fields[self._choice] = given.get("value", "")
        self._is_first_option = False


def read(html: str) -> tuple[list[Form], list[str]]:
    """Give the forms and the links of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms, reader.links


def form_to(html: str, path: str) -> Form:
    """Give the form that changes something at this address."""
    forms, _links = read(html)
    for each in forms:
        if each.method == "post" and each.action.split("?")[0].endswith(path):
            return each
    raise LookupError(f"there is no form to {path}; there are {[f.action for f in forms]}")
