"""Reports of errors leave without secrets, addresses or people."""

from typing import Any

import sentry_sdk

from config import logs


def test_report_is_redacted_and_sends_no_bodies_or_variables(monkeypatch: Any) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(sentry_sdk, "init", lambda **options: asked.update(options))
    logs.report_errors("https://made-up@errors.example/1")
    assert (asked["send_default_pii"], asked["max_request_body_size"]) == (False, "never")
    assert asked["include_local_variables"] is False
    event = {"message": "no mail to ada@example.org", "exception": {"values": [{"value": "token ghp_" + "a1B2" * 9}]}}
    sent = asked["before_send"](event, {})
    assert "ada@example.org" not in str(sent)
    assert "ghp_a1B2" not in str(sent)
