//go:build planted

package planted

import "os"

var (
	AnswerBeforeFsync = is("answer-before-fsync")
	TouchUpserts      = is("touch-as-upsert")
	SweepUnlooked     = is("sweep-without-second-look")
	LateByOne         = is("deadline-off-by-one")
	EndsForgotten     = is("ends-forgotten")
	FailedFileTrusted = is("failed-file-trusted")
	ReserveNotKept    = is("reserve-not-kept")
	BackupUnmarked    = is("backup-unmarked")
	UnknownServed     = is("unknown-id-served")
)

func is(name string) bool { return os.Getenv("PLANTED_BUG") == name }
