"""Docker for sam_local.py: the image that a function runs in, the way from it to this machine, and what SAM leaves."""

import ipaddress
import os
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
from contextlib import suppress

from stagehand import Failed, say

AWS_IMAGE = "public.ecr.aws/lambda/provided:al2023"
DEBIAN_IMAGE = "sonae/provided:bookworm"  # not AWS's name: nobody shall take it for AWS's
SAM_IMAGES = "samcli/lambda-provided"
ENVIRONMENT = ("PATH=/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin "
               "LD_LIBRARY_PATH=/var/runtime:/var/task:/var/task/lib "
               "LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime")


def docker(*words, stdin=None):
    """A Docker command's words on stdout."""
    ended = subprocess.run(["docker", *words], stdin=stdin or subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode:
        raise Failed(f"`docker {' '.join(words[:2])}` ends well; it says: {ended.stderr.strip()}")
    return ended.stdout.split()


# ---- The image


def base_image(architecture):
    """AWS's own where it is here or can be had; else one from Debian, made once."""
    aws = f"{AWS_IMAGE}-{architecture}"
    for image in (aws, DEBIAN_IMAGE):
        if docker("image", "ls", "--quiet", image):
            say("image", f"{image}, which is here already")
            return image
    say("image", f"pulling {aws}")
    with suppress(Failed):
        docker("pull", aws)
        return aws
    make_image()
    return DEBIAN_IMAGE


def make_image():
    """What a zip function needs is a glibc, certificates and Lambda's folders; SAM adds its runtime emulator itself."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"  # where debootstrap is, but not for everybody
    tool = shutil.which("debootstrap", path=path)
    if not tool:
        raise Failed("AWS's image can be pulled, or debootstrap is there (on Debian: apt-get install debootstrap)")
    root = [] if os.geteuid() == 0 else ["sudo"]
    say("image", f"it cannot be pulled; making {DEBIAN_IMAGE} from Debian, as root, which debootstrap needs (minutes)")
    folder = tempfile.mkdtemp(prefix="sonae-image-", dir="/var/tmp")  # /tmp may forbid device files
    try:
        bootstrap = [*root, tool, "--variant=minbase", "--include=ca-certificates", "bookworm", folder]
        subprocess.run(bootstrap, check=True, stdout=subprocess.DEVNULL)
        import_image([*root, "tar", "-C", folder, "-c", "."])
    except subprocess.CalledProcessError as failed:
        raise Failed(f"`{os.path.basename(failed.cmd[0])}` ends well; see above") from failed
    finally:
        subprocess.run([*root, "rm", "-rf", "--one-file-system", folder], check=True)
    say("image", f"{DEBIAN_IMAGE} is Debian, not Amazon Linux, and stays; to be rid of it: docker rmi {DEBIAN_IMAGE}")


def import_image(tar):
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packed:
        docker("import", "--change", f"ENV {ENVIRONMENT}", "--change", "WORKDIR /var/task", "-", DEBIAN_IMAGE,
               stdin=packed.stdout)


def sam_images():
    """The images that SAM has built: the base, its runtime emulator and a layer."""
    return set(docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", f"{SAM_IMAGES}*"))


def remove(images):
    """With their containers, which are there only when the run was interrupted."""
    for image in images:
        for container in docker("ps", "--all", "--quiet", "--filter", f"ancestor={image}"):
            docker("rm", "--force", container)
        docker("rmi", "--force", image)


# ---- The way to this machine


def bridge():
    """This machine's address for containers: the subnet's first, which Docker may not name before it ran one."""
    subnet, *gateway = docker("network", "inspect", "bridge", "--format",
                              "{{with index .IPAM.Config 0}}{{.Subnet}} {{.Gateway}}{{end}}")
    return gateway[0] if gateway else str(ipaddress.ip_network(subnet)[1])


class Relay(socketserver.ThreadingTCPServer):
    """The embedded cloud listens on loopback, where no container comes; this does so on Docker's bridge."""

    daemon_threads = True

    def __init__(self, port):
        gateway = bridge()
        self.cloud = ("127.0.0.1", port)
        try:
            super().__init__((gateway, 0), Passage)
        except OSError as error:
            raise Failed(f"Docker's bridge {gateway} is of this machine, not of a virtual one: {error}") from error
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://{gateway}:{self.server_address[1]}"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Passage(socketserver.BaseRequestHandler):
    """One connection, both ways, until either side is done."""

    def handle(self):
        with socket.create_connection(self.server.cloud) as cloud:
            back = threading.Thread(target=pass_on, args=(cloud, self.request), daemon=True)
            back.start()
            pass_on(self.request, cloud)
            back.join()


def pass_on(source, sink):
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
