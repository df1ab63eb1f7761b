"""moto, and a way to it that can be closed (refused) or plugged (nothing ever answers)."""

import socket
import subprocess
import sys
import threading
import time
import urllib.request


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Moto:
    def __init__(self) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "moto.server", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/moto-api/", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("moto did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Way:
    """A loopback port that leads to another one, for as long as it is `open`."""

    def __init__(self, to: int) -> None:
        self.to, self.port, self.state = to, free_port(), "open"
        self.listener: socket.socket | None = None
        self.live: list[socket.socket] = []
        self._listen()

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.listener = listener
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self.live.append(near)
            if self.state == "plugged":
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            self.live.append(far)
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                while self.state == "plugged":
                    time.sleep(0.05)
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def set(self, state: str) -> None:
        """`open`, `refused` or `plugged`."""
        self.state = state
        if state == "refused" and self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
            for one in self.live:
                one.close()
            self.live.clear()
        elif state != "refused" and not self.listener:
            self._listen()
