package account

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
)

// noteProgram notes the version of the program that brought the tables to their schema, so that an
// older one, which refuses them, can name the version that is needed.
func noteProgram(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('program', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", program())
	return err
}

// program returns the version of this program.
func program() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// newerSchema is ErrNewerFormat for tables with the schema now, in one that knows up to newest.
func newerSchema(ctx context.Context, db *sql.DB, now, newest int64) error {
	by := ""
	if err := db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'program'").Scan(&by); err == nil {
		by = fmt.Sprintf(", made by pagesession %.60q", by)
	}
	return fmt.Errorf("%w (schema %d%s; this version knows up to %d); use that version or a newer one", ErrNewerFormat, now, by, newest)
}
