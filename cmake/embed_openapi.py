#!/usr/bin/env python3
"""docs/openapi.yaml as two constants: embed_openapi.py FILE OUT.h. The JSON that the server gives out, and a page for readers."""
import html
import json
import sys
from pathlib import Path

import yaml

METHODS = ("get", "put", "post", "delete")
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}
h2{border-bottom:1px solid #999;margin-top:2.5rem}h3{margin:2rem 0 .25rem}code,pre{font:14px/1.4 ui-monospace,monospace}
pre{background:#f3f3f3;padding:.75rem;overflow:auto}.right{color:#444}table{border-collapse:collapse}
td,th{padding:.15rem .75rem .15rem 0;text-align:left;vertical-align:top}a{color:#0b4f9e}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}pre{background:#242424}.right{color:#bbb}a{color:#8ab8ff}}"""


def resolve(document, node):
    while "$ref" in node:
        target = document
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part]
        node = target
    return node


def reference(schema):
    """A schema in few words; what has a name is a link."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f'<a href="#schema-{name}">{name}</a>'
    if schema.get("type") == "array":
        return "list of " + reference(schema.get("items", {}))
    kind = schema.get("type", "any")
    return html.escape(" or ".join(kind) if isinstance(kind, list) else kind)


def body_of(document, content):
    return ", ".join(f"<code>{html.escape(kind)}</code> {reference(one['schema'])}" for kind, one in content.items())


def operation(document, path, method, item, shared):
    out = [f'<h3 id="{item["operationId"]}"><code>{method.upper()} /api/v1{html.escape(path)}</code></h3>',
           f"<p>{html.escape(item['summary'])}. <span class=right>Needs: <code>{item['x-right']}</code></span></p>"]
    if "description" in item:
        out.append(f"<p>{html.escape(item['description'])}</p>")
    rows = []
    for one in map(lambda p: resolve(document, p), shared + item.get("parameters", [])):
        rows.append(f"<tr><td><code>{html.escape(one['name'])}</code><td>{one['in']}<td>{reference(one['schema'])}"
                    f"<td>{html.escape(one.get('description', ''))}</tr>")
    if rows:
        out.append("<table>" + "".join(rows) + "</table>")
    if "requestBody" in item:
        out.append("<p>Body: " + body_of(document, item["requestBody"]["content"]) + "</p>")
    for status, answer in item["responses"].items():
        answer = resolve(document, answer)
        if status.startswith("2"):
            content = body_of(document, answer.get("content", {}))
            out.append(f"<p>{status}: {html.escape(answer['description'])}{' - ' + content if content else ''}</p>")
    return "\n".join(out)


def page(document):
    out = ["<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
           f"<title>{document['info']['title']} API</title><style>{STYLE}</style><h1>{document['info']['title']} API</h1>",
           f"<pre>{html.escape(document['info']['description'])}</pre>",
           "<p><a href=/api/v1/openapi.json>openapi.json</a></p><nav><ul>"]
    out += [f'<li><a href="#tag-{tag["name"]}">{tag["name"]}</a>: {html.escape(tag["description"])}' for tag in document["tags"]]
    out.append("</ul></nav>")
    for tag in document["tags"]:
        out.append(f'<h2 id="tag-{tag["name"]}">{tag["name"]}</h2>')
        for path, methods in document["paths"].items():
            for method in METHODS:
                if method in methods and tag["name"] in methods[method]["tags"]:
                    out.append(operation(document, path, method, methods[method], methods.get("parameters", [])))
    out.append("<h2>Schemas</h2>")
    for name, schema in document["components"]["schemas"].items():
        out.append(f'<h3 id="schema-{name}">{name}</h3><pre>{html.escape(yaml.safe_dump(schema, sort_keys=False))}</pre>')
    return "\n".join(out)


def constant(name, text):
    """In pieces: compilers limit the length of one literal."""
    pieces = [text[at:at + 8000] for at in range(0, len(text), 8000)]
    literals = ",\n".join(f'    R"text({piece})text"' for piece in pieces)
    return f"inline constexpr std::array<std::string_view, {len(pieces)}> {name}{{\n{literals}}};\n"


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    document = yaml.safe_load(source.read_text("utf-8"))
    text = (f"// Generated from {source.name}.\n#pragma once\n\n#include <array>\n#include <string_view>\n\nnamespace carillon::server {{\n\n"
            + constant("openapi_json", json.dumps(document, ensure_ascii=False)) + "\n"
            + constant("openapi_page", page(document)) + "\n}  // namespace carillon::server\n")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
