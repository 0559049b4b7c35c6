"""A small OpenID Connect provider: a real HTTP server with discovery, authorize, token, userinfo and its public key.

Whoever comes to its page is logged in at once, as the person whom the test names. It holds clients to the rules: the
secret, the address to come back to, a code that is good once, and the proof of PKCE.
"""

import base64
import contextlib
import functools
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "understudy", "a secret of the site and the provider"
_KEY_ID = "first"


@functools.cache
def _new_key(whose: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def its_own() -> rsa.RSAPrivateKey:
    """Return the key of the provider. It is made when it is asked for, since this takes a quarter of a second."""
    return _new_key("its own")


def a_strange_one() -> rsa.RSAPrivateKey:
    """Return a key that nobody has heard of."""
    return _new_key("a strange one")


class Provider(ThreadingHTTPServer):
    """The server. `person` are the claims about whoever comes next; without any, the person breaks off."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.person: dict[str, Any] | None = {"sub": "1", "preferred_username": "hermia"}
        self.lie()
        self.given: dict[str, dict[str, Any]] = {}  # codes and access tokens, with what they are good for

    def lie(self, key: Any = its_own, algorithm: str = "RS256", **claims: Any) -> None:
        """Sign ID tokens by another key or algorithm, or with other claims; without arguments, tell the truth again.

        The key may be a function that returns it.
        """
        self.key, self.algorithm, self.other_claims = key, algorithm, claims

    @property
    def discovery(self) -> str:
        return f"{self.address}/.well-known/openid-configuration"


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider."""
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Pages(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(where.query).items()}
        match where.path:
            case "/.well-known/openid-configuration":
                self._say(self._discovery())
            case "/keys":
                key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(its_own().public_key()))
                self._say({"keys": [{**key, "kid": _KEY_ID, "use": "sig", "alg": "RS256"}]})
            case "/authorize":
                self._authorize(asked)
            case "/userinfo":
                token = self.server.given.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
                self._say(token["person"] if token else {"error": "invalid_token"}, 200 if token else 401)
            case _:
                self._say({"error": "not_found"}, 404)

    def _discovery(self) -> dict[str, Any]:
        at = self.server.address
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "jwks_uri": f"{at}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _authorize(self, asked: dict[str, str]) -> None:
        right = asked.get("client_id") == CLIENT and asked.get("response_type") == "code"
        if not right or "openid" not in asked["scope"].split() or asked.get("code_challenge_method") != "S256":
            self._say({"error": "invalid_request"}, 400)
            return
        answer = {"state": asked["state"], "error": "access_denied"}
        if self.server.person is not None:
            code = secrets.token_urlsafe()
            self.server.given[code] = {"person": self.server.person, "asked": asked}
            answer = {"state": asked["state"], "code": code}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(answer)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        code = self.server.given.pop(asked.get("code", ""), None)
        if urlsplit(self.path).path != "/token" or code is None or not _is_the_same(code["asked"], asked):
            self._say({"error": "invalid_grant"}, 400)
            return
        access = secrets.token_urlsafe()
        self.server.given[access] = code
        token = self._id_token(code["person"], code["asked"]["nonce"])
        self._say({"access_token": access, "token_type": "Bearer", "id_token": token})

    def _id_token(self, person: dict[str, Any], nonce: str) -> str:
        now = int(time.time())
        about = {"iss": self.server.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims = {**about, **person, **self.server.other_claims}
        key = self.server.key() if callable(self.server.key) else self.server.key
        return jwt.encode(claims, key, self.server.algorithm, headers={"kid": _KEY_ID})

    def _say(self, what: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _is_the_same(asked: dict[str, str], now: dict[str, str]) -> bool:
    """Whether a client that brings a code is the one that had asked for it."""
    digest = hashlib.sha256(now.get("code_verifier", "").encode()).digest()
    proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    client = now.get("client_id"), now.get("client_secret"), now.get("redirect_uri")
    return proof == asked["code_challenge"] and client == (CLIENT, SECRET, asked["redirect_uri"])
