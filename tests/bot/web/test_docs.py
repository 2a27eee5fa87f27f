"""``/docs`` in a browser, where everything takes a key: its policy lets it work, and its Authorize sends the key."""

from __future__ import annotations

from places import SEEDS
from playwright.sync_api import Browser, expect
from processes import serving
from telegram_process import STUB

TOKEN = "an-admin-token-for-tests"


def test_the_description_can_be_tried_out_with_a_key(browser: Browser, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(f"corpus: {{paths: ['{SEEDS}']}}\nserver: {{port: 0, access: keys}}\n", encoding="utf-8")
    with serving(config, STUB, WENBAO_ADMIN_TOKEN=TOKEN) as (address, _), browser.new_context() as context:
        page, errors = context.new_page(), list[str]()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{address}/docs")
        page.fill("input[name=key]", TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_selector(".opblock")
        context.clear_cookies()  # so that only Authorize can let it in
        page.click(".btn.authorize")
        expect(page.locator(".auth-container h4").first).to_contain_text("Key")
        page.locator(".auth-container input").first.fill(TOKEN)
        page.locator(".auth-container .authorize").first.click()
        page.locator(".btn-done").first.click()
        page.locator("#operations-admin-list_keys_keys_get").click()
        page.get_by_text("Try it out").click()
        page.get_by_text("Execute").click()
        expect(page.locator(".live-responses-table .response .response-col_status")).to_have_text("200")
        assert errors == []
