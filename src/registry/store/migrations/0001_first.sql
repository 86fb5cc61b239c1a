-- The registry's tables, for PostgreSQL and SQLite alike (BYTEA is read as BLOB there).
-- Journals and subject keys are the truth about applications. Tables marked "derived" are computed from them and can
-- be rebuilt; the others hold what is no fact about an application: offices, quotas, staff, mails on their way.

CREATE TABLE facts_of_the_store (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

-- How far each session of each stream goes: the vector that the exchange compares.
CREATE TABLE sessions (
    stream TEXT NOT NULL,
    session BYTEA NOT NULL,
    len BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    opened_at_ms BIGINT NOT NULL,
    PRIMARY KEY (stream, session)
);

CREATE TABLE records (
    stream TEXT NOT NULL,
    session BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    record BYTEA NOT NULL,
    PRIMARY KEY (stream, session, seq)
);
CREATE INDEX records_by_subject ON records (subject);

CREATE TABLE heads (
    stream TEXT NOT NULL,
    session BYTEA NOT NULL,
    len BIGINT NOT NULL,
    head BYTEA NOT NULL,
    PRIMARY KEY (stream, session, len)
);

CREATE TABLE subject_keys (
    subject BYTEA PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Derived: subjects that came with records and whose key is not here yet.
CREATE TABLE keyless (
    stream TEXT NOT NULL,
    subject BYTEA NOT NULL,
    PRIMARY KEY (stream, subject)
);
CREATE INDEX keyless_by_subject ON keyless (subject);

-- Subjects that were erased: their bodies and keys are gone and never come back.
CREATE TABLE erased (
    subject BYTEA PRIMARY KEY,
    at_ms BIGINT NOT NULL
);

-- Who shall be erased, once somebody else confirms it; who must not be, because the law wants the case kept. Reasons
-- and names lie sealed.
CREATE TABLE erasure_proposals (
    application BYTEA PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE TABLE legal_holds (
    application BYTEA PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);

-- How many months after its end a case is kept, from a day on.
CREATE TABLE retention_rules (
    valid_from TEXT PRIMARY KEY,
    months BIGINT NOT NULL,
    set_by BYTEA NOT NULL,
    at_ms BIGINT NOT NULL
);

-- Derived: one row per application. `version` is raised to lock the row while something is decided about it.
-- `conflict` is 0 where all truths agree, 1 where some differ, 2 where somebody has to act at once.
CREATE TABLE applications (
    key BYTEA PRIMARY KEY,
    version BIGINT NOT NULL,
    number_hash BYTEA UNIQUE,
    nik_hash BYTEA,
    office TEXT,
    slot_day TEXT,
    status TEXT NOT NULL,
    awaits_decision BIGINT NOT NULL,
    conflict BIGINT NOT NULL,
    -- Kinds of its facts that wait: for a newer program, or for a key.
    waiting BIGINT NOT NULL,
    held TEXT,
    closed_on TEXT,
    changed_at_ms BIGINT NOT NULL,
    summary BYTEA NOT NULL
);
CREATE INDEX applications_by_nik ON applications (nik_hash);
CREATE INDEX applications_by_day ON applications (office, slot_day);
CREATE INDEX applications_awaiting ON applications (awaits_decision, changed_at_ms);
CREATE INDEX applications_closed ON applications (closed_on);
CREATE INDEX applications_waiting ON applications (waiting);
CREATE INDEX applications_in_conflict ON applications (conflict, changed_at_ms);

-- Derived.
CREATE TABLE bills (
    code TEXT PRIMARY KEY,
    application BYTEA NOT NULL,
    amount_idr BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX bills_due ON bills (state, due_at_ms);

-- Every payment the bank reported. `state` says what became of it; rows that need a person stand on the list.
CREATE TABLE payments (
    ntpn TEXT NOT NULL,
    code TEXT NOT NULL,
    application BYTEA,
    amount_idr BIGINT NOT NULL,
    paid_at_ms BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    settled_at_ms BIGINT,
    -- How, by whom and why: sealed, because a reason may name somebody.
    settlement BYTEA,
    PRIMARY KEY (ntpn, code)
);
CREATE INDEX payments_by_code ON payments (code);
CREATE INDEX payments_by_state ON payments (state);

-- The bill each NTPN was counted for. Its key keeps two processes from counting one payment for two bills.
CREATE TABLE ntpn_counted (
    ntpn TEXT PRIMARY KEY,
    code TEXT NOT NULL
);

-- Quotas. `taken` is derived.
CREATE TABLE slots (
    id TEXT PRIMARY KEY,
    office TEXT NOT NULL,
    day TEXT NOT NULL,
    from_time TEXT NOT NULL,
    until_time TEXT NOT NULL,
    product TEXT NOT NULL,
    channel TEXT NOT NULL,
    quota BIGINT NOT NULL,
    taken BIGINT NOT NULL
);
CREATE INDEX slots_by_day ON slots (office, day);

CREATE TABLE offices (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    enrolment_code BYTEA,
    enrolment_until_ms BIGINT,
    -- Who opened the code: the grant that follows is theirs.
    enrolment_by BYTEA,
    last_contact_ms BIGINT,
    clock_ahead_ms BIGINT,
    -- The latest that its clock ever said: a message that is played again says nothing later.
    said_ms BIGINT
);

-- Nodes and what is seen of them on the line. Whose they are and what they may write stands in the facts of hq/common.
CREATE TABLE nodes (
    id BYTEA PRIMARY KEY,
    keys BYTEA NOT NULL,
    software TEXT NOT NULL,
    twins_since_ms BIGINT
);

-- The processes that spoke for a node. One that was followed by another and speaks again is a second live copy.
CREATE TABLE node_processes (
    node BYTEA NOT NULL,
    process BYTEA NOT NULL,
    said_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    speaks BIGINT NOT NULL,
    returns BIGINT NOT NULL,
    PRIMARY KEY (node, process)
);

-- Sessions of which records were not taken: one row each, for a person. What was signed by a known node is kept whole
-- beside it (`kept`). A row goes when staff take the records in, or when the reason is gone.
CREATE TABLE aside (
    stream TEXT NOT NULL,
    session BYTEA NOT NULL,
    office TEXT NOT NULL,
    node BYTEA NOT NULL,
    why BIGINT NOT NULL,
    from_seq BIGINT NOT NULL,
    len BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    kept BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    left_aside BIGINT NOT NULL,
    PRIMARY KEY (stream, session)
);
CREATE INDEX aside_by_office ON aside (office);

CREATE TABLE aside_records (
    stream TEXT NOT NULL,
    session BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    record BYTEA NOT NULL,
    PRIMARY KEY (stream, session, seq)
);
CREATE INDEX aside_records_by_subject ON aside_records (subject);

CREATE TABLE aside_heads (
    stream TEXT NOT NULL,
    session BYTEA NOT NULL,
    len BIGINT NOT NULL,
    head BYTEA NOT NULL,
    PRIMARY KEY (stream, session, len)
);

-- Own records that an office handed back: this registry was restored from an older copy.
CREATE TABLE handed_back (
    at_ms BIGINT NOT NULL,
    office TEXT NOT NULL,
    stream TEXT NOT NULL,
    records BIGINT NOT NULL
);

-- Login, name, roles and password hash lie sealed; `id` is a keyed hash of the login.
CREATE TABLE staff (
    id BYTEA PRIMARY KEY,
    sealed BYTEA NOT NULL,
    disabled BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked_until_ms BIGINT NOT NULL
);

-- Who let whom in or shut whom out.
CREATE TABLE staff_changes (
    at_ms BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX staff_changes_by_time ON staff_changes (at_ms);

-- How the node's key rests: every change, by whichever process of the registry started with it first.
CREATE TABLE key_protections (
    protection TEXT NOT NULL,
    before TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX key_protections_by_time ON key_protections (at_ms);

CREATE TABLE staff_sessions (
    token_hash BYTEA PRIMARY KEY,
    staff BYTEA NOT NULL,
    seen_at_ms BIGINT NOT NULL
);

-- Who may call the API: only hashes of the keys are kept.
CREATE TABLE channels (
    key_hash BYTEA PRIMARY KEY,
    name TEXT NOT NULL
);

-- First answers, for requests that are repeated with the same key.
CREATE TABLE answered_once (
    once_hash BYTEA PRIMARY KEY,
    application BYTEA NOT NULL
);

-- Mails to send: one per application and matter, for ever.
CREATE TABLE mails (
    application BYTEA NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_try_at_ms BIGINT NOT NULL,
    PRIMARY KEY (application, about)
);
CREATE INDEX mails_waiting ON mails (state, next_try_at_ms);

-- What offices said in the last bundle a courier brought: where the next one to them starts. Losing it costs nothing but
-- a larger bundle.
CREATE TABLE carried (
    office TEXT PRIMARY KEY,
    said BYTEA NOT NULL
);

-- Sealed pictures: the bytes lie in files named by their hash.
CREATE TABLE blobs (
    hash BYTEA PRIMARY KEY,
    application BYTEA NOT NULL,
    office TEXT NOT NULL,
    stored BIGINT NOT NULL
);
CREATE INDEX blobs_missing ON blobs (office, stored, hash);

-- Pictures of erased persons whose files are still to be removed.
CREATE TABLE doomed_blobs (
    hash BYTEA PRIMARY KEY
);

-- A second copy of the rows that no journal speaks of, for SQLite alone: its pages have no checksums, and its integrity
-- check compares a table with its indexes. Of records and their heads chain and signature say whether they are as written.
-- sqlite: CREATE INDEX facts_of_the_store_twice ON facts_of_the_store (name, value);
-- sqlite: CREATE INDEX sessions_twice ON sessions (stream, session, len, hash, opened_at_ms);
-- sqlite: CREATE INDEX erased_twice ON erased (subject, at_ms);
-- sqlite: CREATE INDEX erasure_proposals_twice ON erasure_proposals (application, at_ms, sealed);
-- sqlite: CREATE INDEX legal_holds_twice ON legal_holds (application, at_ms, sealed);
-- sqlite: CREATE INDEX retention_rules_twice ON retention_rules (valid_from, months, set_by, at_ms);
-- sqlite: CREATE INDEX bills_twice ON bills (code, application, amount_idr, due_at_ms, state);
-- sqlite: CREATE INDEX payments_twice ON payments (ntpn, code, application, amount_idr, paid_at_ms, received_at_ms, channel, state, settled_at_ms, settlement);
-- sqlite: CREATE INDEX ntpn_counted_twice ON ntpn_counted (ntpn, code);
-- sqlite: CREATE INDEX slots_twice ON slots (id, office, day, from_time, until_time, product, channel, quota, taken);
-- sqlite: CREATE INDEX offices_twice ON offices (code, name, zone, enrolment_code, enrolment_until_ms, enrolment_by, last_contact_ms, clock_ahead_ms, said_ms);
-- sqlite: CREATE INDEX nodes_twice ON nodes (id, keys, software, twins_since_ms);
-- sqlite: CREATE INDEX node_processes_twice ON node_processes (node, process, said_ms, seen_ms, speaks, returns);
-- sqlite: CREATE INDEX aside_twice ON aside (stream, session, office, node, why, from_seq, len, hash, kept, since_ms, last_ms, left_aside);
-- sqlite: CREATE INDEX aside_records_twice ON aside_records (stream, session, seq, subject, kind, record);
-- sqlite: CREATE INDEX aside_heads_twice ON aside_heads (stream, session, len, head);
-- sqlite: CREATE INDEX handed_back_twice ON handed_back (at_ms, office, stream, records);
-- sqlite: CREATE INDEX staff_twice ON staff (id, sealed, disabled, failures, locked_until_ms);
-- sqlite: CREATE INDEX staff_changes_twice ON staff_changes (at_ms, sealed);
-- sqlite: CREATE INDEX key_protections_twice ON key_protections (protection, before, at_ms);
-- sqlite: CREATE INDEX channels_twice ON channels (key_hash, name);
-- sqlite: CREATE INDEX answered_once_twice ON answered_once (once_hash, application);
-- sqlite: CREATE INDEX mails_twice ON mails (application, about, state, tries, next_try_at_ms);
-- sqlite: CREATE INDEX carried_twice ON carried (office, said);
-- sqlite: CREATE INDEX blobs_twice ON blobs (hash, application, office, stored);
