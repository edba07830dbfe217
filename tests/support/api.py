"""A caller of the HTTP API: a browser's session or a program's token. Standard library only."""
import http.client
import json


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get("code") if self.body[:1] == b"{" else None


class Caller:
    def __init__(self, port, token=None):
        self.port = port
        self.token = token
        self.cookie = None
        self.csrf = None

    def call(self, method, path, body=None, **headers):
        """`headers`: If_Match="..." is the header If-Match; None leaves one out that would be sent."""
        sent = {"Connection": "close"}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.cookie:
            sent["Cookie"] = self.cookie
        if self.csrf and method != "GET":
            sent["X-CSRF-Token"] = self.csrf
        data = body
        if body is not None and not isinstance(body, (str, bytes)):
            data = json.dumps(body, ensure_ascii=False)
            sent["Content-Type"] = "application/json"
        if isinstance(data, str):
            data = data.encode()
        for name, value in headers.items():
            sent[name.replace("_", "-")] = value
        sent = {name: value for name, value in sent.items() if value is not None}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, "/api/v1" + path, data, sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.call("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.call("POST", path, body, **headers)

    def put(self, path, body, etag=None, **headers):
        headers.update({"If_Match": etag} if etag else {"If_None_Match": "*"})
        return self.call("PUT", path, body, **headers)

    def delete(self, path, **headers):
        return self.call("DELETE", path, **headers)

    def sign_in(self, user, password, **more):
        answer = self.post("/session", {"user": user, "password": password, **more})
        if answer.status == 200:
            self.take_session(answer)
        return answer

    def take_session(self, answer):
        self.cookie = answer.headers["set-cookie"].split(";")[0]
        self.csrf = answer.json["csrf"]


PASSWORD = "a long sentence of {}"


def add_user(bank, name, roles, branches=()):
    """On the command line, with a password of one's own."""
    path = bank.write(f"{name}.password", PASSWORD.format(name))
    more = ["--branches", ",".join(branches)] if branches else []
    bank.carillon("user", "add", name, "--roles", roles, "--password-file", path, *more)


def signed_in(port, name):
    caller = Caller(port)
    answer = caller.sign_in(name, PASSWORD.format(name))
    if answer.status != 200:
        raise AssertionError(f"{name} cannot sign in: {answer.body}")
    return caller
