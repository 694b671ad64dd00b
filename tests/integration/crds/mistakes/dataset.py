"""Mistakes in a Dataset."""

from builders.examples import ABSENT
from integration.crds.mistakes import Mistake

SMALL, FULL = "dataset-minimal.yaml", "dataset-full.yaml"
DURATION = "write one number and one unit (s, m, h or d), such as 90s or 30d"
SHARE = 'write a share from 0 to 1 in quotes, such as "0.05"'
NOT_A_STRING = "must be of type string"

MISTAKES = (
    Mistake(
        "a name too long for its children",
        SMALL,
        {"metadata.name": "h" * 37},
        ("metadata.name", "at most 36 characters"),
    ),
    Mistake(
        "a name that begins with a digit",
        SMALL,
        {"metadata.name": "2024-houses"},
        ("metadata.name", "must start with a letter"),
    ),
    Mistake(
        "a name with a dot",
        SMALL,
        {"metadata.name": "houses.daily"},
        ("metadata.name", "contain only a-z, 0-9 and '-'"),
    ),
    Mistake(
        "a name in capitals",
        SMALL,
        {"metadata.name": "Houses"},
        ("metadata.name", "lower case alphanumeric characters"),
    ),
    Mistake("no spec", SMALL, {"spec": ABSENT}, ("spec", "Required value")),
    Mistake(
        "a misspelt field",
        SMALL,
        {"spec.timecolumn": "sold_at"},
        ('unknown field "spec.timecolumn"',),
    ),
    Mistake(
        "a misspelt field in a list",
        FULL,
        {"spec.columns[4].minimun": "10"},
        ('unknown field "spec.columns[4].minimun"',),
    ),
    Mistake(
        "a description as long as a page",
        FULL,
        {"spec.description": "long " * 250},
        ("spec.description", "may not be more than 1024"),
    ),
    Mistake(
        "an owner without a team",
        FULL,
        {"spec.owner.team": ABSENT},
        ("spec.owner.team", "Required"),
    ),
    Mistake(
        "no source",
        SMALL,
        {"spec.source": {}},
        ("spec.source", "set exactly one of source.object and source.volume"),
    ),
    Mistake(
        "two sources",
        FULL,
        {"spec.source.object": {"path": "raw/houses/"}},
        ("spec.source", "set exactly one of source.object and source.volume"),
    ),
    Mistake(
        "an object without a path",
        SMALL,
        {"spec.source.object": {"store": "default"}},
        ("spec.source.object.path", "Required value"),
    ),
    Mistake(
        "an absolute path",
        SMALL,
        {"spec.source.object.path": "/raw/houses.parquet"},
        ("spec.source.object.path", "write a path without a leading '/'"),
    ),
    Mistake(
        "a path that climbs",
        SMALL,
        {"spec.source.object.path": "raw/../../secrets.parquet"},
        ("spec.source.object.path", "a path must not contain '..'"),
    ),
    Mistake(
        "an address as path",
        SMALL,
        {"spec.source.object.path": "s3://exports/houses.parquet"},
        ("spec.source.object.path", "the store or the claim has a field of its own"),
    ),
    Mistake(
        "an address as store",
        SMALL,
        {"spec.source.object.store": "https://s3.example.com"},
        ("spec.source.object.store", "a name contains a-z, 0-9 and '-'"),
    ),
    Mistake(
        "a format nobody reads",
        SMALL,
        {"spec.source.object.format": "Excel"},
        ("spec.source.object.format", 'supported values: "Parquet", "CSV", "JSONLines"'),
    ),
    Mistake(
        "the form of a CSV file for a Parquet file",
        SMALL,
        {"spec.source.object.format": "Parquet", "spec.source.object.csv": {"delimiter": ";"}},
        ("spec.source.object", "remove csv, or set format: CSV"),
    ),
    Mistake(
        "a delimiter of two characters",
        FULL,
        {"spec.source.volume.csv.delimiter": "||"},
        ("spec.source.volume.csv.delimiter", "may not be more than 1"),
    ),
    Mistake(
        "a delimiter that is the decimal point too",
        FULL,
        {"spec.source.volume.csv.delimiter": ","},
        ("spec.source.volume.csv", "delimiter and decimal must differ"),
    ),
    Mistake(
        "a volume without its claim",
        FULL,
        {"spec.source.volume.claimName": ABSENT},
        ("spec.source.volume.claimName", "Required value"),
    ),
    Mistake(
        "a claim that no object can be called",
        FULL,
        {"spec.source.volume.claimName": "exports_2024"},
        ("spec.source.volume.claimName", "a name contains a-z, 0-9, '-' and '.'"),
    ),
    Mistake(
        "a filter without values",
        FULL,
        {"spec.filter[0].values": []},
        ("spec.filter[0].values", "should have at least 1 items"),
    ),
    Mistake(
        "a filter by a number",
        FULL,
        {"spec.filter[0].values": [1]},
        ("spec.filter[0].values[0]", NOT_A_STRING),
    ),
    Mistake(
        "a window without a time",
        SMALL,
        {"spec.window.duration": "60d"},
        ("spec", "window requires timeColumn"),
    ),
    Mistake(
        "a duration in words",
        FULL,
        {"spec.window.duration": "60 days"},
        ("spec.window.duration", DURATION),
    ),
    Mistake(
        "a duration without a unit",
        FULL,
        {"spec.window.duration": 60},
        ("spec.window.duration", NOT_A_STRING),
    ),
    Mistake(
        "a duration of nothing",
        FULL,
        {"spec.window.duration": "0d"},
        ("spec.window.duration", DURATION),
    ),
    Mistake(
        "an end without an hour",
        FULL,
        {"spec.window.end": "2026-03-01"},
        ("spec.window.end", "date-time"),
    ),
    Mistake(
        "a fixed end that lags",
        FULL,
        {"spec.window.end": "2026-03-01T00:00:00Z", "spec.quality.maxAge": ABSENT},
        ("spec.window", "remove lag or end"),
    ),
    Mistake(
        "an age without a time",
        SMALL,
        {"spec.quality.maxAge": "2d"},
        ("spec", "quality.maxAge requires timeColumn"),
    ),
    Mistake(
        "an age at a fixed end",
        FULL,
        {"spec.window": {"duration": "60d", "end": "2026-03-01T00:00:00Z"}},
        ("spec", "quality.maxAge and window.end contradict each other; remove one of them"),
    ),
    Mistake(
        "a time that is a category",
        FULL,
        {"spec.timeColumn": "region"},
        ("spec", "the column named by timeColumn must have type Timestamp"),
    ),
    Mistake(
        "a column twice",
        FULL,
        {"spec.columns[3].name": "sale"},
        ("spec.columns[3]", 'Duplicate value: {"name":"sale"}'),
    ),
    Mistake(
        "a column without a type",
        FULL,
        {"spec.columns[0].type": ABSENT},
        ("spec.columns[0].type", "Required value"),
    ),
    Mistake(
        "a type of another language",
        FULL,
        {"spec.columns[0].type": "varchar"},
        (
            "spec.columns[0].type",
            'supported values: "Number", "Integer", "Category", "Boolean", "Timestamp"',
        ),
    ),
    Mistake(
        "a column without a name",
        FULL,
        {"spec.columns[0].name": ""},
        ("spec.columns[0].name", "a column name is not empty"),
    ),
    Mistake(
        "a limit that is no string",
        FULL,
        {"spec.columns[4].minimum": 10},
        ("spec.columns[4].minimum", NOT_A_STRING),
    ),
    Mistake(
        "a limit that is no number",
        FULL,
        {"spec.columns[4].minimum": "ten"},
        ("spec.columns[4].minimum", 'write a decimal number in quotes, such as "0.05"'),
    ),
    Mistake(
        "a limit of a category",
        FULL,
        {"spec.columns[2].minimum": "1"},
        ("spec.columns[2]", "minimum and maximum require type Number or Integer"),
    ),
    Mistake(
        "limits in the wrong order",
        FULL,
        {"spec.columns[3].minimum": "50"},
        ("spec.columns[3]", "minimum must not exceed maximum"),
    ),
    Mistake(
        "allowed values of a number",
        FULL,
        {"spec.columns[4].allowedValues": ["1", "2"]},
        ("spec.columns[4]", "allowedValues requires type Category"),
    ),
    Mistake(
        "no value allowed",
        FULL,
        {"spec.columns[2].allowedValues": []},
        ("spec.columns[2].allowedValues", "should have at least 1 items"),
    ),
    Mistake(
        "a share in percent",
        FULL,
        {"spec.columns[4].maxMissing": "5%"},
        ("spec.columns[4].maxMissing", SHARE),
    ),
    Mistake(
        "a share above one",
        FULL,
        {"spec.columns[4].maxMissing": "5"},
        ("spec.columns[4].maxMissing", SHARE),
    ),
    Mistake(
        "more allowed values than a contract holds",
        SMALL,
        {
            "spec.columns": [
                {"name": name, "type": "Category", "allowedValues": [f"v{n}" for n in range(501)]}
                for name in ("region", "street")
            ]
        },
        ("spec", "remove allowedValues from columns with many values"),
    ),
    Mistake(
        "more filtered values than a contract holds",
        SMALL,
        {
            "spec.filter": [
                {"column": name, "values": [f"v{n}" for n in range(129)]}
                for name in ("region", "street")
            ]
        },
        ("spec", "filter by a column with fewer values"),
    ),
    Mistake(
        "values that may and may not be missing",
        FULL,
        {"spec.columns[4].nullable": False},
        ("spec.columns[4]", "maxMissing contradicts nullable: false; remove one of them"),
    ),
    Mistake(
        "a role that the Model gives",
        FULL,
        {"spec.columns[6].role": "Target"},
        (
            "spec.columns[6].role",
            'supported values: "Feature", "Group", "Identifier", "Ignore"',
        ),
    ),
    Mistake(
        "more columns than a contract holds",
        SMALL,
        {"spec.columns": [{"name": f"c{number}", "type": "Number"} for number in range(257)]},
        ("spec.columns", "must have at most 256 items"),
    ),
    Mistake(
        "other columns to be dropped",
        FULL,
        {"spec.otherColumns": "Drop"},
        ("spec.otherColumns", 'supported values: "Infer", "Ignore", "Refuse"'),
    ),
    Mistake(
        "every column refused",
        SMALL,
        {"spec.otherColumns": "Refuse"},
        ("spec", "declare columns, or set otherColumns: Infer"),
    ),
    Mistake(
        "a column both declared and forbidden",
        FULL,
        {"spec.quality.forbiddenColumns": ["price"]},
        ("spec", "remove it from one of columns and quality.forbiddenColumns"),
    ),
    Mistake(
        "no rows as the least number of rows",
        FULL,
        {"spec.quality.minRows": 0},
        ("spec.quality.minRows", "should be greater than or equal to 1"),
    ),
    Mistake(
        "a number of rows in words",
        FULL,
        {"spec.quality.minRows": "thousands"},
        ("spec.quality.minRows", "must be of type integer"),
    ),
    Mistake(
        "a share that is no string",
        FULL,
        {"spec.quality.maxDuplicates": 0.001},
        ("spec.quality.maxDuplicates", NOT_A_STRING),
    ),
    Mistake(
        "a key that is no list",
        FULL,
        {"spec.quality.uniqueKey": "sale"},
        ("spec.quality.uniqueKey", "must be of type array"),
    ),
    Mistake(
        "a key of no column",
        FULL,
        {"spec.quality.uniqueKey": []},
        ("spec.quality.uniqueKey", "should have at least 1 items"),
    ),
    Mistake(
        "personal data, yes or no",
        FULL,
        {"spec.quality.personalData": False},
        ("spec.quality.personalData", NOT_A_STRING),
    ),
    Mistake(
        "a refresh in words",
        FULL,
        {"spec.refresh.every": "daily"},
        ("spec.refresh.every", DURATION),
    ),
    Mistake(
        "a refresh at no time",
        FULL,
        {"spec.refresh": {}},
        ("spec.refresh.every", "Required value"),
    ),
    Mistake(
        "more snapshots than status holds",
        FULL,
        {"spec.keep": 51},
        ("spec.keep", "should be less than or equal to 50"),
    ),
)
