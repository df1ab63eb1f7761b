"""What a Linux binary says of itself: its processor and the glibc it needs. For package.py, without binutils."""

import struct

MAGIC = b"\x7fELF\2\1"  # 64 bits, little-endian
MACHINES = {62: "x86_64", 183: "arm64"}
SHT_GNU_VERNEED = 0x6FFFFFFE


def machine(binary):
    """The processor by Lambda's name."""
    number = struct.unpack_from("<H", binary, 18)[0]
    return MACHINES.get(number, f"machine {number}")


def glibc(binary):
    """The newest glibc that a symbol is asked of, such as (2, 30); () of a static binary."""
    needed = [version(name) for name in needed_versions(binary) if name.startswith("GLIBC_")]
    return max(needed, default=())


def version(name):
    """(2, 30) of GLIBC_2.30; what has no number, such as GLIBC_ABI_DT_RELR, came with 2.36 or later."""
    number = name.removeprefix("GLIBC_")
    return tuple(map(int, number.split("."))) if number[0].isdigit() else (2, 36)


def needed_versions(binary):
    """Names of the section .gnu.version_r: a list of libraries, each with a list of versions (gABI, GNU extension)."""
    table, names = sections(binary), []
    for kind, offset, link, libraries in table:
        if kind != SHT_GNU_VERNEED:
            continue
        strings = table[link][1]
        for _ in range(libraries):
            versions, first, following = struct.unpack_from("<2xH4xII", binary, offset)
            names += version_names(binary, offset + first, versions, strings)
            offset += following
    return names


def version_names(binary, offset, versions, strings):
    for _ in range(versions):
        name, following = struct.unpack_from("<8xII", binary, offset)
        start = strings + name
        yield binary[start : binary.index(b"\0", start)].decode()
        offset += following


def sections(binary):
    """Type, file offset, sh_link and sh_info of every section."""
    start = struct.unpack_from("<Q", binary, 40)[0]
    size, count = struct.unpack_from("<HH", binary, 58)
    return [struct.unpack_from("<4xI16xQ8xII", binary, start + index * size) for index in range(count)]
