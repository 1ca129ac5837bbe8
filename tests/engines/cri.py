#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A kubelet's part, as far as one pod needs it: `cri.py SOCKET METHOD <MESSAGE >ANSWER`, both as JSON.

The Container Runtime Interface (runtime.v1) is gRPC on a Unix socket. Its messages are written and read here by their field
numbers, of which a pod without network needs few; the distribution's python3-grpcio carries them.
"""
import json
import sys

import grpc

TEXT, NUMBER, TEXTS, MAP = 'text', 'number', 'texts', 'map'
# message: {field: (its number in the interface's api.proto, its type or message)}
MESSAGES = {
    'PodSandboxMetadata': {'name': (1, TEXT), 'uid': (2, TEXT), 'namespace': (3, TEXT)},
    'NamespaceOption': {'network': (1, NUMBER), 'pid': (2, NUMBER)},
    'LinuxSandboxSecurityContext': {'namespace_options': (1, 'NamespaceOption')},
    'LinuxPodSandboxConfig': {'cgroup_parent': (1, TEXT), 'security_context': (2, 'LinuxSandboxSecurityContext')},
    'PodSandboxConfig': {'metadata': (1, 'PodSandboxMetadata'), 'log_directory': (3, TEXT), 'annotations': (7, MAP),
                         'linux': (8, 'LinuxPodSandboxConfig')},
    'RunPodSandbox': {'config': (1, 'PodSandboxConfig'), 'runtime_handler': (2, TEXT)},
    'ContainerMetadata': {'name': (1, TEXT)},
    'LinuxContainerSecurityContext': {'namespace_options': (3, 'NamespaceOption')},
    'LinuxContainerConfig': {'security_context': (2, 'LinuxContainerSecurityContext')},
    'ImageSpec': {'image': (1, TEXT)},
    'ContainerConfig': {'metadata': (1, 'ContainerMetadata'), 'image': (2, 'ImageSpec'), 'command': (3, TEXTS),
                        'annotations': (10, MAP), 'log_path': (11, TEXT), 'linux': (15, 'LinuxContainerConfig')},
    'CreateContainer': {'pod_sandbox_id': (1, TEXT), 'config': (2, 'ContainerConfig'), 'sandbox_config': (3, 'PodSandboxConfig')},
    'StartContainer': {'container_id': (1, TEXT)},
    'ExecSync': {'container_id': (1, TEXT), 'cmd': (2, TEXTS), 'timeout': (3, NUMBER)},
    'StopPodSandbox': {'pod_sandbox_id': (1, TEXT)},
    'RemovePodSandbox': {'pod_sandbox_id': (1, TEXT)},
    'Version': {},
}
ANSWERS = {
    'RunPodSandbox': {1: 'pod_sandbox_id'},
    'CreateContainer': {1: 'container_id'},
    'ExecSync': {1: 'stdout', 2: 'stderr', 3: 'exit_code'},
    'Version': {2: 'runtime_name', 3: 'runtime_version'},
}


def varint(number):
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(encoded + bytes([number]))


def counted(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def write(name, message):
    out = b''
    for field, value in message.items():
        number, kind = MESSAGES[name][field]
        if kind == NUMBER:
            out += varint(number << 3) + varint(value)
        elif kind == MAP:
            for key, text in value.items():
                out += counted(number, counted(1, key.encode()) + counted(2, text.encode()))
        else:
            for one in value if kind == TEXTS else [value]:
                out += counted(number, write(kind, one) if kind in MESSAGES else one.encode())
    return out


def read_varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return number, at


def read(name, data):
    answer, at = {}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if tag & 7 == 2:
            value, at = data[at:at + value].decode(errors='replace'), at + value
        field = ANSWERS.get(name, {}).get(tag >> 3)
        if field:
            answer[field] = value
    return answer


def main():
    socket, name = sys.argv[1:]
    with grpc.insecure_channel(f'unix://{socket}') as channel:
        ask = channel.unary_unary(f'/runtime.v1.RuntimeService/{name}')
        try:
            answer = ask(write(name, json.load(sys.stdin)), timeout=60)
        except grpc.RpcError as error:
            sys.exit(f'{name}: {error.code().name}: {error.details()}')
    print(json.dumps(read(name, answer)))


main()
