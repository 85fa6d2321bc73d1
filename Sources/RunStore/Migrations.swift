import GRDB

/// The tables, version by version: a version that was published is never changed again.
enum Migrations {
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        // Times are seconds since the start of 2001, as Foundation counts: so they come back bit by bit.
        migrator.registerMigration("1") { db in
            try db.execute(sql: jobs + metrics + others)
        }
        return migrator
    }

    private static let jobs = """
        CREATE TABLE jobs (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            device TEXT NOT NULL,
            yaml TEXT NOT NULL,
            folder TEXT NOT NULL,
            state TEXT NOT NULL,
            start_mode TEXT NOT NULL,
            step INTEGER NOT NULL,
            total_steps INTEGER NOT NULL,
            seconds_per_step REAL,
            loss_video REAL,
            loss_audio REAL,
            info TEXT NOT NULL,
            queue_position INTEGER,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            started_at REAL,
            ended_at REAL,
            stop_asked_at REAL,
            is_stop_sent INTEGER NOT NULL DEFAULT 0,
            kill_asked_at REAL,
            deleted_at REAL
        ) STRICT;
        CREATE UNIQUE INDEX jobs_name ON jobs (name) WHERE deleted_at IS NULL;
        CREATE INDEX jobs_listed ON jobs (deleted_at, created_at);
        CREATE INDEX jobs_state ON jobs (state, device, queue_position);
        CREATE TABLE queues (
            device TEXT PRIMARY KEY NOT NULL,
            is_paused INTEGER NOT NULL
        ) STRICT;

        """

    private static let metrics = """
        CREATE TABLE metric_keys (
            id INTEGER PRIMARY KEY,
            job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
            name TEXT NOT NULL,
            UNIQUE (job, name)
        ) STRICT;
        CREATE TABLE metric_rows (
            key INTEGER NOT NULL REFERENCES metric_keys ON DELETE CASCADE,
            step INTEGER NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (key, step)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE metric_levels (
            key INTEGER NOT NULL REFERENCES metric_keys ON DELETE CASCADE,
            level INTEGER NOT NULL,
            bucket INTEGER NOT NULL,
            first_step INTEGER NOT NULL,
            last_step INTEGER NOT NULL,
            count INTEGER NOT NULL,
            sum REAL NOT NULL,
            low REAL NOT NULL,
            high REAL NOT NULL,
            PRIMARY KEY (key, level, bucket)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE metric_marks (
            job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
            offset INTEGER NOT NULL,
            step INTEGER NOT NULL,
            digest INTEGER NOT NULL,
            length INTEGER NOT NULL,
            PRIMARY KEY (job, offset)
        ) STRICT, WITHOUT ROWID;

        """

    private static let others = """
        CREATE TABLE samples (
            job TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
            step INTEGER NOT NULL,
            prompt_index INTEGER NOT NULL,
            kind TEXT NOT NULL,
            path TEXT NOT NULL,
            prompt TEXT NOT NULL,
            seed INTEGER NOT NULL,
            voice_distance REAL,
            voice_clip TEXT,
            PRIMARY KEY (job, step, prompt_index)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE tasks (
            id TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            created_at REAL NOT NULL,
            ended_at REAL,
            arguments TEXT NOT NULL,
            result TEXT
        ) STRICT;
        CREATE INDEX tasks_state ON tasks (state, created_at);
        CREATE INDEX tasks_created ON tasks (created_at);
        CREATE INDEX tasks_kind ON tasks (kind, created_at);
        CREATE TABLE settings (
            key TEXT PRIMARY KEY NOT NULL,
            value TEXT NOT NULL
        ) STRICT;

        """
}
