package postgres_test

import (
	"database/sql"
	"strings"
	"testing"

	"pagesession/internal/testkit/postgres"
)

// One server for both, because a start takes seconds.
func TestServer(t *testing.T) {
	s := postgres.New(t)
	t.Run("databases are separate", func(t *testing.T) { databasesAreSeparate(t, s) })
	t.Run("killed servers keep their data", func(t *testing.T) { killedServersKeepData(t, s) })
}

func killedServersKeepData(t *testing.T, s *postgres.Server) {
	url := s.Database(t)
	query(t, url, "CREATE TABLE kept (n BIGINT)")
	ends := []struct {
		name string
		do   func(testing.TB)
	}{{"stopped", s.Stop}, {"killed", s.Kill}}
	for i, end := range ends {
		query(t, url, "INSERT INTO kept VALUES (1)")
		end.do(t)
		if err := try(url, "SELECT 1"); err == nil {
			t.Errorf("%s: a query = nil; want an error", end.name)
		}
		s.Start(t)
		if got, want := query(t, url, "SELECT count(*)::text FROM kept"), strings.Repeat("I", i+1); len(want) != int(got[0]-'0') {
			t.Errorf("%s: %s rows; want %d", end.name, got, len(want))
		}
	}
}

func databasesAreSeparate(t *testing.T, s *postgres.Server) {
	one, two := s.Database(t), s.Database(t)
	query(t, one, "CREATE TABLE kept (n BIGINT)")
	if err := try(two, "SELECT * FROM kept"); err == nil {
		t.Error("the second database has the table of the first")
	}
	if got := query(t, two, "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user"); got != "false" {
		t.Errorf("superuser: %s; want an owner without further rights", got)
	}
	if got := query(t, two, "SELECT ('B' < 'a')::text"); got != "false" {
		t.Errorf("'B' < 'a' is %s; want a collation that differs from byte order", got)
	}
}

func try(url, statement string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.Exec(statement)
	return err
}

// query returns the first column of the first row, or "" without rows.
func query(t *testing.T, url, statement string) (got string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRow(statement).Scan(&got)
	if err != nil && err != sql.ErrNoRows {
		t.Fatalf("%s: %v", statement, err)
	}
	return got
}
