"""What the words of a customer mean: the catalogues list them, in both languages, for every command."""

from functools import cache

from flows.normalise import normalise, without_clitics
from locales.catalogue import LANGUAGES, catalogue

# Longer sentences are not searched for commands: the more words, the likelier one stands there by chance.
_LONGEST_SENTENCE = 8
# Words that mean this only where nothing else is said: a meter may stop, too.
_BARE = frozenset({"whichstop"})


@cache
def phrases(command: str) -> frozenset[str]:
    """Return the words for `command` in every language, as they are compared."""
    return frozenset(
        normalise(phrase) for language in LANGUAGES for phrase in catalogue(language).words(f"words.{command}")
    )


@cache
def _known(commands: tuple[str, ...]) -> dict[str, str]:
    return {phrase: command for command in commands for phrase in phrases(command)}


def meant_exactly(text: str, commands: tuple[str, ...]) -> str | None:
    """Return which of `commands` the whole normalised `text` means, if any."""
    return _known(commands).get(text)


def meant(text: str, commands: tuple[str, ...]) -> str | None:
    """Return which of `commands` the normalised `text` means, if any.

    The whole text counts first, then the text without the particles that Arabic writes as part of a word, then
    the longest phrase within it.
    """
    known = _known(commands)
    found = known.get(text) or known.get(without_clitics(text))
    if found or text.count(" ") >= _LONGEST_SENTENCE:
        return found
    within = [phrase for phrase in known if known[phrase] not in _BARE and f" {phrase} " in f" {text} "]
    return known[max(within, key=len)] if within else None
