"""An OAuth 1.0 server on loopback (RFC 5849) by oauthlib: right by default and strict with its client, wrong where a test
says so.

It listens at any free port and says which, then obeys the test: one JSON document a line on standard input, one on
standard output in answer.

    {"reset": SETTINGS}     forget everything; from now on these settings (see below)
    {"change": SETTINGS}    from now on these, too
    {"report": true}        what happened since: requests, complaints, secrets

oauthlib judges every request: its signature, nonce, timestamp, callback, token and verifier. What it refuses is a
complaint. What it cannot see (several Authorization fields, protocol parameters in two places) is looked at here.
"""
import json
import random
import string
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_RSA_SHA1, RequestValidator, WebApplicationServer

DEFAULTS = {
    "client_key": "", "client_secret": "", "rsa_key": None,  # with a public key in PEM form, only RSA-SHA1 will do
    "redirect_uris": [],
    "awkward": False,      # tokens, secrets and verifiers of characters that need encoding
    "deny": None,          # what the person's refusal adds to the redirect: {"denied": "$token"}
    "credentials": {},     # what the token answer says besides the credentials
    "profile": {},
    "profile_query": "",   # what the query of the profile's address must be
    "change": {},          # endpoint: {member: value or null}, of the answer with credentials
    "answer": {},          # endpoint: {"status", "type", "body"}, whatever the request
}


class State(RequestValidator):
    """All that the server knows, and its answers to oauthlib's questions."""

    enforce_ssl = False
    dummy_client = dummy_request_token = dummy_access_token = "nobody"

    def __init__(self, settings):
        super().__init__()
        self.settings = {**DEFAULTS, **settings}
        self.temporary = {}  # token: {"secret", "callback", "verifier"}
        self.access = {}     # token: secret
        self.nonces = set()
        self.requests = []
        self.complaints = []
        self.secrets = {}
        self.note("client_secret", self.settings["client_secret"])

    def note(self, what, value):
        if value:
            self.secrets[value] = what

    def new_token(self):
        letters = string.ascii_letters + string.digits
        text = "".join(random.SystemRandom().choice(letters) for _ in range(24))
        return text + " +/&=%?ü\"'" if self.settings["awkward"] else text

    # Formats. The nonce keeps oauthlib's own rule: letters and digits, 20 to 30 of them.
    def check_client_key(self, client_key):
        return True

    check_request_token = check_access_token = check_verifier = check_client_key

    @property
    def allowed_signature_methods(self):
        return (SIGNATURE_RSA_SHA1,) if self.settings["rsa_key"] else (SIGNATURE_HMAC_SHA1,)

    # The client.
    def validate_client_key(self, client_key, request):
        return client_key == self.settings["client_key"]

    def get_client_secret(self, client_key, request):
        return self.settings["client_secret"]

    def get_rsa_key(self, client_key, request):
        return self.settings["rsa_key"]

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return redirect_uri in self.settings["redirect_uris"]

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        known = (timestamp, nonce) in self.nonces
        self.nonces.add((timestamp, nonce))
        return not known

    # Realms are not ours.
    def get_default_realms(self, client_key, request):
        return []

    get_realms = get_default_realms

    def validate_requested_realms(self, client_key, realms, request):
        return True

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return True

    # Temporary credentials: one authorization, one exchange.
    def save_request_token(self, token, request):
        self.temporary[token["oauth_token"]] = {"secret": token["oauth_token_secret"], "callback": request.redirect_uri}
        self.note("temporary token", token["oauth_token"])
        self.note("temporary secret", token["oauth_token_secret"])

    def verify_request_token(self, token, request):
        return token in self.temporary

    def get_redirect_uri(self, token, request):
        return self.temporary[token]["callback"]

    def save_verifier(self, token, verifier, request):
        self.temporary[token]["verifier"] = verifier["oauth_verifier"]
        self.note("verifier", verifier["oauth_verifier"])

    def validate_request_token(self, client_key, token, request):
        return token in self.temporary

    def get_request_token_secret(self, client_key, token, request):
        return self.temporary.get(token, {"secret": "none"})["secret"]

    def validate_verifier(self, client_key, token, verifier, request):
        return verifier == self.temporary.get(token, {}).get("verifier", None) is not None

    def invalidate_request_token(self, client_key, request_token, request):
        del self.temporary[request_token]

    # Token credentials.
    def save_access_token(self, token, request):
        self.access[token["oauth_token"]] = token["oauth_token_secret"]
        self.note("token", token["oauth_token"])
        self.note("token secret", token["oauth_token_secret"])

    def validate_access_token(self, client_key, token, request):
        return token in self.access

    def get_access_token_secret(self, client_key, token, request):
        return self.access.get(token, "none")


class Server:
    """The four endpoints: each returns status, media type, body, and further fields."""

    def __init__(self):
        self.reset({})

    def reset(self, settings):
        self.state = State(settings)
        self.oauth = WebApplicationServer(self.state)
        self.oauth.token_generator = self.state.new_token

    def initiate(self, call):
        return self.credentials("initiate", call, self.oauth.create_request_token_response, {})

    def token(self, call):
        return self.credentials("token", call, self.oauth.create_access_token_response, self.state.settings["credentials"])

    def credentials(self, endpoint, call, respond, more):
        headers, body, status = respond(**call, credentials=more)
        if status != 200:
            self.state.complaints.append(f"{endpoint}: {status} {(body or '').partition('&')[0]}".strip())
            return status, headers.get("Content-Type", "text/plain"), body or ""
        members = dict(parse_qsl(body, keep_blank_values=True)) | self.state.settings["change"].get(endpoint, {})
        members = [(name, value) for name, value in members.items() if value is not None]
        return status, headers["Content-Type"], urlencode(members)

    def authorize(self, call):
        deny = self.state.settings["deny"]
        token = dict(parse_qsl(urlsplit(call["uri"]).query))["oauth_token"]
        if deny is not None:
            said = urlencode({name: value.replace("$token", token) for name, value in deny.items()})
            return 302, "text/plain", "", {"Location": f"{self.state.temporary[token]['callback']}?{said}"}
        headers, body, status = self.oauth.create_authorization_response(**call)
        return status, "text/plain", body or "", headers

    def profile(self, call):
        valid, _ = self.oauth.validate_protected_resource_request(**call)
        if not valid:
            self.state.complaints.append("profile: not signed as it should be")
            return 401, "application/json", json.dumps({"errors": [{"code": 32, "message": "Could not authenticate you."}]})
        if urlsplit(call["uri"]).query != self.state.settings["profile_query"]:
            self.state.complaints.append("profile: " + call["uri"])
        return 200, "application/json", json.dumps(self.state.settings["profile"])

    def look(self, endpoint, headers, call):
        """What oauthlib takes for granted."""
        fields = headers.get_all("Authorization") or []
        signed = endpoint in ("initiate", "token", "profile")
        if len(fields) != signed or (signed and not fields[0].startswith("OAuth ")):
            self.state.complaints.append(f"{endpoint}: {len(fields)} Authorization fields")
        if signed and ("oauth_" in urlsplit(call["uri"]).query or call["body"]):
            self.state.complaints.append(f"{endpoint}: parameters in two places")
        if call["http_method"] != ("POST" if endpoint in ("initiate", "token") else "GET"):
            self.state.complaints.append(f"{endpoint}: by {call['http_method']}")
        for field in fields:
            for parameter in field.removeprefix("OAuth ").split(", "):
                name, _, value = parameter.partition("=")
                if name in ("oauth_signature", "oauth_nonce"):
                    self.state.note(name, value.strip('"'))

    def serve(self, endpoint, headers, call):
        self.state.requests.append(endpoint)
        self.look(endpoint, headers, call)
        handlers = {"initiate": self.initiate, "authorize": self.authorize, "token": self.token, "profile": self.profile}
        handler = handlers.get(endpoint)
        if handler is None:
            return 404, "text/plain", ""
        answer = handler(call)
        script = self.state.settings["answer"].get(endpoint)
        return answer if script is None else (script["status"], script.get("type", "text/plain"), script.get("body", ""))


def handler_of(server):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            call = {
                "uri": f"http://{self.headers['Host']}{self.path}", "http_method": self.command, "body": body,
                "headers": dict(self.headers.items()),
            }
            endpoint = unquote(urlsplit(self.path).path).removeprefix("/")
            status, kind, text, *fields = server.serve(endpoint, self.headers, call)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            for name, value in (fields[0] if fields else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_GET

        def log_message(self, *_):
            pass

    return Handler


def main():
    server = Server()
    listener = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(server))
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    print(json.dumps({"port": listener.server_port}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if "reset" in command:
            server.reset(command["reset"])
        state = server.state
        state.settings.update(command.get("change", {}))
        print(json.dumps({"requests": state.requests, "complaints": state.complaints, "secrets": state.secrets}), flush=True)


main()
