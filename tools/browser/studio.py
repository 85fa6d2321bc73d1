"""A `likeness studio` of its own: a process on a free port, in a folder with clips and a tiny checkpoint."""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """What is not as it should be, in words."""


def expect(condition, message):
    if not condition:
        raise Failure(message)


def wait_until(what, question, seconds):
    """The first answer of `question` that is true; a failure that names `what` when there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.2)
    raise Failure(f"{what}: not within {seconds} s")


class Client:
    """Requests as the studio's own pages make them: cookie, key for changes, origin."""

    def __init__(self, port, token=None):
        self.proof = {"Authorization": f"Bearer {token}"} if token else {}
        self.authority = f"127.0.0.1:{port}"
        self.connection = http.client.HTTPConnection(self.authority, timeout=300)
        self.used = time.monotonic()
        self.cookie = ""
        answer = self.send("GET", "/api/session")
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.key = json.loads(answer.content)["csrf"]

    def send(self, method, path, body=None, headers=None):
        """The answer, whatever its status, with all of its content."""
        own = dict(self.proof)
        if self.cookie:
            own["Cookie"] = self.cookie
        if method != "GET":
            own |= {"X-Likeness-CSRF": self.key, "Origin": f"http://{self.authority}"}
        # The studio closes connections that say nothing for half a minute; a browser opens another.
        if time.monotonic() - self.used > 20:
            self.connection.close()
        self.connection.request(method, path, body=body, headers=own | (headers or {}))
        answer = self.connection.getresponse()
        answer.content = answer.read()
        self.used = time.monotonic()
        return answer

    def json(self, method, path, value=None):
        """What an answer says; a failure where it says no."""
        body = None if method == "GET" else json.dumps(value or {})
        answer = self.send(method, path, body, {"Content-Type": "application/json"})
        expect(answer.status < 300, f"{method} {path}: status {answer.status}: {answer.content[:400].decode(errors='replace')}")
        return json.loads(answer.content) if answer.content else None

    def get(self, path):
        return self.json("GET", path)

    def post(self, path, value=None):
        return self.json("POST", path, value)


class Studio:
    """The process; used in a `with`. What it started ends with it."""

    def __init__(self, program, folder, has_model=True):
        self.program = str(pathlib.Path(program).resolve())
        self.folder = pathlib.Path(folder).resolve()
        self.home = self.folder / "home"
        self.process = None
        (self.folder / "work").mkdir(parents=True, exist_ok=True)
        self.work = self.folder / "work"
        if has_model:
            self.prepare()

    def prepare(self):
        shutil.copytree(REPOSITORY / "Examples" / "clips", self.work / "clips", dirs_exist_ok=True)
        if not (self.work / "tiny").exists():
            done = subprocess.run([self.program, "tiny", "tiny", "--arch", "ltx2.3"], cwd=self.work, capture_output=True, text=True)
            expect(done.returncode == 0, f"likeness tiny failed: {done.stdout}{done.stderr}")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.end_jobs()

    def start(self, *more, port=None):
        """Starts the server, on a free port unless one is given; `more` are further arguments."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = port or probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"
        command = [self.program, "studio", "--port", str(self.port), "--home", str(self.home), "--root", str(self.work), "--no-browser", *more]
        self.log = open(self.folder / "studio.log", "ab")
        # Threads that wait awake would take the browser's share of few cores.
        environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
        self.process = subprocess.Popen(command, cwd=self.work, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        wait_until("the studio answers", self.is_answering, 60)
        said = re.findall(r"Token: (\S+)", self.last_words()) if more else []
        self.token = said[-1] if said else None
        self.client = Client(self.port, self.token)

    def is_answering(self):
        expect(self.process.poll() is None, f"the studio ended with {self.process.returncode}: {self.last_words()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def last_words(self):
        return (self.folder / "studio.log").read_bytes()[-2000:].decode(errors="replace")

    def stop(self):
        """Ends the server; jobs go on, as for its users."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        self.log.close()

    def end_jobs(self):
        """Ends what jobs of this studio, and of no other, still run."""
        for path in self.home.glob("jobs/*/process.json"):
            facts = json.loads(path.read_text())
            for one in (facts.get("trainer"), facts.get("keeper")):
                if has_started(one):
                    os.kill(one["pid"], signal.SIGKILL)

    def file(self, root_path):
        """The file on disk of a path such as `0/clips/a.mp4`."""
        index, _, rest = root_path.partition("/")
        roots = [pathlib.Path(one["path"]) for one in self.client.get("/api/session")["roots"]]
        return roots[int(index)] / rest

    def memory(self, name="VmRSS"):
        """Bytes of the server's process, by a line of /proc/PID/status."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith(name))


    def processor_time(self):
        """Seconds of processor time that the server has had, in itself and in the system."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def has_started(process):
    """Whether a process runs and is the one that was meant, by when it started."""
    if process is None:
        return False
    try:
        text = pathlib.Path(f"/proc/{process['pid']}/stat").read_text()
    except OSError:
        return False
    fields = text.rpartition(")")[2].split()
    return fields[0] != "Z" and int(fields[19]) == process["startTicks"]


def program_argument(parser):
    """The argument that every script here takes."""
    default = REPOSITORY / ".build" / "release" / "likeness"
    parser.add_argument("--likeness", default=str(default), help="the program under test")
