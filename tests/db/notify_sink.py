"""The other side of the notices, for the test: a mail server (aiosmtpd) and an HTTP server.

notify_sink.py OUT KEY: writes "HTTP_PORT SMTP_PORT" on stdout, then a JSON line to OUT for each message
taken. POST /fail/N answers 500 to the first N tries of a message. The signature is checked with
Python's own HMAC over OpenSSL's SM3.
"""
import collections
import email
import email.policy
import hmac
import http.server
import json
import socket
import sys
import threading

from aiosmtpd.controller import Controller

out, key = sys.argv[1], sys.argv[2].encode()
lock = threading.Lock()
tries = collections.Counter()


def put(row):
    with lock, open(out, "a", encoding="utf-8") as f:
        f.write(json.dumps(row, ensure_ascii=False) + "\n")


class Mail:
    async def handle_DATA(self, server, session, envelope):
        m = email.message_from_bytes(envelope.content, policy=email.policy.default)
        put({"kind": "mail", "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": m["Subject"],
             "id": m["Message-ID"], "date": str(m["Date"].datetime) if m["Date"] else "", "text": m.get_content()})
        return "250 OK"


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        one, when = self.headers["X-Shanshui-Id"], self.headers["X-Shanshui-Time"]
        want = "hmac-sm3=" + hmac.new(key, when.encode() + b"." + body, "sm3").hexdigest()
        good = hmac.compare_digest(want, self.headers["X-Shanshui-Signature"])
        tries[one] += 1
        fails = int(self.path.split("/")[2]) if self.path.startswith("/fail/") else 0
        status = 500 if tries[one] <= fails else 204
        put({"kind": "hook", "path": self.path, "id": one, "try": tries[one], "status": status, "signed": good,
             "body": json.loads(body)})
        self.send_response(status)
        self.end_headers()

    def log_message(self, *args):
        pass


httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=httpd.serve_forever, daemon=True).start()
mail = Controller(Mail(), hostname="127.0.0.1", port=0)


# The controller looks at the port that it was given, so that must be one that is free.
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    mail.port = s.getsockname()[1]
mail.start()
print(f"{httpd.server_address[1]} {mail.port}", flush=True)
sys.stdin.read()  # ends with the test
