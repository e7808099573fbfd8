"""Which category an item belongs to: the first rule whose word stands in the name. Order matters; see ``docs/bundled-shop.md``."""

import re

OTHER = "Gifts > Other"

RULES: tuple[tuple[str, str], ...] = (
    (
        "Home > Signs & wall decor",
        r"\b(?:metal|door|wooden|tin|wall) sign|\bsigns?\b|doorsign|chalkboard|black ?board|memo board",
    ),
    ("Bath & personal care", r"hot water bottle|hottie|hand ?warmer|plasters in tin|wash ?bag|flannel"),
    ("Home > Cushions & textiles", r"door ?mat|cushion"),
    ("Garden", r"gardener"),
    ("Kitchen > Baking & cakes", r"cake cases|mini cases|petit four"),
    (
        "Seasonal > Christmas",
        r"christmas|xmas|santa|reindeer|rudolph|advent|bauble|snowm|snowfl|yule|noel|nativity|tinsel|stocking",
    ),
    ("Seasonal > Easter & Valentine", r"easter|valentine|hen house|\bchicks?\b|\bhens?\b|bunny|bunnies"),
    (
        "Jewellery & hair",
        (
            r"necklace|bracelet|earring|\bhair\b|brooch|pendant|bangle|tiara|choker|anklet|lariat|phone charm|charm bracelet|"
            r"braclet|diamante|beaded? ring|"
            r"\bcomb\b|hairclip|hairband|head ?band|grip|jewel+ery|\bring\b(?<!key ring)"
        ),
    ),
    ("Bags > Shoppers & purses", r"jumbo bag|shopper|storage bag|charlotte bag|handbag|tote|purse"),
    ("Bags > Lunch bags & boxes", r"lunch|snack box|picnic|cool ?bag|bento"),
    (
        "Cards & gift wrap",
        r"\bcards?\b|\bwrap\b|gift tag|ribbon|gift bag|gift ?box|giftwrap|\btags?\b|envelope|postcard",
    ),
    (
        "Party",
        (
            r"party|bunting|balloon|paper (?:plate|cup|napkin|lantern|chain|bell)|napkin|straws?\b|garland|confetti|streamer|"
            r"doil|birthday|pennant|cocktail|sparkler|cake candle|invite|wedding|paper"
        ),
    ),
    (
        "Candles & lighting",
        (
            r"candle|t-light|\blights?\b|lantern|\blamps?\b|lampshade|incense|lighting|nightlight|torch|chandelier|votive|taper|"
            r"bulb|matches"
        ),
    ),
    (
        "Kitchen > Baking & cakes",
        (
            r"\bcakes?\b|cakestand|baking|\bbake\b|cookie|cutter|jelly|muffin|cupcake|pudding|biscuit|rolling pin|whisk|"
            r"ice cream|"
            r"sundae|chocolate|mould|sugar|popcorn"
        ),
    ),
    (
        "Kitchen > Mugs & teaware",
        r"\bmugs?\b|\bcups?\b|teacup|teapot|saucer|\btea\b(?! ?towel)|coffee|beaker|milk jug|cosy|egg ?cup|eggcup",
    ),
    (
        "Kitchen > Tableware & glass",
        (
            r"plates?\b|bowls?\b|glass(?:es)?\b|goblet|tumbler|\bjugs?\b|dish(?:es)?\b|cutlery|spoons?\b|fork|knife|knives|"
            r"decanter|"
            r"carafe|platter|tray|coaster|placemat|table ?cloth|tablecloth|place setting|cheese|chopping|\bwine\b|tureen|"
            r"ramekin|butter\b"
        ),
    ),
    (
        "Kitchen > Tins, jars & utensils",
        (
            r"\btins?\b|\bjars?\b|bottles?\b|canister|caddy|pantry|bread ?bin|apron|oven|tea towel|recipe|scales?\b|pan\b|funnel|"
            r"spatula|ladle|grater|jam\b|pots?\b.*lid|lid\b|kitchen|spice|salt|pepper|fridge|dishcloth|scour|cook|timer|sieve|"
            r"washing up|rubber glove|strainer|toaster|measuring|colander|squeezer|toast its|chopstick"
        ),
    ),
    (
        "Bath & personal care",
        (
            r"\bbath|soap|tissues?\b|sponge|manicure|wash ?bag|toothbrush|tooth|body|fragrance|plasters?\b|first aid|lip\b|"
            r"cosmetic|"
            r"make ?up|shower|towel|hand ?warmer|perfume|\bbalm\b|sachet|potpourri|nail|eye mask|scented|massage|"
            r"hot water bottle|hottie|"
            r"toilet|bathroom|\boils?\b"
        ),
    ),
    (
        "Children > Toys & games",
        (
            r"\btoys?\b|games?\b|dolls?\b|dolly|puzzle|playhouse|skittles|domino|spinning|jigsaw|soldier|spaceboy|child|"
            r"kids?\b|baby|"
            r"nursery|circus|marble|skipping|glider|robot|dinosaur|puppet|doll|building block|play ?set|playing|yo-?yo|"
            r"whistle|cards game|"
            r"snakes|ludo|noughts|bingo|teddy|rocking|rattle|\bbib\b|tea ?set|windmill|magic|juggl|harmonica|xylophone|"
            r"trumpet|boys?\b|"
            r"girls?\b|animals?\b|feltcraft|naughty|pirate|fairy|princess|tattoo|bouncing|\bball\b|boomerang|kaleidoscope|"
            r"periscope|helicopter|flying disc|snake|clay|piggy bank|space cadet|naughts|monster|creepy|dolphin"
        ),
    ),
    (
        "Stationery & craft",
        (
            r"pens?\b|pencil|notebook|sticker|craft|stamp|sewing|knit|chalks?\b|felt|buttons?\b|book\b|journal|organiser|"
            r"ruler|eraser|"
            r"note ?books|exercise books|hole punch|notelet|\btapes\b|sharpener|crayon|colouring|patches|patch\b|sketch|"
            r"stationery|tape\b|calculator|notepad|jotter|scissor|paint|album|calendar|"
            r"magnets?\b|rubbers?\b|glue|clips?\b|pegs?\b|embroidery|ribbons|decoupage|beads?\b|bookmark|diary|file\b|folder|"
            r"card holder|"
            r"numbers?\b|letters?\b|wicker.*letter|word\b|alphabet|sew\b|needle|thread|trim\b|badges?\b|parchment|writing"
        ),
    ),
    (
        "Home > Clocks, frames & mirrors",
        r"clocks?\b|frames?\b|mirrors?\b|photo|picture|\bwatch\b",
    ),
    (
        "Home > Signs & wall decor",
        (
            r"\bsigns?\b|doorsign|wall art|plaque|poster|chalkboard|blackboard|memo|notice ?board|\bhooks?\b|wall|hanger|"
            r"door ?stop|"
            r"doorknob|knob|knocker|tiles?\b|canvas|\bart\b|decal|letter ?box|key rack|rack\b|door bell|\bbell\b|number tile|"
            r"flag\b|coat|flying ducks"
        ),
    ),
    (
        "Home > Cushions & textiles",
        (
            r"cushion|throw|quilt|blanket|\brug\b|door ?mat|doormat|\bmat\b|curtain|pillow|bedspread|filler pad|linen|"
            r"cover\b|fabric|"
            r"seat pad|draught|bean ?bag|beanbag|hammock|sofa"
        ),
    ),
    (
        "Bags > Shoppers & purses",
        r"\bbags?\b|shopper|tote|handbag|purse|backpack|rucksack|satchel|holdall|suitcase|wallet|trolley|sack\b|shoulder",
    ),
    (
        "Garden",
        (
            r"garden|plant|watering|seeds?\b|herb|trellis|parasol|thermometer|bird ?(?:table|house|feeder|bath|cage)|"
            r"birdhouse|flower ?pot|"
            r"\bpots?\b|deck ?chair|gnome|wheelbarrow|hanging basket|\bhose\b|secateur|\bgrow|outdoor|windchime|wind ?chime|"
            r"chimes?\b|bee\b|"
            r"zinc|bucket|barrel|fly swat|insect|umbrella stand|sundial|weather|twine"
        ),
    ),
    (
        "Accessories & travel",
        (
            r"umbrella|\brain|scarf|gloves?\b|key ?rings?|keyring|key ?chain|key fob|fob\b|luggage|passport|phone|travel|"
            r"poncho|\bhats?\b|"
            r"slippers?|socks?\b|sunglasses|belt\b|parka|pashmina|flip flop|shoe|ashtray|lighter|ipod|radio|usb|bike|bicycle|"
            r"car\b|"
            r"pocket|multi-?tool|screwdriver|headphones|camera|\bfan\b|shawl|sombrero|cap\b|dress|watch"
        ),
    ),
    (
        "Home > Storage & furniture",
        (
            r"cabinets?|drawers?|shelf|shelves|\bbox(?:es)?\b|baskets?|crates?|chest|stool|chairs?|table\b|storage|\bbin\b|"
            r"holder|stand\b|"
            r"cupboard|bench|dresser|trunk|drawer|organizer|furniture|wardrobe|container|trinket|ottoman|desk|bins?\b|"
            r"umbrella|cage"
        ),
    ),
    (
        "Home > Decorations",
        (
            r"hearts?\b|ornament|decoration|decorative|hanging|wreath|birds?\b|butterfl|flowers?\b|angel|stars?\b|vases?\b|"
            r"feather|figurine|"
            r"dove|roses?\b|mobile\b|cherub|owl|cats?\b|dogs?\b|elephant|rabbit|horse|frog|mushroom|string of|skull|doorstop|"
            r"statue|buddha|"
            r"dreamcatcher|planter|fruit|apple|tree|leaf|leaves|lily|daisy|blossom|paperweight|sculpture|crystal|ladybird|"
            r"metal|wood"
        ),
    ),
)
"""(category, pattern) in the order they are tried, on the name in lower case."""

_COMPILED = tuple((category, re.compile(pattern)) for category, pattern in RULES)


def category_of(name: str) -> str:
    """The category of an item of this name."""
    lower = name.lower()
    return next((category for category, pattern in _COMPILED if pattern.search(lower)), OTHER)
