"""What the library says, in the language of whoever reads it; the words stand in gettext catalogues under locale/."""

from dunning.adapters.sentences.catalogues import LANGUAGES, Words, words
from dunning.adapters.sentences.problems import translated
from dunning.adapters.sentences.verdict import explain_verdict

__all__ = ["LANGUAGES", "Words", "explain_verdict", "translated", "words"]
