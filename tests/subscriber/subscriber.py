"""A system of somebody else's that wants to be told: written from services/notification/README.md alone.

`subscriber.py webhook JOURNAL --secret whsec_… [--secret whpk_…]` is called, `subscriber.py watch JOURNAL ENDPOINT STUBS` listens. What
each has taken stands in its journal, one JSON object a line, and is not taken again, also not after it was killed.
"""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time

BELIEVED_FOR = 300  # seconds


class Journal:
    """What was taken. It is on the disk before anybody is told so."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.ids = set()
        self.token = ""
        if os.path.exists(path):
            with open(path, "rb+") as old:
                whole = old.read().rpartition(b"\n")[0]
                # Killed in the middle of a line: that line was never answered for.
                old.truncate(len(whole) + 1 if whole else 0)
                for line in whole.splitlines():
                    self.remember(json.loads(line))
        self.file = open(path, "ab")

    def remember(self, entry):
        self.ids.update(event["id"] for event in entry["events"])
        self.token = entry.get("token", self.token)

    def take(self, events, token=None):
        """The events that are new, with the token behind them: all or nothing."""
        with self.lock:
            fresh = [event for event in events if event["id"] not in self.ids]
            entry = {"events": fresh} if token is None else {"events": fresh, "token": token}
            if fresh or token is not None:
                self.file.write(json.dumps(entry).encode() + b"\n")
                self.file.flush()
                os.fsync(self.file.fileno())
                self.remember(entry)


def is_signed(secrets, headers, body):
    at = headers.get("webhook-timestamp", "")
    if not at.isdecimal() or abs(time.time() - int(at)) > BELIEVED_FOR:
        return False
    signed = f"{headers.get('webhook-id', '')}.{at}.".encode() + body
    signatures = headers.get("webhook-signature", "").split()
    return any(holds(secret, signed, one) for secret in secrets for one in signatures)


def holds(secret, signed, signature):
    version, _, text = signature.partition(",")
    kind, _, key = secret.partition("_")
    key = base64.b64decode(key)
    if (kind, version) == ("whsec", "v1"):
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(wanted, text)
    if (kind, version) == ("whpk", "v1a"):
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(text), signed)
            return True
        except (InvalidSignature, ValueError):
            return False
    return False


def webhook(journal, secrets, port):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if is_signed(secrets, self.headers, body):
                event = json.loads(body)
                known = {name: event.get(name) for name in ("id", "type", "subject", "appsequence")}
                journal.take([known])
                self.send_response(204)
            else:
                print("refused", self.headers.get("webhook-id"), flush=True)
                self.send_response(400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print("listening", server.server_port, flush=True)
    server.serve_forever()


def watch(journal, endpoint, stubs):
    sys.path.insert(0, stubs)
    import grpc
    from phidia.notification.v1 import event_service_pb2 as pb
    from phidia.notification.v1 import event_service_pb2_grpc as rpc

    again = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.RESOURCE_EXHAUSTED)
    me = [("phidia-role", "system"), ("phidia-name", "subscriber")]
    print("listening", flush=True)
    while True:
        asked = pb.WatchEventsRequest(resume_token=journal.token)
        if not journal.token:
            asked = pb.WatchEventsRequest()
            asked.since.FromJsonString("2000-01-01T00:00:00Z")
        try:
            with grpc.insecure_channel(endpoint) as channel:
                for answer in rpc.EventServiceStub(channel).WatchEvents(asked, metadata=me):
                    events = [
                        {"id": e.id, "type": e.type, "subject": e.application_id, "appsequence": e.application_sequence}
                        for e in answer.events
                    ]
                    journal.take(events, answer.resume_token)
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.OUT_OF_RANGE:
                # From what is kept on; what lies between is to be looked for in the applications themselves.
                print("missed", journal.token, flush=True)
                journal.token = ""
            elif error.code() not in again:
                raise
        time.sleep(1)


def main():
    parser = argparse.ArgumentParser()
    ways = parser.add_subparsers(dest="way", required=True)
    called = ways.add_parser("webhook")
    called.add_argument("journal")
    called.add_argument("--secret", action="append", required=True)
    called.add_argument("--port", type=int, default=0)
    listens = ways.add_parser("watch")
    listens.add_argument("journal")
    listens.add_argument("endpoint")
    listens.add_argument("stubs")
    told = parser.parse_args()
    journal = Journal(told.journal)
    if told.way == "webhook":
        webhook(journal, told.secret, told.port)
    else:
        watch(journal, told.endpoint, told.stubs)


main()
