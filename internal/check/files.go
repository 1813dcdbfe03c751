package check

import "fmt"

func brokenFolder(f Facts, say report) {
	if f.Files.Broken != "" {
		say("The server cannot use its data folder: "+f.Files.Broken+".", "Correct that, or choose another folder with --data-dir.")
	}
}

func linkedFiles(f Facts, say report) {
	if f.Files.Linked != "" {
		say("A database is not a file of the data folder's own: "+f.Files.Linked+".", "Do that, so that the server writes only to its own folder.")
	}
}

func foreignFiles(f Facts, say report) {
	for _, name := range f.Files.Foreign {
		say(fmt.Sprintf("%q belongs to another user than the server's, who has the number %d.", name, f.Files.Owner),
			fmt.Sprintf("chown %d %q, and run commands as that user or beside the running server.", f.Files.Owner, name))
	}
}

func brokenKey(f Facts, say report) {
	if f.Files.Key != "" {
		say("The signing key cannot be used: "+f.Files.Key+".", "Without it the server does not start.")
	}
}

func exposedFiles(f Facts, say report) {
	for _, name := range f.Files.Exposed {
		say(fmt.Sprintf("Other users of this machine can read %q.", name), fmt.Sprintf("chmod go= %q", name))
	}
}

func exposedSettings(f Facts, say report) {
	for _, line := range f.Settings.Exposed {
		say("A file with settings or a secret is open to other users: "+line+".", "Then change the secrets in it, unless only you have read it.")
	}
}

func unknownSettings(f Facts, say report) {
	for _, line := range f.Settings.Unknown {
		say("A variable has no effect: "+line+".", "Correct its name, or remove it.")
	}
}

// What a session takes on the disk, with the file that the next start writes beside the
// present one; and what has to be left for accounts, the audit log and backups.
const (
	diskPerSession = 1_000
	diskReserve    = 200 << 20
)

func littleSpace(f Facts, say report) {
	need := int64(f.Settings.MaxSessions)*diskPerSession - f.Disk.Used + diskReserve
	switch {
	case !f.Disk.Known:
	case f.Disk.Free < diskReserve:
		say(fmt.Sprintf("The disk of %q has only %s left. On a full disk the server refuses new sessions and sign-ins.", f.Files.Folder, size(f.Disk.Free)),
			"Free space there, or move the data folder.")
	case f.Disk.Free < need:
		say(fmt.Sprintf("The disk of %q has %s left, and %d sessions may take %s more.", f.Files.Folder, size(f.Disk.Free), f.Settings.MaxSessions, size(need)),
			"Free space there, move the data folder, or lower --max-sessions.")
	}
}

// size writes bytes as people do.
func size(n int64) string {
	switch {
	case n >= 10e9:
		return fmt.Sprintf("%d GB", n/1e9)
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	default:
		return fmt.Sprintf("%d MB", max(n, 0)/1e6)
	}
}
