#!/usr/bin/env python3
"""A text file as a constant: embed_text.py FILE NAMESPACE NAME OUT.h. Long texts come in pieces: compilers limit one."""
import sys
from pathlib import Path

source, namespace, name, out = Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])
text = source.read_text("utf-8")
pieces = [text[at:at + 8000] for at in range(0, len(text), 8000)]
literal = "\n".join(f'    R"text({piece})text"' for piece in pieces)
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(f"// Generated from {source.name}.\n#pragma once\n\n#include <string_view>\n\nnamespace {namespace} {{\n\n"
               f"inline constexpr std::string_view {name} =\n{literal};\n\n}}  // namespace {namespace}\n", "utf-8")
