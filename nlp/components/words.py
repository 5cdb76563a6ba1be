"""The common words of French, from the tables that ship with spaCy's lemmatizer."""

from __future__ import annotations

from spacy.language import Language

from nlp.folding import plain


class Words:
    """Tells common words from names. All look-ups ignore case and accents."""

    def __init__(self, nlp: Language) -> None:
        lookups = nlp.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
        index = lookups.get_table("lemma_index")
        self.nouns = {plain(word) for word in index["noun"]}
        self.adjectives = {plain(word) for word in index["adj"]}
        self.adverbs = {plain(word) for word in index["adv"]}
        self.verbs = {plain(word) for word in index["verb"]}
        self.table = lookups.get_table("lemma_lookup")

    def lemma(self, word: str) -> str:
        """The lemma of a form by the table alone, without accents; the form itself where the table has none."""
        found = self.table.get(word.lower().replace("’", "'"), word)
        return plain(found if isinstance(found, str) else found[0]).lower()

    def _in(self, table: set[str], word: str) -> bool:
        form = plain(word).lower()
        return form in table or self.lemma(word) in table or (form.endswith(("s", "x")) and form[:-1] in table)

    def is_noun(self, word: str) -> bool:
        """Whether a word is a common noun, singular or plural."""
        return self._in(self.nouns, word)

    def is_adjective(self, word: str) -> bool:
        """Whether a word is an adjective, in any of its forms."""
        return self._in(self.adjectives, word)

    def is_common(self, word: str) -> bool:
        """Whether a word is in the dictionary at all."""
        return any(self._in(table, word) for table in (self.nouns, self.adjectives, self.adverbs, self.verbs))
