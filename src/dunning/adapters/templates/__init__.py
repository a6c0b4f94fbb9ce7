"""
Texts with variables: what is said, in which language, and what it gives away.

The only door to Jinja2, which is imported when the first template is read. Load with `load_templates`, choose with
`TemplateLibrary.find`, fill with `render`. The file format is described in `parse.py`, what a text may contain in
`grammar.py`, what it may say in `variables.py`.
"""

from __future__ import annotations

from dunning.adapters.templates.library import TemplateLibrary, load_templates
from dunning.adapters.templates.parse import parse_template
from dunning.adapters.templates.render import render
from dunning.adapters.templates.template import CHANNEL_KINDS, TEXT_PURPOSES, Message, Template
from dunning.adapters.templates.variables import DISCLOSURES, VARIABLES

__all__ = [
    "CHANNEL_KINDS",
    "DISCLOSURES",
    "TEXT_PURPOSES",
    "VARIABLES",
    "Message",
    "Template",
    "TemplateLibrary",
    "load_templates",
    "parse_template",
    "render",
]
