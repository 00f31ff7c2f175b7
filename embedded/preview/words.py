"""From the words of a prompt to what the preview engine does.

Words are matched whole ("skill" is not "kill"), in British and American spelling; `languages` adds those of
other languages. What is not listed the engine does not understand: it never adds objects to a picture.

Nothing here needs NumPy or OpenCV: the server asks a plan whether it understood the prompt.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

from embedded.preview.languages import JAPANESE, LATIN

Name = TypeVar("Name")

STYLES = {
    # Order matters where one phrase holds another: "coloured pencil" comes before "pencil".
    "coloured_pencil": r"colou?red[ -]pencils?(?: drawing| sketch)?|(?<!\bau )crayons?|chalk",
    "watercolour": r"water ?-?colou?rs?|aquarelle|gouache|ink wash",
    "charcoal": r"charcoal",
    "ukiyo_e": r"ukiyo[ -]?e|hokusai|japanese (?:wood ?block )?prints?|wood ?block(?: prints?)?",
    "engraving": r"engrav(?:ing|ed)|etch(?:ing|ed)|banknote|woodcut|linocut|ink",
    "pencil": r"pencils?|sketch(?:y|es|ed)?|drawings?|graphite|line[ -]?art|doodles?",
    "van_gogh": r"van[ -]gogh|starry night",
    "impressionist": r"impressionis(?:t|m|tic)|monet|renoir|plein air",
    "oil": r"oils?(?:[ -]paint(?:ing|s|ed)?)?|acrylics?|canvas|impasto|rembrandt|renaissance|baroque",
    "pointillism": r"pointillis(?:t|m|tic)|seurat|stippl(?:e|ed|ing)",
    "pixel": r"pixel(?:[ -]?art|ated|s)?|(?:8|16)[ -]?bit|retro game|minecraft",
    "bricks": r"lego|(?:toy|building|plastic) (?:bricks?|blocks)",
    "comic": r"comics?|comic[ -]books?|cartoons?(?! (?:film|movie))|graphic novel|manga|superhero",
    "anime": r"anime|ghibli|cel[ -]?shad(?:ed|ing)",
    "pop_art": r"pop[ -]?art|warhol|screen ?print|poster(?:ized|ised)?",
    "graffiti": r"graffitis?|street[ -]?art|spray[ -]?paint(?:ed|ing)?|banksy|murals?",
    "art_deco": r"art[ _-]?d[eé]co|gatsby",
    "neon": r"neon|glowing|synthwave|vaporwave|tron|blacklight",
    "vintage": r"vintage|retro|sepia|old photo(?:graph)?|polaroid|daguerreotype|1[89]\d0s|analogue?",
    "stained_glass": r"stained[ -]?glass|cathedral window",
    "mosaic": r"mosaics?|tiles?|tess?erae",
    "low_poly": r"low[ -]?poly(?:gon)?|polygons?|polygonal|origami|geometric|facet(?:s|ed)?",
    "cubist": r"cubis(?:m|t|tic)|picasso|braque",
    "clay": r"clay(?:mation)?|plasticine|play-?doh|stop[ -]motion",
    "toy": r"3[ -]?d(?: render(?:ed)?)?|pixar|disney|dreamworks|(?:animated|cartoon) (?:films?|movies?)"
    r"|plastic|toys?|render(?:ed)?|figurine|vinyl",
    "painterly": r"paint(?:ing|ed|erly)?|art(?:istic|work)?|brush ?strokes?|masterpiece",
}
"""Style → the words that ask for it."""

MOODS = {
    "night": r"night|midnight|moonlight|moonlit|nocturnal",
    "sunset": r"sunset|golden hour|dusk|evening|twilight",
    "sunrise": r"sunrise|dawn|morning",
    "winter": r"winter|snow(?:y|ing|fall)?|ice(?! cream)|icy|frozen|frost(?:y)?|christmas|arctic",
    "autumn": r"autumn(?:al)?|fall (?:colou?rs|leaves|foliage)|october",
    "spring": r"spring(?:time)?|blossoms?|cherry blossoms?",
    "summer": r"summer|sunny|beach|tropical",
    "rain": r"rain(?:y|ing)?|storm(?:y)?|thunderstorm",
    "fog": r"fog(?:gy)?|mist(?:y)?|haz(?:e|y)",
    "underwater": r"underwater|under the sea|deep sea|aquatic|submarine|mermaid",
    "cyberpunk": r"cyber ?punk|blade runner|futuristic|sci(?:ence)?[ -]?fi(?:ction)?|robot(?:s|ic)?|cyborgs?",
    "steampunk": r"steam ?-?punk|clockwork|brass",
    "noir": r"noir|black[ -]and[ -]white|b&w|monochrome|gr[ae]y ?scale",
    "fire": r"fire|fiery|flames?|lava|hell|burning|inferno|volcan(?:o|ic)",
    "space": r"space|galaxy|nebula|cosmic|cosmos|starry|(?:space|star)ships?|aliens?|ufos?",
    "dreamy": r"dream(?:y|s|like)?|fantasy|magic(?:al)?|ethereal|fairy[ -]?tale",
    "horror": r"horror|spooky|haunted|halloween|zombies?|creepy|vampires?",
    "psychedelic": r"psychedelic|trippy|acid|rainbow|holographic",
    "cinematic": r"cinematic|film still|movie|epic|dramatic",
    "pastel": r"pastels?|soft colou?rs",
    "vivid": r"vivid|vibrant|colou?rful",
    "muted": r"muted|desaturated|faded|washed[ -]out",
    "bright": r"bright|high[ -]key",
    "dark": r"dark(?:er|ness)?|gloomy|low[ -]key|moody",
    "sharp": r"sharp|detailed|crisp|hd|4k|8k",
    "soft": r"blur(?:ry|red)?|soft(?: focus)?|bokeh",
}
"""Mood → the words that ask for it."""

COLOURS = {
    "red": (0.95, 0.15, 0.10),
    "orange": (1.00, 0.50, 0.10),
    "yellow": (1.00, 0.88, 0.15),
    "green": (0.20, 0.80, 0.25),
    "blue": (0.15, 0.40, 0.95),
    "purple|violet": (0.55, 0.20, 0.90),
    "pink|magenta": (1.00, 0.40, 0.70),
    "gold|golden": (1.00, 0.75, 0.20),
    "teal|cyan|turquoise": (0.10, 0.80, 0.80),
    "brown": (0.55, 0.33, 0.16),
}
"""Colour words → RGB."""

OPPOSITES = {
    "soft": "sharp",
    "dark": "bright",
    "bright": "dark",
    "vivid": "muted",
    "muted": "vivid",
    "noir": "vivid",
}
"""What a mood in the negative prompt asks for, besides its absence."""

MOST_STYLES = 2
MOST_MOODS = 3
MOST_CHARACTERS = 4_000
"""The rest of a longer prompt is not read: the server plans on its event loop."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with a picture. Empty `styles`, `moods` and `tints` never occur together."""

    styles: tuple[str, ...]
    moods: tuple[str, ...]
    tints: tuple[tuple[float, float, float], ...]
    understood: bool
    """Whether any word was known. If not, the plan is painterly, in a tint from the prompt's hash."""


NEGATIONS = ("not", "without", "kein", "keine", "ohne", "sans", "sin", "sem")
"""A word that is negated in place ("without rain") does not count."""


def _compile(words: str, name: str) -> re.Pattern[str]:
    """Return what finds these words, and those of other languages under this name."""
    patterns = [_whole(words, (*NEGATIONS, "no"))]
    if name in LATIN:
        patterns.append(_whole(LATIN[name], NEGATIONS))  # "no inverno" is Portuguese for "in winter"
    if name in JAPANESE:
        patterns.append(JAPANESE[name])
    return re.compile("|".join(patterns), re.IGNORECASE)


def _whole(words: str, negations: Iterable[str]) -> str:
    negated = "".join(rf"(?<!\b{word} )" for word in negations)
    return rf"(?<!\w){negated}(?:{words})(?!\w)"


_STYLES = {name: _compile(words, name) for name, words in STYLES.items()}
_MOODS = {name: _compile(words, name) for name, words in MOODS.items()}
_COLOURS = {colour: _compile(words, words) for words, colour in COLOURS.items()}


def plan(prompt: str, negative_prompt: str = "") -> Plan:
    """Choose styles, moods and tints, each in the order in which the prompt names them.

    Takes any text, of which the first MOST_CHARACTERS count.
    """
    tint = _tint_of(prompt)
    prompt, negative_prompt = _plain(prompt), _plain(negative_prompt)
    unwanted_styles = set(_named(_STYLES, negative_prompt)[0])
    unwanted_moods = set(_named(_MOODS, negative_prompt)[0])
    unwanted_colours = set(_named(_COLOURS, negative_prompt)[0])
    styles, rest = _named(_STYLES, prompt)
    moods, rest = _named(_MOODS, rest)
    colours, _ = _named(_COLOURS, rest)
    styles = [style for style in styles if style not in unwanted_styles]
    moods = [mood for mood in moods if mood not in unwanted_moods][:MOST_MOODS]
    colours = [colour for colour in colours if colour not in unwanted_colours][:MOST_MOODS]
    if len(styles) > 1 and "painterly" in styles:  # a general word: "a watercolour painting"
        styles.remove("painterly")
    understood = bool(styles or moods or colours)
    if not understood:
        styles, colours = ["painterly"], [tint]
    # Sorted: a set of strings has another order in another process.
    moods += sorted({OPPOSITES[mood] for mood in unwanted_moods & OPPOSITES.keys()} - set(moods))
    return Plan(tuple(styles[:MOST_STYLES]), tuple(moods), tuple(colours), understood)


def _plain(text: str) -> str:
    """Return the text with each letter in its one usual form: accents joined, full width made narrow."""
    return unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])


def _named(patterns: Mapping[Name, re.Pattern[str]], text: str) -> tuple[list[Name], str]:
    """Return the names whose words occur, in order of occurrence, and the text without these words."""
    found: list[tuple[int, Name]] = []
    for name, pattern in patterns.items():
        if match := pattern.search(text):
            found.append((match.start(), name))
            text = pattern.sub(lambda used: "·" * len(used[0]), text)
    return [name for _, name in sorted(found, key=itemgetter(0))], text


def _tint_of(prompt: str) -> tuple[float, float, float]:
    red, green, blue = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).digest()[:3]
    return red / 255, green / 255, blue / 255
