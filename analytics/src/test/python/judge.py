"""PyIceberg over our catalog: one command a call, its answer as one line of JSON.

The lake is on the same machine, so that PyIceberg's local files serve.
"""

import json
import sys

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import ForbiddenError
from pyiceberg.expressions import GreaterThan


def read(catalog):
    """Every column of every row, and what a filter on the day leaves."""
    events = catalog.load_table("analytics.events")
    rows = events.scan().to_arrow()
    return {
        "tables": sorted(".".join(name) for name in catalog.list_tables("analytics")),
        "columns": rows.column_names,
        "messages": sorted(rows["message_id"].to_pylist()),
        "organisations": sorted(set(rows["organisation"].to_pylist())),
        "properties": sorted(set(rows["properties"].drop_null().to_pylist())),
        "rejected": catalog.load_table("analytics.rejected").scan().to_arrow().num_rows,
        "snapshot": str(events.current_snapshot().snapshot_id),
        "future": len(list(events.scan(row_filter=GreaterThan("received_at", "2100-01-01T00:00:00+00:00")).plan_files())),
    }


def count(catalog, snapshot):
    events = catalog.load_table("analytics.events")
    return {"rows": events.scan(snapshot_id=int(snapshot)).count()}


def append(catalog, message):
    """The first row once more, under another message id."""
    events = catalog.load_table("analytics.events")
    row = events.scan(limit=1).to_arrow()
    at = row.column_names.index("message_id")
    events.append(row.set_column(at, row.schema.field(at), pa.array([message], row.schema.field(at).type)))
    return {"rows": events.scan().count()}


def own(catalog):
    """A table of its own: made, filled, read, changed, deleted from, dropped."""
    catalog.create_namespace("science")
    table = catalog.create_table("science.primes", pa.schema([("n", pa.int64())]))
    table.append(pa.table({"n": [2, 3, 5, 9]}))
    table.delete("n = 9")
    with table.update_schema() as update:
        from pyiceberg.types import StringType

        update.add_column("proof", StringType())
    catalog.rename_table("science.primes", "science.proven")
    read_back = catalog.load_table("science.proven").scan().to_arrow()
    answer = {"n": sorted(read_back["n"].to_pylist()), "columns": read_back.column_names}
    catalog.purge_table("science.proven")
    catalog.drop_namespace("science")
    answer["left"] = len(catalog.list_namespaces())
    return answer


def forbidden(catalog):
    """What only the loader may do."""
    events = catalog.load_table("analytics.events")
    refused = []
    for name, change in {
        "property": lambda: events.transaction().set_properties({"a": "b"}).commit_transaction(),
        "drop": lambda: catalog.drop_table("analytics.events"),
        "tag": lambda: events.manage_snapshots().create_tag(events.current_snapshot().snapshot_id, "mine").commit(),
    }.items():
        try:
            change()
        except ForbiddenError as error:
            refused.append(name)
    return {"refused": refused}


uri, credential, *rest = sys.argv[1:]
properties = json.loads(credential)
command, *arguments = rest
result = {"read": read, "count": count, "append": append, "own": own, "forbidden": forbidden}[command](
    load_catalog("quintet", type="rest", uri=uri, **properties), *arguments
)
print(json.dumps(result))
