# SPDX-License-Identifier: MIT
"""What the tests of the runtime front and of engines share: TAP, a folder that goes, a busybox root, bundles."""
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

POLICY_FIELD = ['sh', '-c', 'head -n 1 /proc/self/numa_maps']


class Skip(Exception):
    """A declared need is missing, and named."""


class Failure(Exception):
    """What was seen, and what was expected."""


def check(condition, said):
    if not condition:
        raise Failure(said)


def check_in(part, text):
    check(part in text, f'{part!r} is not in {text!r}')


def check_equal(got, expected):
    check(got == expected, f'got {got!r}, expected {expected!r}')


def run_tests(tests):
    """Runs functions as TAP points; their names are the sentences."""
    print(f'TAP version 13\n1..{len(tests)}', flush=True)
    failed = False
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f'ok {number} - {name}', flush=True)
        except Skip as reason:
            print(f'ok {number} - {name} # SKIP {reason}', flush=True)
        except Exception as error:  # a crash of a test is a failed test
            failed = True
            print(f'not ok {number} - {name}')
            said = str(error) if isinstance(error, Failure) else traceback.format_exc()
            print('\n'.join('#   ' + line for line in said.splitlines()), flush=True)
    sys.exit(1 if failed else 0)


def folder():
    path = tempfile.mkdtemp(prefix='mpol-oci-')
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def need_root():
    if os.geteuid() != 0:
        raise Skip('needs root')


def need_program(name):
    path = shutil.which(name, path='/usr/sbin:/usr/bin:/sbin:/bin')
    if not path:
        raise Skip(f'needs {name}')
    return path


def fetch(package):
    """The folder with a package's programs of Debian unstable, beside the system (tests/oci/fetch)."""
    command = [os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fetch'), package]
    fetched = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600, check=False)
    if fetched.returncode != 0:
        raise Skip(f'needs {package} of Debian unstable: {(fetched.stderr.strip().splitlines() or ["?"])[-1]}')
    return fetched.stdout.strip()


def busybox_root(path):
    busybox = need_program('busybox')
    if b'not a dynamic' not in subprocess.run(['ldd', busybox], capture_output=True, check=False).stderr:
        raise Skip('needs busybox-static')
    for name in ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp']:
        os.makedirs(f'{path}/{name}', exist_ok=True)
    shutil.copy(busybox, f'{path}/bin/busybox')
    for name in ['sh', 'cat', 'head', 'sleep', 'true', 'false', 'ls', 'echo', 'kill', 'grep', 'touch']:
        if not os.path.lexists(f'{path}/bin/{name}'):
            os.symlink('busybox', f'{path}/bin/{name}')
    with open(f'{path}/etc/passwd', 'w', encoding='ascii') as file:
        file.write('root:x:0:0:root:/:/bin/sh\n')
    return path


def configuration(root, args, **more):
    """A config.json; more: annotations, hooks, memory_policy, seccomp, env."""
    config = {
        'ociVersion': '1.0.2',
        'process': {'terminal': False, 'user': {'uid': 0, 'gid': 0}, 'args': args,
                    'env': ['PATH=/bin'] + more.get('env', []), 'cwd': '/', 'noNewPrivileges': True,
                    'capabilities': {kind: ['CAP_KILL'] for kind in ['bounding', 'effective', 'permitted']}},
        'root': {'path': root, 'readonly': more.get('readonly', False)},
        'hostname': 'mpol',
        'mounts': [{'destination': '/proc', 'type': 'proc', 'source': 'proc'},
                   {'destination': '/dev', 'type': 'tmpfs', 'source': 'tmpfs', 'options': ['mode=755']}],
        'linux': {'namespaces': [{'type': kind} for kind in ['pid', 'mount', 'ipc', 'uts']],
                  'resources': {'devices': [{'allow': False, 'access': 'rwm'}]}},
    }
    if 'memory_policy' in more:
        config['linux']['memoryPolicy'] = more['memory_policy']
    if 'seccomp' in more:
        config['linux']['seccomp'] = more['seccomp']
    for key in ['annotations', 'hooks']:
        if key in more:
            config[key] = more[key]
    return config


def write_bundle(path, config):
    os.makedirs(path, exist_ok=True)
    with open(f'{path}/config.json', 'w', encoding='utf-8') as file:
        json.dump(config, file, indent=2)
    return path


def policy_of(line):
    """The policy in a line of numa_maps; two of the kernel's names have a space in them."""
    words = line.split()
    if len(words) < 2:
        return line
    return ' '.join(words[1:3]) if words[1] in ('prefer', 'weighted') else words[1]


def quiet_hybrid(command):
    """crun refuses a machine with controllers in both cgroup hierarchies: it is shown one without the second."""
    try:
        with open('/sys/fs/cgroup/unified/cgroup.controllers', encoding='ascii') as file:
            hybrid = file.read().strip()
    except OSError:
        hybrid = ''
    if not hybrid:
        return command
    return ['unshare', '-m', 'sh', '-c', 'umount /sys/fs/cgroup/unified && exec "$@"', 'sh'] + command
