# SPDX-License-Identifier: MIT
"""From `mpol test` to the verdict, against booting the same kernel with the same QEMU to an init that powers off, plus the
test's own duration: what the harness costs around both."""
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile

SHAPE = '2n4l4c1t'


def power_off():
    """An x86-64 ELF whose only instructions are reboot(LINUX_REBOOT_CMD_POWER_OFF)."""
    code = (b'\xb8' + struct.pack('<I', 169) + b'\xbf' + struct.pack('<I', 0xfee1dead) + b'\xbe' + struct.pack('<I', 672274793) +
            b'\xba' + struct.pack('<I', 0x4321fedc) + b'\x0f\x05\xeb\xfe')
    base, head = 0x400000, 64 + 56
    ident = b'\x7fELF\x02\x01\x01' + bytes(9)
    header = ident + struct.pack('<HHIQQQIHHHHHH', 2, 62, 1, base + head, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return header + struct.pack('<IIQQQQQQ', 1, 5, 0, base, base, head + len(code), head + len(code), 4096) + code


def initramfs(files):
    """A cpio archive (newc) of executables."""
    archive = b''
    for number, (name, content) in enumerate([*files, ('TRAILER!!!', b'')], 1):
        fields = [number, 0o100755 if content else 0, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        archive += b'070701' + b''.join(b'%08X' % field for field in fields) + name.encode() + b'\0'
        archive += bytes(-len(archive) % 4) + content
        archive += bytes(-len(archive) % 4)
    return archive


def arguments(command, scratch):
    """How a command of ours starts QEMU: asked by standing in its place."""
    stand_in = f'{scratch}/qemu-system-x86_64'
    with open(stand_in, 'w', encoding='ascii') as file:
        file.write(f'#!/bin/sh\nprintf "%s\\n" "$@" > {scratch}/arguments\n')
    os.chmod(stand_in, 0o755)
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env={**os.environ, 'PATH': f'{scratch}:{os.environ["PATH"]}'})
    os.unlink(stand_in)
    with open(f'{scratch}/arguments', encoding='utf-8') as file:
        return file.read().splitlines()


def bare(words, initrd):
    """The same machine with another initramfs and without anybody at its serial ports."""
    words = list(words)
    for i, word in enumerate(words):
        if word.startswith('socket,id='):
            words[i] = 'null,' + word.split(',')[1]
        elif words[i - 1] == '-initrd':
            words[i] = initrd
    return [shutil.which('qemu-system-x86_64'), *words]


def boot(build, once, rounds, row):
    with tempfile.TemporaryDirectory(prefix='mpol-bench-') as scratch:
        report = f'{scratch}/report.json'
        ours = [f'{build}/mpol', 'test', '--on', SHAPE, '--format', f'json={report}', f'{build}/examples/numa-locality']
        with open(f'{scratch}/initrd', 'wb') as file:
            file.write(initramfs([('init', power_off())]))
        floor = bare(arguments(ours, scratch), f'{scratch}/initrd')
        took, booted = [], []
        for number in range(rounds + 1):
            mine = once(ours)
            with open(report, encoding='utf-8') as file:
                own = json.load(file)['seconds']
            if number:  # the first warms up
                took.append((*mine, own))
                booted.append(once(floor))
    if not took:
        sys.exit('bench/run: no rounds')
    seconds, cpu, own = (statistics.median(column) for column in zip(*took))
    floor_seconds, floor_cpu = (statistics.median(column) for column in zip(*booted))
    row('numa-locality, mpol test to verdict', seconds / 1e9, floor_seconds / 1e9 + own, 's',
        f'the same boot to power-off, and {own:.2f} s of test')
    row('numa-locality, CPU time', cpu / 1e9, floor_cpu / 1e9 + own, 's', 'the same, with the test as one CPU')
