"""Flask + Authlib: what somebody would write instead, as small as it honestly can be.

Sign-in at an OpenID provider, a signed session cookie, and "who am I?" as JSON; under gunicorn, or started as a
CGI program. Environment: BENCH_ORIGIN, BENCH_PREFIX (where it is mounted), BENCH_ISSUER.
"""
import os
from wsgiref.handlers import CGIHandler

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, session

origin = os.environ["BENCH_ORIGIN"]
prefix = os.environ["BENCH_PREFIX"]
issuer = os.environ["BENCH_ISSUER"]

app = Flask(__name__)
app.secret_key = "a secret of a benchmark, for this machine alone"
oauth = OAuth(app)
oauth.register(
    "op",
    server_metadata_url=f"{issuer}/.well-known/openid-configuration",
    client_id="bench",
    client_secret="a-secret-of-the-benchmark",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


@app.get("/me")
def me():
    user = session.get("user")
    return (jsonify(user), 200) if user else (jsonify(error="unauthenticated"), 401)


@app.get("/login")
def login():
    return oauth.op.authorize_redirect(f"{origin}{prefix}/callback")


@app.get("/callback")
def callback():
    claims = oauth.op.authorize_access_token()["userinfo"]
    session["user"] = {name: claims[name] for name in ("sub", "name", "email", "email_verified")}
    return redirect(f"{origin}{prefix}/me")


if __name__ == "__main__":
    CGIHandler().run(app)
