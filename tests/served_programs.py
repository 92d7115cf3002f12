"""Python and fairseq's programs for a shell script, run by the server of ``tests/binaries.py``.

A recipe starts Python ten times and more. Stubs on its PATH hand each start to the test process, whose
server forks it with everything imported.
"""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer

from binaries import Binaries, read_at_the_start_only

STUB = """#!{python} -IS
import json, os, socket, sys
path = os.path.abspath(sys.argv[0])
folder, name = os.path.split(path)
words = sys.argv[1:]
if name != "python":
    words = ["-m", {programs}[name], *words]
elif words[0] == "-c" and "sys.executable" in words[1]:  # run/setup.sh asks for itself
    sys.exit(print(path))
elif words[0] == "-c" and "get_path" in words[1]:  # and for the folder of the others
    sys.exit(print(folder))
elif words[0] == "-":
    words = ["-c", sys.stdin.read(), *words[1:]]
elif not words[0].startswith("-"):
    code = "import runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
    words = ["-c", code, *words]
with socket.socket(socket.AF_UNIX) as client:
    client.connect(os.path.join(folder, "server"))
    with client.makefile("rw") as connection:
        request = dict(words=words, cwd=os.getcwd(), env=dict(os.environ))
        connection.write(json.dumps(request) + "\\n")
        connection.flush()
        done = json.loads(connection.readline())
sys.stdout.write(done["stdout"])
sys.stderr.write(done["stderr"])
sys.exit(done["status"])
"""
PROGRAMS = {
    "python": "",
    "fairseq-train": "fairseq_cli.train",
    "fairseq-generate": "fairseq_cli.generate",
    "fairseq-eval-lm": "fairseq_cli.eval_lm",
    "sacrebleu": "sacrebleu",
}


@contextmanager
def served_programs(folder: Path, binaries: Binaries) -> Iterator[Path]:
    """Writes the stubs and answers them; gives the folder for the PATH."""
    folder.mkdir()
    for name in PROGRAMS:
        stub = folder / name
        stub.write_text(STUB.format(python=sys.executable, programs=repr(PROGRAMS)))
        stub.chmod(0o755)
    one_at_a_time = threading.Lock()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            request = json.loads(self.rfile.readline())
            env = {k: v for k, v in request["env"].items() if not read_at_the_start_only(k)}
            with one_at_a_time:
                process = binaries.start(*request["words"], cwd=request["cwd"], env=env)
            done = process.finish(timeout=300)
            answer = {"status": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    with ThreadingUnixStreamServer(str(folder / "server"), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield folder
        server.shutdown()
