"""A refusal is answered in the caller's shape and language, and shows nothing of our insides."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from headwater.base.errors import BadInput, NotLoggedIn, NotPermitted, TooOften, Trouble
from headwater.web.kit import answers, assets, forms, routes
from headwater.web.kit.site import SafeHeaders, Site

SITE = Site(keys=("a-key-for-these-tests",), form_hosts=("https://pay.example",))
ERRORS: dict[str, Exception] = {
    "bad": BadInput("phone", "missing"),
    "login": NotLoggedIn(),
    "role": NotPermitted(permission="orders"),
    "often": TooOften(),
    "trouble": Trouble("their secret detail"),
    "bug": RuntimeError("our secret detail"),
}


async def fail(request: Request) -> Response:
    """Raise what the address names."""
    raise ERRORS[request.path_params["kind"]]


async def take(request: Request) -> Response:
    """Answer with what a form said."""
    fields = await forms.read_form(request)
    return PlainTextResponse(forms.text(fields, "name"))


@pytest.fixture
def client() -> Iterator[TestClient]:
    """A browser's view of an application that only refuses."""
    own = [
        *routes.ROUTES,
        Route("/fail/{kind}", fail),
        Route("/api/fail/{kind}", fail),
        Route("/console/fail/{kind}", fail),
        Route("/take", take, methods=["POST"]),
    ]
    app = Starlette(routes=own, middleware=[Middleware(SafeHeaders, site=SITE)])
    app.state.site = SITE
    answers.install(app)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as opened:
        opened.headers["accept"] = "text/html"
        yield opened


def token_of(page: str) -> str:
    """The token in the first form of a page."""
    return page.split('name="form_token" value="')[1].split('"')[0]


def test_a_browser_gets_a_page_with_one_way_on(client: TestClient) -> None:
    page = client.get("/fail/bad")
    assert page.status_code == 422
    assert "手机号：请填写" in page.text
    assert 'href="/"' in page.text


def test_htmx_gets_only_the_part_and_it_is_an_alert(client: TestClient) -> None:
    part = client.get("/fail/bad", headers={"HX-Request-Type": "partial"})
    assert part.status_code == 422
    assert 'role="alert"' in part.text
    assert 'data-field="phone"' in part.text
    assert "<html" not in part.text


def test_a_machine_gets_json_with_code_and_field(client: TestClient) -> None:
    answer = client.get("/api/fail/bad", headers={"accept-language": "en"})
    assert answer.json() == {
        "code": "bad_input",
        "message": "Mobile number: please fill this in",
        "field": "phone",
    }


def test_an_unknown_address_is_a_page_for_people_and_json_for_machines(client: TestClient) -> None:
    assert "没有找到" in client.get("/nowhere").text
    assert client.get("/api/nowhere").json()["code"] == "not_found"
    assert client.get("/take").status_code == 405


def test_whoever_is_not_logged_in_is_led_to_this_doors_login_and_back(client: TestClient) -> None:
    answer = client.get("/console/fail/login?page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/login?next=/console/fail/login%3Fpage%3D2"
    part = client.get("/fail/login", headers={"HX-Request-Type": "partial"})
    assert part.headers["hx-redirect"] == "/login?next=/fail/login"
    assert client.get("/api/fail/login").status_code == 401


@pytest.mark.parametrize("path", ["/fail/bug", "/api/fail/bug", "/fail/trouble"])
def test_no_answer_tells_what_happened_inside(
    client: TestClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="headwater.web"):
        answer = client.get(path)
    assert answer.status_code in {500, 503}
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "secret" in caplog.text


def test_a_bug_can_be_found_again_by_its_reference(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="headwater.web"):
        reference = client.get("/api/fail/bug").json()["reference"]
    assert reference in caplog.text


def test_waiting_is_named_in_seconds(client: TestClient) -> None:
    assert client.get("/fail/often").headers["retry-after"] == "60"
    assert client.get("/fail/trouble").headers["retry-after"] == "5"
    assert client.get("/fail/role").status_code == 403


@pytest.mark.parametrize("path", ["/fail/bad", "/fail/bug", "/nowhere", assets.address("app.css")])
def test_every_answer_carries_the_safe_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://pay.example" in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_no_page_of_the_kit_needs_what_the_policy_forbids(client: TestClient) -> None:
    page = client.get("/fail/bad").text
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick" not in page
    assert page.count("<script") == page.count("<script src=")


def test_a_form_of_our_own_page_is_read(client: TestClient) -> None:
    from tests.web.gallery import gallery

    shop = TestClient(gallery())
    page = shop.get("/parts").text
    sent = {"form_token": token_of(page), "theme": "dark", "next": "/shop"}
    answer = shop.post("/preferences", data=sent, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/shop"
    assert 'data-theme="dark"' in shop.get("/parts").text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null"},
    ],
)
def test_a_form_of_a_foreign_page_changes_nothing(
    client: TestClient, headers: dict[str, str]
) -> None:
    from tests.web.gallery import gallery

    shop = TestClient(gallery())
    token = token_of(shop.get("/parts").text) if headers else "made-up"
    sent = {"form_token": token, "theme": "dark"}
    answer = shop.post("/preferences", data=sent, headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    assert "theme" not in shop.cookies


@pytest.mark.parametrize(
    "address,leads_to",
    [
        ("/cart?x=1", "/cart?x=1"),
        (None, "/"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/\t/evil.example", "/"),
    ],
)
def test_a_way_back_only_ever_leads_to_our_own_pages(address: str | None, leads_to: str) -> None:
    assert answers.safe_next(address) == leads_to
