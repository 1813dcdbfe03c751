package account_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"pagesession/internal/testkit/postgres"
)

// cluster is the PostgreSQL of all tests in this package.
var cluster postgres.Cluster

// postgresEnv makes open use a database of PostgreSQL. Its value is not used.
const postgresEnv = "PAGESESSION_TEST_ACCOUNTS_POSTGRES"

// ofSQLite are the tests about SQLite's file.
const ofSQLite = "^Test(File_|Open_|Crash_|Takeover_|Move_|Postgres|Argon2id|Hash|CheckPassword|ReadDjango|WatchDjango|Throttle_)|_DiskFull$"

// All other tests hold with PostgreSQL, too.
func TestPostgres_SameSuite(t *testing.T) {
	if os.Getenv(postgresEnv) != "" {
		t.Skip("this is the suite")
	}
	cluster.Server(t) // skips the test where there is none
	args := []string{"-test.skip=" + ofSQLite}
	if testing.Short() {
		args = append(args, "-test.short")
	}
	if testing.Verbose() {
		args = append(args, "-test.v")
	}
	suite := exec.Command(os.Args[0], args...)
	suite.Env = append(os.Environ(), postgresEnv+"=1")
	out, err := suite.CombinedOutput()
	if err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if !strings.Contains(string(out), "PASS") {
		t.Errorf("no test ran:\n%s", out)
	}
}
