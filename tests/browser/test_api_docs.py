"""The API's pages work under the content policy, which lets no inline script or style through."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_the_api_pages_list_every_operation(visit: Callable[..., Page]) -> None:
    """`visit` fails the test if the browser refused anything."""
    page = visit("/api/v1/docs/", user=None)
    expect(page.locator("#operations-api-launch, [id$='-launch']").first).to_be_visible()
    assert page.locator(".opblock").count() > 15
