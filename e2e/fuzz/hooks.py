"""Signs schemathesis in, and again whenever something that it did has signed it out.

Loaded by the journey `fuzz.rs`, which says in the environment which gateway is asked, and where.
"""

import os
import random
import uuid

import requests
import schemathesis

GATEWAY, BASE = os.environ["GATEWAY"], os.environ["BASE"]


def ask(path: str, body: dict) -> dict:
    """A request that has to succeed."""
    answer = requests.post(BASE + path, json=body, timeout=60)
    answer.raise_for_status()
    return answer.json()


def sign_in() -> str:
    """The token of somebody who is good at everything there; of somebody new, where anybody can be."""
    if GATEWAY == "desktop":
        account = {"email": os.environ["EMAIL"], "password": os.environ["PASSWORD"]}
        return ask("/v1/auth/login", account)["accessToken"]
    name = f"fuzz{uuid.uuid4().hex[:20]}"
    account = {"email": f"{name}@example.test", "password": "a password of nobody else"}
    if GATEWAY == "web":
        return ask("/api/users", {"user": {"username": name, **account}})["user"]["token"]
    ask("/v1/users", {"username": name, **account})
    return ask("/v1/auth/login", account)["accessToken"]


class Session:
    """Who schemathesis is at the moment."""

    token: str | None = None


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Sends the token with every request."""

    def get(self, case, context):
        Session.token = Session.token or sign_in()
        return Session.token

    def set(self, case, data, context):
        headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
        # Mostly a new name for each write: under an old one the answer would be the old one, or a refusal.
        if "Idempotency-Key" in headers and random.random() < 0.9:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        case.headers = headers


@schemathesis.hook
def after_call(context, case, response):
    """Forgets a token that is of no use any more."""
    refused = "TOKEN_INVALID" in response.text or '"token"' in response.text
    if response.status_code == 401 and refused:
        Session.token = None


@schemathesis.serializer("application/x-ndjson", "text/csv")
def write_lines(context, value):
    """Files are sent as they are; what is no text is sent as something that no file is."""
    return value if isinstance(value, (str, bytes)) else repr(value)
