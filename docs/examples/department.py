"""A department on kafka-python alone: PAIDAN_KAFKA=host:port python department.py CODE [FILE.sqlite3]

Kill it or the broker at any moment: what was not committed comes again, and is known by its id.
"""

import json
import os
import sqlite3
import sys
from datetime import UTC, datetime

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

CODE = sys.argv[1]
SERVERS = os.environ.get("PAIDAN_KAFKA", "127.0.0.1:9092")
KAFKA = {"bootstrap_servers": SERVERS, "reconnect_backoff_max_ms": 2000}
REPLY = {"public_reply": "您好，您反映的问题已办理完毕。", "contacted": True, "solved": True}
STEPS = {"signed": {}, "contacted": {"contacted": True}, "result": REPLY}
db = sqlite3.connect(sys.argv[2] if len(sys.argv) > 2 else f"{CODE}.sqlite3")
db.execute("create table if not exists inbox (id text primary key, record text)")
db.execute("create table if not exists outbox (id text primary key, dispatch text, report text, sent int)")


def take(record):
    """One record and what follows from it, in one transaction; a repeat changes nothing."""
    share, own = json.loads(record.value), dict(record.headers)["ce_id"].decode()
    with db:
        fresh = db.execute("insert or ignore into inbox values (?, ?)", (own, record.value.decode())).rowcount
        print(CODE, share["action"], share["dispatch"], "" if fresh else "again: no effect", flush=True)
        if not fresh or share["action"] == "withdrawn":
            return
        for kind, fields in STEPS.items():
            report = {"dispatch": share["dispatch"], "kind": kind, "at": datetime.now(UTC).isoformat(), **fields}
            row = (f"{own}-{kind}", share["dispatch"], json.dumps({**report, "round": share["round"]}))
            db.execute("insert into outbox values (?, ?, ?, 0)", row)


def answer():
    """Sends what is not sent; where we die before it is marked, it goes again under the same id."""
    for own, dispatch, report, _ in db.execute("select * from outbox where not sent order by rowid").fetchall():
        headers = [("ce_id", own.encode())]
        producer.send(f"dept.{CODE}.reports", key=dispatch.encode(), value=report.encode(), headers=headers).get(30)
        db.execute("update outbox set sent = 1 where id = ?", (own,))
        db.commit()


producer = KafkaProducer(**KAFKA, acks="all")
consumer = KafkaConsumer(**KAFKA, group_id=f"dept.{CODE}", enable_auto_commit=False, auto_offset_reset="earliest")
# not subscribed: kafka-python 3.0.12 may wait for ever for its share of a topic that was just made
consumer.assign([TopicPartition(f"dept.{CODE}.dispatches", 0)])
while True:
    try:
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                take(record)
        answer()
        consumer.commit()
    except KafkaError as error:
        print(CODE, "waits for Kafka:", type(error).__name__, file=sys.stderr, flush=True)
