"""Every statement, built once for a storage."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from dunning.adapters.storage.sql.tables import Tables
from dunning.core.outbox.move import HELD
from dunning.core.outbox.transitions import State


class Statements:
    """The statements on *t*."""

    def __init__(self, t: Tables) -> None:
        self._t = t
        self._journal(t)
        self._outbox(t)
        self._ledger(t)
        self._vault(t)

    def _journal(self, t: Tables) -> None:
        heads, records, snapshots = t.heads.c, t.records.c, t.snapshots.c
        a_head = and_(heads.lender == bindparam("lender"), heads.kind == bindparam("kind"))
        its_snapshot = and_(snapshots.lender == heads.lender, snapshots.kind == heads.kind, snapshots.id == heads.id)
        self.schema = select(t.meta.c.value).where(t.meta.c.name == "schema")
        self.stamp = insert(t.meta)
        # Changes nothing, and is a write: it takes the one write lock that SQLite has.
        self.take_the_lock = update(t.meta).where(t.meta.c.name == "schema").values(value=t.meta.c.value)
        self.some_heads = select(heads.id, heads.seq, heads.hash).where(
            a_head, heads.id.in_(bindparam("ids", expanding=True))
        )
        self.some_cases = (
            select(heads.id, heads.seq, snapshots.seq.label("folded"), snapshots.body)
            .outerjoin_from(t.heads, t.snapshots, its_snapshot)
            .where(a_head, heads.id.in_(bindparam("ids", expanding=True)))
        )
        self.some_snapshots = select(snapshots.id, snapshots.body).where(
            snapshots.lender == bindparam("lender"),
            snapshots.kind == bindparam("kind"),
            snapshots.id.in_(bindparam("ids", expanding=True)),
        )
        # A snapshot that lags behind its stream says nothing about when the case wakes.
        self.asleep = (
            select(heads.id)
            .join_from(t.heads, t.snapshots, its_snapshot)
            .where(
                a_head,
                heads.id.in_(bindparam("ids", expanding=True)),
                snapshots.seq == heads.seq,
                snapshots.sleeps_until > bindparam("on"),
            )
        )
        self.all_heads = select(heads.kind, heads.id, heads.seq, heads.hash).where(heads.lender == bindparam("lender"))
        self.end = select(t.ends.c.position, t.ends.c.chain).where(t.ends.c.lender == bindparam("lender"))
        self.add_record = insert(t.records)
        head = upsert(t.heads)
        self.put_head = head.on_conflict_do_update(
            index_elements=["lender", "kind", "id"], set_={"seq": head.excluded.seq, "hash": head.excluded.hash}
        )
        end = upsert(t.ends)
        self.put_end = end.on_conflict_do_update(
            index_elements=["lender"], set_={"position": end.excluded.position, "chain": end.excluded.chain}
        )
        snapshot = upsert(t.snapshots)
        self.put_snapshot = snapshot.on_conflict_do_update(
            index_elements=["lender", "kind", "id"],
            set_={
                "seq": snapshot.excluded.seq,
                "sleeps_until": snapshot.excluded.sleeps_until,
                "body": snapshot.excluded.body,
            },
        )
        row = select(t.records)
        self.stream = row.where(
            records.lender == bindparam("lender"),
            records.kind == bindparam("kind"),
            records.id == bindparam("id"),
            records.seq > bindparam("after"),
        ).order_by(records.seq)
        self.since = (
            row.where(records.lender == bindparam("lender"), records.position > bindparam("after"))
            .order_by(records.position)
            .limit(bindparam("limit"))
        )
        self.lines = row.where(records.lender == bindparam("lender")).order_by(records.position)
        self.cursor = select(t.cursors.c.position).where(
            t.cursors.c.lender == bindparam("lender"), t.cursors.c.plugin == bindparam("plugin")
        )
        cursor = upsert(t.cursors)
        self.put_cursor = cursor.on_conflict_do_update(
            index_elements=["lender", "plugin"],
            set_={
                "position": case(
                    (cursor.excluded.position > t.cursors.c.position, cursor.excluded.position),
                    else_=t.cursors.c.position,
                )
            },
        )

    def _outbox(self, t: Tables) -> None:
        entries, touches, about = t.entries.c, t.touches.c, t.about.c
        ours = entries.lender == bindparam("lender")
        self.add_entry = insert(t.entries)
        self.add_touch = insert(t.touches)
        self.add_about = insert(t.about)
        self.some_entries = select(t.entries).where(ours, entries.key.in_(bindparam("keys", expanding=True)))
        self.entries_about = select(t.entries).where(
            ours,
            entries.key.in_(
                select(about.entry).where(
                    about.lender == bindparam("lender"), about.loan_id.in_(bindparam("loan_ids", expanding=True))
                )
            ),
        )
        self.all_entries = select(t.entries).where(ours)
        self.entries_in = self.all_entries.where(entries.state.in_(bindparam("states", expanding=True)))
        self.holders = select(touches.touch, touches.entry).where(
            touches.lender == bindparam("lender"), touches.touch.in_(bindparam("touches", expanding=True))
        )
        self.drop_touch = delete(t.touches).where(
            touches.lender == bindparam("lender"),
            touches.touch == bindparam("named"),
            touches.entry == bindparam("holder"),
        )
        order = (entries.priority.desc(), entries.not_before, entries.key)
        self.due = (
            select(t.entries)
            .where(ours, entries.state == State.WAITING.value, entries.not_before <= bindparam("now"))
            .order_by(*order)
            .limit(bindparam("limit"))
        )
        self.left_behind = [
            select(t.entries)
            .where(ours, entries.state == state.value, entries.lease_until <= bindparam("now"))
            .order_by(*order)
            .limit(bindparam("limit"))
            for state in sorted(HELD)
        ]
        changed = (
            "not_before",
            "state",
            "tries",
            "tried_at",
            "result",
            "reason",
            "reference",
            "until",
            "allowance",
            "lead",
        )
        # SQLAlchemy would set a column to a parameter that has the column's name.
        one = update(t.entries).where(entries.lender == bindparam("of_lender"), entries.key == bindparam("of_key"))
        self.lease = one.values(
            {name: bindparam(f"new_{name}") for name in ("state", "token", "worker", "lease_until")}
        )
        self.move = one.values({name: bindparam(f"new_{name}") for name in (*changed, "worker", "lease_until")})

    def _ledger(self, t: Tables) -> None:
        contacts, under = t.contacts.c, t.under.c
        self.some_contacts = select(contacts.id, contacts.recorded_at, contacts.body).where(
            contacts.lender == bindparam("lender"), contacts.id.in_(bindparam("ids", expanding=True))
        )
        contact = upsert(t.contacts)
        self.put_contact = contact.on_conflict_do_update(
            index_elements=["lender", "id"],
            set_={name: contact.excluded[name] for name in ("at", "recorded_at", "body")},
        )
        self.add_under = insert(t.under)
        self.drop_under = delete(t.under).where(
            under.lender == bindparam("lender"),
            under.key == bindparam("cap_key"),
            under.at == bindparam("was_at"),
            under.contact == bindparam("name"),
        )
        self.history = select(contacts.id, contacts.at, contacts.body).where(
            contacts.lender == bindparam("lender"),
            contacts.id.in_(
                select(under.contact).where(
                    under.lender == bindparam("lender"),
                    under.key.in_(bindparam("keys", expanding=True)),
                    under.at >= bindparam("since"),
                )
            ),
        )

    def _vault(self, t: Tables) -> None:
        owners, kept = t.owners.c, t.kept.c
        an_owner = and_(owners.lender == bindparam("lender"), owners.owner == bindparam("named"))
        self.owner = select(owners.tag, owners.key).where(an_owner)
        self.owner_tagged = select(owners.tag, owners.key).where(
            owners.lender == bindparam("lender"), owners.tag == bindparam("named")
        )
        self.add_owner = insert(t.owners)
        self.drop_owner = delete(t.owners).where(an_owner)
        self.keep = upsert(t.kept).on_conflict_do_nothing(index_elements=["lender", "digest"])
        self.look = select(kept.value).where(kept.lender == bindparam("lender"), kept.digest == bindparam("digest"))
        self.forget = (
            update(t.kept)
            .where(kept.lender == bindparam("of_lender"), kept.tag == bindparam("of_tag"), kept.value.is_not(None))
            .values(value=None)
        )
