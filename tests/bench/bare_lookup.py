"""Bare Flask views that look one customer up in a dict: what the bench of customers compares with."""

from __future__ import annotations

from flask import Flask, jsonify, request
from werkzeug.wrappers import Response

CUSTOMERS = 100_000
ITEMS = [
    {"product_id": f"p{number}", "score": 0.5, "reason": f"because you viewed p{number}"}
    for number in range(50)
]
KNOWN = {f"u{number}": ITEMS[number % 10 : number % 10 + 36] for number in range(CUSTOMERS)}
app = Flask(__name__)


@app.post("/recommendations/<string:user_id>")
def recommendations(user_id: str) -> Response:
    """Answer as many items as are asked for."""
    return jsonify({"user_id": user_id, "items": KNOWN[user_id][: request.get_json()["limit"]], "model": ""})


@app.get("/homepage/<string:user_id>")
def homepage(user_id: str) -> Response:
    """Answer a page as large as the real one."""
    found = KNOWN[user_id]
    parts = [{"type": "a", "title": "b", "products": found[place : place + 12]} for place in (0, 12, 24)]
    return jsonify({"user_id": user_id, "sections": parts, "layout": "grid", "theme": "system"})
