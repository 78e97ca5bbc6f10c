"""The browser and the watch over it: what they must notice, they notice."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Watch, chromium_path, new_context
from tests.e2e.servers import ForeignServer, wait_until

INSTALL = Path(__file__).with_name("install_browser.sh")
COMPLAINTS = {
    "console error: oh dear": "console.error('oh dear')",
    "page error: oh dear": "setTimeout(() => { throw new Error('oh dear'); })",
    "dialog: oh dear": "alert('oh dear')",
    "request beyond the loopback: http://192.0.2.1/": "fetch('http://192.0.2.1/').catch(() => {})",
}


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_complaint_fails_the_test(
    browser: Browser, foreign: ForeignServer, complaint: str
) -> None:
    """Errors, dialogs and requests to elsewhere are noticed, and can be allowed by name."""
    context = new_context(browser)
    page = context.new_page()
    watch = Watch()
    watch.over(page)
    page.goto(foreign.put("/quiet", "<title>x</title><link rel=icon href=data:,><p>quiet</p>"))
    expect(page.get_by_text("quiet")).to_be_visible()
    watch.check()
    page.evaluate(f"() => {{ {COMPLAINTS[complaint]} }}")

    def noticed() -> bool:
        page.evaluate("1")  # lets what the browser reports come in
        return bool(watch.complaints())

    wait_until(noticed, complaint)
    assert any(complaint in line for line in watch.complaints())
    with pytest.raises(AssertionError, match="the browser complained"):
        watch.check()
    watch.allow("oh dear|192|ERR_")
    watch.check()
    context.close()


def test_a_violated_policy_is_noticed(browser: Browser, foreign: ForeignServer) -> None:
    """A script that the policy of a page forbids does not run, and is complained of."""
    policy = "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">"
    context = new_context(browser)
    page = context.new_page()
    watch = Watch()
    watch.over(page)
    page.goto(foreign.put("/policy", f"{policy}<p>x</p><script>globalThis.ran = true</script>"))
    assert page.evaluate("globalThis.ran") is None
    assert any("Content Security Policy" in line for line in watch.complaints())
    context.close()


def test_a_missing_browser_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is skipped: the error says what to install."""
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match="no such program"):
        chromium_path()
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="apt-get install chromium"):
        chromium_path()


def test_the_set_up_says_what_it_cannot_do(tmp_path: Path) -> None:
    """Where Chromium is absent and cannot be installed, `make test` ends with the reason."""
    done = subprocess.run(
        ["/bin/sh", str(INSTALL)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr


def test_the_set_up_installs_what_is_absent(tmp_path: Path) -> None:
    """As root it asks apt for Chromium, and only when it is not there."""
    calls = tmp_path / "calls"
    programs = tmp_path / "bin"
    programs.mkdir()
    _program(programs / "id", "echo 0")
    _program(programs / "true", "exit 0")
    _program(
        programs / "apt-get",
        f'echo "$*" >> {calls}; printf "#!/bin/sh\\n" > {programs}/chromium; '
        f"/bin/chmod +x {programs}/chromium",
    )
    for _ in range(2):
        done = subprocess.run(
            ["/bin/sh", str(INSTALL)], env={"PATH": str(programs)}, check=False, timeout=20
        )
        assert done.returncode == 0
    lines = calls.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert lines[-1].endswith("install chromium")


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
