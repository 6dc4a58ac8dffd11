#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""validate.py SCHEMA <DOCUMENTS: is each JSON document on standard input as SCHEMA says?"""
import json
import re
import sys

import jsonschema


def documents(text):
    decoder = json.JSONDecoder()
    blanks = re.compile(r"\s*")
    at = blanks.match(text).end()
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        yield document
        at = blanks.match(text, at).end()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    count = errors = 0
    for document in documents(sys.stdin.read()):
        count += 1
        for error in validator.iter_errors(document):
            errors += 1
            if errors <= 10:
                where = "/".join(map(str, error.absolute_path))
                print(f"document {count}: {where}: {error.message[:300]}", file=sys.stderr)
    if not count:
        print("no documents", file=sys.stderr)
    sys.exit(1 if errors or not count else 0)


main()
