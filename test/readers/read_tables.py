"""Reads every Iceberg table under a folder with two readers that are not ours, and compares what they see.

    read_tables.py LAKE_DIR

Prints JSON {table: {reader: {rows, nonNull, integers}}}; exit 1 when the readers disagree or one cannot read.
PyIceberg plans and reads by itself (Python, Arrow); DuckDB's iceberg extension is a reader of its own in C++.
"""

import json
import os
import re
import sys
from pathlib import Path

import duckdb
import duckdb_extension_avro
import duckdb_extension_iceberg
import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import StaticTable

METADATA = re.compile(r"^v(\d+)\.metadata\.json$")


def tables_under(lake: Path):
    """(name, newest metadata file) of each table; the name is namespace.table."""
    for folder in sorted(lake.glob("**/metadata")):
        versions = [(int(m[1]), entry) for entry in folder.iterdir() if (m := METADATA.match(entry.name))]
        if versions:
            yield ".".join(folder.parent.relative_to(lake).parts), max(versions)[1]


def with_pyiceberg(metadata: Path):
    table = StaticTable.from_metadata(str(metadata))
    rows = table.scan().to_arrow()
    facts = {"rows": rows.num_rows, "nonNull": {}, "integers": {}}
    for name, column in zip(rows.column_names, rows.columns):
        facts["nonNull"][name] = rows.num_rows - column.null_count
        if pa.types.is_integer(column.type):
            ends = pc.min_max(column)
            total = sum(value for value in column.to_pylist() if value is not None)
            facts["integers"][name] = {"min": ends["min"].as_py(), "max": ends["max"].as_py(), "sum": total}
    check_planning(table, rows)
    return facts


def check_planning(table, rows):
    """The counts in the manifests are those of the rows, and files are found by the bounds of their integers."""
    counted = sum(task.file.record_count for task in table.scan().plan_files())
    if counted != rows.num_rows:
        raise ValueError(f"manifests count {counted} rows, files hold {rows.num_rows}")
    for name, column in zip(rows.column_names, rows.columns):
        if pa.types.is_integer(column.type) and rows.num_rows > column.null_count:
            top = pc.max(column).as_py()
            found = table.scan(row_filter=f'"{name}" == {top}').to_arrow().num_rows
            expected = pc.sum(pc.equal(column, top)).as_py()
            if found != expected:
                raise ValueError(f"{name} == {top}: {found} rows by the bounds, {expected} in all")


def open_duckdb():
    connection = duckdb.connect(":memory:", config={"threads": 1, "autoinstall_known_extensions": "false"})
    for package, name in ((duckdb_extension_avro, "avro"), (duckdb_extension_iceberg, "iceberg")):
        [extension] = Path(package.__file__).parent.rglob(f"v{duckdb.__version__}/{name}.duckdb_extension")
        connection.execute(f"LOAD '{extension}'")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def with_duckdb(connection, metadata: Path):
    source = f"iceberg_scan('{str(metadata).replace(chr(39), chr(39) * 2)}', allow_moved_paths = false)"
    columns = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    asked = ["count(*)"]
    for name, kind, *_ in columns:
        quoted = '"' + name.replace('"', '""') + '"'
        asked.append(f"count({quoted})")
        if kind in ("INTEGER", "BIGINT"):
            asked += [f"min({quoted})", f"max({quoted})", f"sum({quoted})"]
    values = iter(connection.execute(f"SELECT {', '.join(asked)} FROM {source}").fetchone())
    facts = {"rows": next(values), "nonNull": {}, "integers": {}}
    for name, kind, *_ in columns:
        facts["nonNull"][name] = next(values)
        if kind in ("INTEGER", "BIGINT"):
            low, high, total = next(values), next(values), next(values)
            facts["integers"][name] = {"min": low, "max": high, "sum": int(total or 0)}
    return facts


def main(lake: Path) -> int:
    connection = open_duckdb()
    result, faults = {}, []
    for name, metadata in tables_under(lake):
        readers = {"pyiceberg": with_pyiceberg, "duckdb": lambda path: with_duckdb(connection, path)}
        result[name] = {}
        for reader, read in readers.items():
            try:
                result[name][reader] = read(metadata)
            except Exception as error:  # whatever a reader throws is a finding
                result[name][reader] = {"error": f"{type(error).__name__}: {error}"}
                faults.append(f"{reader} cannot read {name}")
        if result[name]["pyiceberg"] != result[name]["duckdb"]:
            faults.append(f"the readers disagree on {name}")
    if not result:
        faults.append(f"there is no table under {lake}")
    print(json.dumps(result, indent=1, default=str))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: read_tables.py LAKE_DIR")
    sys.exit(main(Path(os.path.abspath(sys.argv[1]))))
