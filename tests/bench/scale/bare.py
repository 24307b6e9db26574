"""Seconds of DuckDB's bare read (all text) of the same files into an encrypted table: python bare.py FOLDER."""

import sys
import time
from pathlib import Path

import duckdb

folder = Path(sys.argv[1])
target = folder / "bare.duckdb"
target.unlink(missing_ok=True)
httpfs = next(Path(duckdb.__file__).parents[1].glob("duckdb_extension_httpfs/extensions/*/httpfs.duckdb_extension"))
db = duckdb.connect(config={"temp_file_encryption": "true", "preserve_insertion_order": "false"})
db.execute(f"load '{httpfs}'")
started = time.perf_counter()
db.execute(f"attach '{target}' as bare (encryption_key 'bench', encryption_cipher 'GCM')")
for name in ("people", "reviews"):
    db.execute(f"create table bare.{name} as select * from read_csv('{folder}/{name}-*.csv', all_varchar = true, header = true)")
db.execute("checkpoint bare")
print(f"{time.perf_counter() - started:.2f}")
target.unlink()
