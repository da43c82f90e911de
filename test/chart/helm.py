#!/usr/bin/env python3
"""The part of helm's command line that the tests use, on helm's own Go code as the Python package helm-python-sdk brings it: building
helm takes minutes of a processor, and no package registry has its program. setup.sh beside this file installs the package.

usage: helm.py lint CHART [--values FILE]...
       helm.py template NAME CHART --namespace NS [--values FILE]... [--show-notes]
       helm.py each NAME CHART --namespace NS --values FILE... [--show-notes]
       helm.py install|upgrade NAME CHART --namespace NS --kubeconfig FILE [--values FILE]...
       helm.py rollback NAME [REVISION] | uninstall NAME | list       --namespace NS --kubeconfig FILE

template prints what helm prints; install and upgrade print the release as JSON. Errors go to stderr, exit code 1. each is template for each
FILE by itself, in one process: it prints a JSON list of {"text": …} or {"error": …}.
"""
import argparse
import json
import sys

import helm_python as helm

KUBE_VERSION = "v1.35.0"


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("command", choices=["lint", "template", "each", "install", "upgrade", "rollback", "uninstall", "list"])
    parser.add_argument("operands", nargs="*")
    parser.add_argument("--values", "-f", action="append", default=[])
    parser.add_argument("--namespace", "-n", default="default")
    parser.add_argument("--kubeconfig")
    parser.add_argument("--show-notes", action="store_true")
    return parser.parse_args()


def merged(into, more):
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(into.get(key), dict)
        into[key] = merged(into[key], value) if both else value
    return into


def values_of(files):
    values = {}
    for name in files:
        with open(name, encoding="utf-8") as file:
            merged(values, helm.values_from_yaml(file.read()) or {})
    return values


def lint(args, values):
    report = helm.lint(args.operands[0], values, strict=True, kube_version=KUBE_VERSION)
    names = ["unknown", "INFO", "WARNING", "ERROR"]
    for message in report["messages"]:
        print(f"[{names[message['severity']]}] {message['path']}: {message['error']}")
    return 1 if report["errors"] or any(m["severity"] >= 2 for m in report["messages"]) else 0


def rendered(args, chart, values):
    chart.validate_schema(values)
    files = chart.render(values, name=args.operands[0], namespace=args.namespace, is_install=True)
    for file, text in sorted(files.items()):
        if file.endswith("NOTES.txt") == args.show_notes and text.strip():
            yield text if args.show_notes else f"---\n# Source: {file}\n{text.strip()}"


def template(args, values):
    with helm.Chart.load(args.operands[1]) as chart:
        for text in rendered(args, chart, values):
            print(text)
    return 0


def each(args, _):
    answers = []
    with helm.Chart.load(args.operands[1]) as chart:
        for file in args.values:
            try:
                answers.append({"text": "\n".join(rendered(args, chart, values_of([file])))})
            except helm.HelmError as error:
                answers.append({"error": str(error)})
    print(json.dumps(answers))
    return 0


def release(args, values):
    with helm.Config(kubeconfig_path=args.kubeconfig, namespace=args.namespace) as config:
        if args.command in ("install", "upgrade"):
            name, path = args.operands
            act = config.install if args.command == "install" else config.upgrade
            with helm.Chart.load(path) as chart:
                print(json.dumps(act(chart, name, values, namespace=args.namespace)))
        elif args.command == "rollback":
            version = int(args.operands[1]) if len(args.operands) > 1 else None
            config.rollback(args.operands[0], version=version)
        elif args.command == "uninstall":
            config.uninstall(args.operands[0])
        else:
            print(json.dumps(config.list()))
    return 0


def main():
    args = arguments()
    try:
        act = {"lint": lint, "template": template, "each": each}.get(args.command, release)
        return act(args, values_of(args.values))
    except helm.HelmError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


sys.exit(main())
