"""The distribution's Chromium without a screen, and a page that keeps account of everything that goes wrong in it."""

import contextlib
import os
import re
import shutil

from playwright.sync_api import TimeoutError, sync_playwright

from studio import Failure, expect, wait_until

# Roles of what a person can use or must be told of: each needs a name that a screen reader can say.
NAMED_ROLES = {
    "button", "link", "textbox", "checkbox", "radio", "slider", "combobox", "searchbox", "spinbutton", "progressbar",
    "image", "img", "table", "Video", "Audio", "dialog", "listbox", "tab", "switch",
}

VIOLATIONS = """
window.policyViolations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.policyViolations.push(`${event.violatedDirective}: ${event.blockedURI || event.sample} at ${event.sourceFile}:${event.lineNumber}`);
});
"""

DUPLICATES = """
(() => {
  const all = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return [...new Set(all.filter((id, index) => all.indexOf(id) !== index))];
})()
"""


@contextlib.contextmanager
def chromium():
    """The browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    expect(path, "chromium is not installed; install it with: sudo apt-get install -y chromium")
    # Chromium's own sandbox refuses root, as whom containers run.
    options = ["--autoplay-policy=no-user-gesture-required"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as library:
        browser = library.chromium.launch(executable_path=path, args=options)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page whose errors, refused requests and violations of the security policy are collected."""

    def __init__(self, browser, address, width=1360, height=900, scheme="light"):
        self.address = address
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce", accept_downloads=True
        )
        self.context.add_init_script(VIOLATIONS)
        self.page = self.context.new_page()
        self.troubles = []
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("request", self.check_request)
        self.inspector = self.context.new_cdp_session(self.page)

    def hear(self, message):
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def check_request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.troubles.append(f"a request to elsewhere: {request.url}")

    def open(self, place):
        """Opens a page such as `#/jobs`, from anew."""
        self.collect_violations()
        self.page.goto(self.address + place)
        # Another address behind `#` alone would only change the page that is there.
        self.page.reload()

    def collect_violations(self):
        found = self.page.evaluate("() => (window.policyViolations ?? []).splice(0)")
        self.troubles += [f"security policy: {one}" for one in found]

    def expect_no_troubles(self, allowed=()):
        """Fails where something went wrong since the last time, but for what matches one of `allowed`."""
        self.collect_violations()
        troubles = [one for one in self.troubles if not any(re.search(pattern, one) for pattern in allowed)]
        self.troubles = []
        expect(not troubles, "the page had troubles:\n  " + "\n  ".join(troubles[:10]))

    def expect_named(self):
        """Fails where a control has no name, or two elements share an id."""
        nodes = self.inspector.send("Accessibility.getFullAXTree")["nodes"]
        nameless = [self.describe(node) for node in nodes if is_nameless(node)]
        expect(not nameless, "without a name for screen readers: " + "; ".join(nameless[:10]))
        duplicates = self.page.evaluate(DUPLICATES)
        expect(not duplicates, f"ids that several elements have: {', '.join(duplicates[:10])}")

    def describe(self, node):
        number = node.get("backendDOMNodeId")
        if number is None:
            return node["role"]["value"]
        found = self.inspector.send("DOM.describeNode", {"backendNodeId": number})["node"]
        return f"{node['role']['value']} <{found.get('localName')} {' '.join(found.get('attributes', []))[:120]}>"

    def expect_fits(self):
        """Fails where the page is wider than the window."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        window = self.page.viewport_size["width"]
        expect(width <= window, f"the page is {width} px wide in a window of {window} px")

    def wait(self, selector, what, seconds=30, state="visible"):
        """Waits for an element; `what` is said where it does not come."""
        try:
            return self.page.wait_for_selector(selector, timeout=seconds * 1000, state=state)
        except TimeoutError as error:
            seen = self.page.locator("#toasts, .fault").all_inner_texts()
            raise Failure(f"{what}: {selector} is not {state} after {seconds} s; the page says {seen}") from error

    def wait_for(self, expression, what, seconds=30):
        """Waits until an expression of JavaScript is true.

        Asked from here: what waits within the page would be made by `eval` there, which the security policy forbids.
        """
        wait_until(f"{what} ({expression})", lambda: self.page.evaluate(expression), seconds)


def is_nameless(node):
    role = node.get("role", {}).get("value")
    return not node.get("ignored") and role in NAMED_ROLES and not node.get("name", {}).get("value")
