# SPDX-License-Identifier: MIT
"""What the runtime front adds: containers that run /bin/true, and exec into one that sleeps, each beside the bare runtime.

CPU time is what a busy machine says as well as an idle one. A hook that does nothing is the floor of what a hook costs.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'oci'))
import kit  # noqa: E402

ROUNDS = int(os.environ.get('MPOL_BENCH_OCI_ROUNDS', '101'))
HYBRID = 'MPOL_BENCH_OCI_UNSHARED'


def lines(build, name, work, root):
    """(title, ours, bare) for one runtime."""
    real = kit.need_program(name)
    front = [f'{build}/mpol-runtime', '--mpol-settings=', f'--mpol-real={real}', '--root', f'{work}/{name}']
    bare = [real, '--root', f'{work}/{name}']
    policy = {'mode': 'MPOL_BIND', 'nodes': '0'}
    with_policy = kit.write_bundle(f'{work}/{name}-policy', kit.configuration(root, ['true'], memory_policy=policy))
    without = kit.write_bundle(f'{work}/{name}-none', kit.configuration(root, ['true']))
    idle = {'createRuntime': [{'path': f'{root}/bin/busybox', 'args': ['cat']}]}
    hooked = kit.write_bundle(f'{work}/{name}-hooked', kit.configuration(root, ['true'], hooks=idle))
    asleep = kit.write_bundle(f'{work}/{name}-asleep', kit.configuration(root, ['sleep', '100000'], memory_policy=policy))
    subprocess.run(front + ['run', '--detach', '--bundle', asleep, f'bench-{name}'], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return bare, [
        (f'{name} run, with a policy', front + ['run', '--bundle', with_policy, f'b-{name}'],
         bare + ['run', '--bundle', without, f'b-{name}']),
        (f'{name} run, bare, with an idle hook', bare + ['run', '--bundle', hooked, f'b-{name}'],
         bare + ['run', '--bundle', without, f'b-{name}']),
        (f'{name} run, without one', front + ['run', '--bundle', without, f'b-{name}'],
         bare + ['run', '--bundle', without, f'b-{name}']),
        (f'{name} exec, with a policy', front + ['exec', f'bench-{name}', 'true'], bare + ['exec', f'bench-{name}', 'true']),
    ]


def measure(build, measured, row):
    work = tempfile.mkdtemp(prefix='mpol-bench-oci-')
    started = []
    try:
        root = kit.busybox_root(f'{work}/root')
        for name in ['runc', 'crun']:
            bare, table = lines(build, name, work, root)
            started.append(bare + ['delete', '--force', f'bench-{name}'])
            for title, ours, peer in table:
                ours, peer = measured([ours, peer], ROUNDS)
                for took, theirs, unit in zip(ours, peer, ['ms', 'ms CPU']):
                    row(title, took / 1e6, theirs / 1e6, unit, f'bare {os.path.basename(bare[0])}')
    finally:
        for command in started:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(work, ignore_errors=True)


def containers(build, measured, row):
    """Rows of the table; none where there is no root, no runtime, or no busybox-static."""
    try:
        kit.need_root()
        for name in ['runc', 'crun', 'busybox']:
            kit.need_program(name)
    except kit.Skip as reason:
        print(f'containers: {reason}')
        return
    # crun refuses a machine with controllers in both cgroup hierarchies: all of it runs where only one is seen.
    unshared = kit.quiet_hybrid([sys.executable] + sys.argv)
    if unshared[0] == 'unshare' and not os.environ.get(HYBRID):
        subprocess.run(unshared[:6] + [sys.executable, os.path.abspath(__file__), build], env=dict(os.environ, **{HYBRID: '1'}),
                       check=True)
        return
    measure(build, measured, row)


if __name__ == '__main__':
    import importlib.machinery
    import importlib.util
    loader = importlib.machinery.SourceFileLoader('bench_run', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'run'))
    bench = importlib.util.module_from_spec(importlib.util.spec_from_loader('bench_run', loader))
    loader.exec_module(bench)
    containers(os.path.abspath(sys.argv[1]), bench.measured, bench.row)
