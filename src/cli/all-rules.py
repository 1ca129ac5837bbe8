#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Collects every rule of the sources, for `mpol rules`: `all-rules.py SRC OUTPUT DEPFILE`

A rule stands in the file that uses it, as `struct mpol_rule name = { … };`. Its initialiser is copied into one array, so that
what a message names can be looked up. An id is given once: what two files tell alike they share. The rules of model/rules.c are a
table that the program has already, and are left out.
"""
import glob
import os
import re
import sys

RULE = re.compile(r'^\t*(?:static )?const struct mpol_rule \w+ = (\{.*?\n?\t*\});', re.S | re.M)
TEXT = r'"(?:\\.|[^"\\])*"'
MACRO = re.compile(r'^#define (\w+) *\\?\s*((?:' + TEXT + r'[\s\\]*)+)$', re.M)


def without_macros(initialiser, macros):
    """Macros that are strings are written out; strings themselves stay as they are."""
    parts = re.split(f'({TEXT})', initialiser)
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r'\b[A-Z_]{4,}\b', lambda match: macros.get(match.group(0), match.group(0)), parts[index])
    return ''.join(parts)


def main():
    source, output, depfile = sys.argv[1:4]
    files = sorted(glob.glob(f'{source}/*/*.[ch]'))
    texts = {path: open(path, encoding='utf-8').read() for path in files}
    macros = {}
    for text in texts.values():
        for name, value in MACRO.findall(text):
            macros[name] = ' '.join(re.findall(TEXT, value))
    seen = {}
    with open(output, 'w', encoding='utf-8') as out:
        out.write('/* Made by all-rules.py. */\n#include <errno.h>\n\n#include "cli/all-rules.h"\n\nconst struct listed_rule all_rules[] = {\n')
        for path in files:
            room = os.path.basename(os.path.dirname(path))
            for initialiser in RULE.findall(texts[path]):
                text = without_macros(initialiser, macros)
                name = re.search(TEXT, text).group(0)
                if name in seen:
                    sys.exit(f'all-rules.py: {path}: {seen[name]} has a rule {name}, too')
                seen[name] = path
                out.write(f'\t{{ "{room}", {text} }},\n')
        out.write('\t{ NULL, { 0 } },\n};\n')
    with open(depfile, 'w', encoding='utf-8') as out:
        out.write(f'{output}: {" ".join(files)}\n')


if __name__ == '__main__':
    main()
