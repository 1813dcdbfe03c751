"""Makes the databases beside it: python3 make.py"""
import os
import sqlite3

for name, encoding, page in (("utf8.db", "UTF-8", 512), ("utf16.db", "UTF-16le", 1024), ("small.db", "UTF-8", 512)):
    if os.path.exists(name):
        os.remove(name)
    db = sqlite3.connect(name)
    db.execute(f"PRAGMA encoding = '{encoding}'")
    db.execute(f"PRAGMA page_size = {page}")
    if name == "small.db":
        db.execute("CREATE TABLE small (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, t text)")
        db.execute("INSERT INTO small (t) VALUES ('x'), (hex(zeroblob(600)))")
    else:
        db.execute("CREATE TABLE many (id INTEGER PRIMARY KEY, word text, n int)")
        db.executemany("INSERT INTO many VALUES (?, ?, ?)", ((i, "ü" * (i % 7), i**3) for i in range(1, 501)))
        db.execute(
            'CREATE TABLE "odd names" ("id" integer NOT NULL PRIMARY KEY, [a,b] varchar(10) DEFAULT (\'x,\' || \')\'), '
            '`c(d` decimal(10, 2), CONSTRAINT c CHECK ("id" <> 0), UNIQUE ("id", [a,b]))'
        )
        db.execute('INSERT INTO "odd names" VALUES (?, ?, ?)', (-7, "long " * 1000, b"\0\xff"))
        db.execute('ALTER TABLE "odd names" ADD COLUMN late text')
        db.execute('INSERT INTO "odd names" VALUES (?, ?, ?, ?)', (1 << 40, None, 2.5, "𝄞"))
    db.commit()
    db.close()
